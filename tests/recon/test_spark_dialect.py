"""What DuckDB says in words of its own is said to Spark in words that mean the same."""

import json
import re

import pytest

from recon.engines import needs
from recon.engines.needs import demand
from recon.engines.port import Wanted
from recon.faults import WrongUsageError
from recon.memory import CARRY
from recon.rulebook import FOUND, NEAREST, PROOFS, RULES, SEVERITY, STEPS, scripts
from recon.run import reconcile
from recon.suggesting.suggest import LEFT
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import run_folder

JUDGING = [
    *scripts(STEPS)[1:],
    FOUND,
    *scripts(RULES),
    *scripts(PROOFS),
    NEAREST,
    LEFT,
    CARRY,
    SEVERITY,
]
exp = pytest.importorskip("sqlglot").exp
# The columns that Spark would name, by what is asked for.
COLUMNS = {"one": ["a", "b"], "two": ["b", "c"], "seen": ["a", "b"]}


def columns(query):
    [asked] = re.findall(r"FROM (one|two|seen)\b", query)[-1:]
    return COLUMNS[asked]


def written(sql, **macros):
    from recon.engines.spark_dialect import macro, statements, translated

    [statement] = statements(sql)
    told = {name: macro(*definition) for name, definition in macros.items()}
    return " ".join(translated(statement, told, columns).split())


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        (
            "select * from one semi join two using (b)",
            "SELECT * FROM one LEFT SEMI JOIN two USING (b)",
        ),
        (
            "select format('{} of {{{}}}', a, b) as c from one",
            (
                "SELECT ( CAST(a AS STRING) || ' of ' || '{' || CAST(b AS STRING) || '}' )"
                " AS c FROM one"
            ),
        ),
        (
            "select concat_ws(' ', a, b) as c from one",
            "SELECT CONCAT_WS(' ', CAST(a AS STRING), CAST(b AS STRING)) AS c FROM one",
        ),
        (
            "select date_diff('hour', a, b) as c from one",
            (
                "SELECT TIMESTAMPDIFF(HOUR, DATE_TRUNC('HOUR', a), DATE_TRUNC('HOUR', b))"
                " AS c FROM one"
            ),
        ),
        (
            "select epoch_us(a)::hugeint << 4 as c from one",
            (
                "SELECT ( CAST(UNIX_MICROS(CAST(a AS TIMESTAMP)) AS DECIMAL(38, 0)) * 16 )"
                " AS c FROM one"
            ),
        ),
        (
            "select regexp_full_match(a, 'x|y') as c from one",
            "SELECT a RLIKE '^(x|y)$' AS c FROM one",
        ),
        (
            "select strftime(a, '%Y-%m-%dT%H:%M:%SZ') as c from one",
            "SELECT DATE_FORMAT(a, 'yyyy-MM-dd\\'T\\'HH:mm:ss\\'Z\\'') AS c FROM one",
        ),
        (
            "create table c as select a from one order by a",
            "CREATE TABLE c USING PARQUET AS SELECT a FROM one ORDER BY a NULLS LAST",
        ),
        (
            "select a from one qualify row_number() over (order by b desc) = 1",
            "SELECT a FROM one QUALIFY ROW_NUMBER() OVER (ORDER BY b DESC) = 1",
        ),
        (
            "from one union all by name from two",
            (
                "SELECT a, b, NULL AS c FROM ( SELECT * FROM one ) AS side UNION ALL"
                " SELECT NULL AS a, b, c FROM ( SELECT * FROM two ) AS side"
            ),
        ),
        (
            "select one.* replace (b + 1 as b) from one",
            "SELECT one.a, b + 1 AS b FROM one",
        ),
        (
            "create table known_bookings as select * from one",
            (
                "CREATE TABLE known_bookings USING PARQUET AS"
                " SELECT MONOTONICALLY_INCREASING_ID() AS rowid, *"
                " FROM ( SELECT * FROM one ) AS row"
            ),
        ),
        (
            "select rowid as id, * from known_bookings",
            "SELECT rowid AS id, * EXCEPT (rowid) FROM known_bookings",
        ),
    ],
)
def test_what_is_meant_is_said_in_sparks_words(duckdb, spark):
    assert written(duckdb) == spark


def test_a_macro_is_written_out_with_what_it_is_given():
    macros = {
        "digits": (["currency"], "case currency when 'JPY' then 0 else 2 end"),
        "shown": (["minor", "currency"], "minor::varchar || digits(currency)"),
    }
    said = written("select shown(a - b, 'USD') as c from one", **macros)
    assert "CAST(( a - b ) AS STRING)" in said
    assert "'USD' ) ) WHEN 'JPY' THEN 0 ELSE 2 END" in said


@pytest.mark.parametrize("path", JUDGING, ids=lambda path: path.stem)
def test_no_script_counts_on_the_order_of_columns_that_it_does_not_name(path):
    """After a join by `using` the columns of `x.*` come in another order on Spark."""

    from recon.engines.spark_dialect import statements

    def is_by_place(query):
        held = query.parent
        return isinstance(held, exp.Union | exp.Insert) and not held.args.get("by_name")

    for statement in statements(path.read_text()):
        for select in statement.find_all(exp.Select):
            joins = any(join.args.get("using") for join in select.args.get("joins") or ())
            assert not (joins and is_by_place(select) and select.is_star), select.sql()


def test_without_the_extra_one_is_told_which_to_install(monkeypatch):
    monkeypatch.setattr(needs, "PACKAGES", ("a_package_that_nobody_has",))
    with pytest.raises(WrongUsageError, match=re.escape("escrow-platform[spark]")):
        demand(Wanted("spark"))


def test_without_java_one_is_told_what_to_do(monkeypatch, tmp_path):
    pytest.importorskip("pyspark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(WrongUsageError, match="JAVA_HOME to its folder"):
        demand(Wanted("spark"))


def test_a_cluster_needs_a_folder_that_it_shares(monkeypatch, tmp_path):
    pytest.importorskip("pyspark")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/java").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(WrongUsageError, match="--spark-work"):
        demand(Wanted("spark", "spark://somewhere:7077"))


def test_what_the_rules_rest_on_cannot_be_set_otherwise():
    with pytest.raises(WrongUsageError, match="the rules rest on true"):
        demand(Wanted("spark", settings=(("spark.sql.ansi.enabled", "false"),)))


def test_what_spark_lacks_is_told_before_an_earlier_run_is_taken_away(
    tmp_path, monkeypatch
):
    day = Day()
    inputs = write(day, tmp_path / "in")
    made = run_folder(day, inputs, tmp_path / "out").summary
    monkeypatch.setattr(needs, "PACKAGES", ("a_package_that_nobody_has",))
    with pytest.raises(WrongUsageError):
        reconcile(day.start.date(), inputs, tmp_path / "out", None, wanted=Wanted("spark"))
    assert json.loads((tmp_path / "out/summary.json").read_text()) == made
