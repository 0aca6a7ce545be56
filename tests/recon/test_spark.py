"""Spark, which executes the same rule files, says what DuckDB says, to the byte."""

import json
import os
from datetime import date

import duckdb
import pytest

from recon.engines.needs import demand
from recon.engines.port import USUAL, Wanted
from recon.evidence import results
from recon.evidence.verify import compare
from recon.faults import WrongUsageError
from recon.rulebook import STEPS, rules, scripts
from recon.run import reconcile
from tests.recon.folder import write
from tests.recon.golden.book import FORMS, SOURCE_CODES, a_clean_day, drawn, golden_day
from tests.recon.golden.book import finished as finished_day
from tests.recon.golden.score import finished_before

# A test is short: what the compiler would win it takes, and so does looking again at plans.
HASTY = (
    ("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"),
    ("spark.driver.memory", "1g"),
    ("spark.sql.adaptive.enabled", "false"),
    ("spark.sql.codegen.factoryMode", "NO_CODEGEN"),
    ("spark.sql.codegen.wholeStage", "false"),
    ("spark.sql.shuffle.partitions", "1"),
)
SPARK = Wanted("spark", "local[2]", settings=HASTY)
# A day takes Spark minutes: in CI it executes the one that says most.
IS_SHORT = "CI" in os.environ
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]


@pytest.fixture(scope="module", autouse=True)
def session():
    """One session for all days: beginning one takes longer than some of them."""
    try:
        demand(SPARK)
    except WrongUsageError as error:
        pytest.skip(str(error))
    from recon.engines.spark_session import session

    with session(SPARK) as spark:
        yield spark


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Reconciles inputs on either engine; the folders of both runs."""

    def reconciled(day, inputs, name, states=None, engine=SPARK):
        runs = []
        for which, wanted in (("usual", USUAL), ("spark", engine)):
            output = tmp_path_factory.mktemp(f"{name}-{which}")
            state = states and states / f"{which}.duckdb"
            reconcile(date.fromisoformat(day), inputs, output, state, wanted=wanted)
            runs.append(output)
        return runs

    return reconciled


@pytest.fixture(scope="module")
def days_with_state(both, tmp_path_factory):
    """A day of all codes after a day that knows something of it, with what was recalled."""
    folder = tmp_path_factory.mktemp("days")
    forms = drawn(5, share=1)
    golden = golden_day(forms, seed=5, stories=a_clean_day(5))
    runs = []
    for day, name in ((finished_before(golden.day.before), "before"), (None, "day")):
        told = day or finished_day(golden.day)
        inputs = write(told, folder / name)
        engine = USUAL if IS_SHORT and name == "before" else SPARK
        runs.append(both(told.date, inputs, name, folder, engine))
    return runs


def same(runs):
    """Hold all results together: the bytes of every file, but for the name of the run."""
    usual, spark = runs
    for name in results():
        # These name the run; what they tell is in the others.
        if name not in {"summary.json", "changes.json"} and not name.startswith("alerts/"):
            assert (usual / name).read_bytes() == (spark / name).read_bytes(), name
    summaries = [json.loads((run / "summary.json").read_text()) for run in runs]
    for summary in summaries:
        del summary["run_id"]
        summary.pop("replaces", None)
    assert summaries[0] == summaries[1]
    return summaries[0]


def test_a_day_of_all_codes_is_the_same_on_spark(days_with_state):
    _, runs = days_with_state
    found = same(runs)["discrepancies"]
    # There is too much or too little at a provider, and not both.
    assert set(FORMS) - set(found) == {*SOURCE_CODES, "SAFEGUARDING_SHORTFALL"}


@pytest.mark.skipif(IS_SHORT, reason="CI takes the day of all codes alone to Spark")
def test_a_day_without_a_discrepancy_is_the_same_on_spark(days_with_state):
    before, _ = days_with_state
    assert same(before)["verdict"] == "RECONCILED"


def test_what_a_day_leaves_for_the_next_is_the_same_on_spark(days_with_state):
    _, runs = days_with_state
    usual, spark = (
        json.loads((run / "evidence/parameters.json").read_text()) for run in runs
    )
    assert usual["state_digest_before"] == spark["state_digest_before"]


def test_the_evidence_holds_what_spark_executed_and_nobody_altered_it(days_with_state):
    _, (_, run) = days_with_state
    said = (run / "evidence/translated/spark.sql").read_text()
    judged = [rule.name for rule in rules() if rule.phase != "sources"]
    assert [name for name in judged if f"-- rules/{name}.sql\n" not in said] == []
    assert not [each for each in compare(run, None, None) if each.is_fault]


def test_a_day_that_is_incomplete_is_the_same_on_spark(both, tmp_path):
    inputs = write(finished_day(golden_day([]).day), tmp_path / "in")
    (inputs / "manifest.json").unlink()
    assert same(both("2026-11-19", inputs, "incomplete"))["verdict"] == "INCOMPLETE"


# What the two engines say of the same words; the first column says it without them.
SAME_WORDS = {
    "hours by their borders": (
        "2",
        "date_diff('hour', timestamp '2026-11-19 01:59:59', m)",
    ),
    "an amount in words": ("'-0.07 USD'", "in_words(-7::decimal(38, 0), 'USD')"),
    "one of 38 digits": (
        "'99999999999999999999999999999999.999999 USDC'",
        f"in_words({'9' * 38}::decimal(38, 0), 'USDC')",
    ),
    "its major units": ("123456", "in_major(-12345678::decimal(38, 0), 'USD')"),
    "less than one": ("0", "in_major(99::decimal(38, 0), 'USD')"),
    "null in a sentence": ("null", "format('{} of {}', 'a', null)"),
    "a moment in a key": ("'a 2026-11-19 03:00:00.5'", "concat_ws(' ', 'a', null, m)"),
    "a moment told": ("'2026-11-19T03:00:00Z'", "strftime(m, '%Y-%m-%dT%H:%M:%SZ')"),
    "a digest": (
        "'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'",
        "sha256('x')",
    ),
    "128 bits": ("1795057200500000", "epoch_us(m)::hugeint << 0"),
    "the greatest known": ("2", "greatest(1, null, 2)"),
}


@pytest.mark.parametrize("name", SAME_WORDS)
def test_the_same_words_mean_the_same_on_both_engines(session, name):
    from recon.engines.spark import macros_of
    from recon.engines.spark_dialect import statements, translated

    meant, words = SAME_WORDS[name]
    db = duckdb.connect()
    db.execute(scripts(STEPS)[0].read_text())
    macros = macros_of(db)
    moment = "select timestamp '2026-11-19 03:00:00.5' as m"
    sql = f"select ({words})::varchar as said from ({moment}) as moments"
    [statement] = statements(sql)
    [row] = session.sql(translated(statement, macros, lambda _: [])).collect()
    expected = None if meant == "null" else meant.strip("'")
    assert db.execute(sql).fetchone() == (expected,)
    assert row.said == expected


def test_a_sum_that_does_not_fit_is_an_error_and_never_null(session):
    most = "9" * 38
    with pytest.raises(Exception, match=r"NUMERIC_VALUE_OUT_OF_RANGE|OVERFLOW"):
        session.sql(
            f"select sum(m) from values (cast({most} as decimal(38, 0))), (1) as t(m)"
        ).collect()
