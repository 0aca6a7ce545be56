"""What holds for every day: order does not matter, and equal inputs give equal bytes."""

import csv
import random
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon.rulebook import STEPS
from tests.recon.day import Day
from tests.recon.folder import write, write_manifest
from tests.recon.outcome import run_folder

TABLES = (
    "discrepancies.parquet",
    "discrepancies.csv",
    "matches.parquet",
    "in_transit.parquet",
)


@pytest.fixture(scope="module")
def vocabulary():
    db = duckdb.connect()
    db.execute((STEPS / "00_vocabulary.sql").read_text())
    yield db
    db.close()


def one(db, query, *parameters):
    [(value,)] = db.execute(query, list(parameters)).fetchall()
    return value


@given(minor=st.integers(-(10**27), 10**27), digits=st.sampled_from([0, 2, 6]))
def test_every_amount_survives_its_way_through_text(vocabulary, minor, digits):
    text = format(Decimal(minor).scaleb(-digits), "f")
    assert one(vocabulary, "select to_minor(?, ?)", text, digits) == minor


@given(
    minor=st.integers(-(10**27), 10**27), currency=st.sampled_from(["USD", "USDC", "JPY"])
)
def test_every_amount_is_told_with_all_its_digits(vocabulary, minor, currency):
    digits = {"USD": 2, "USDC": 6, "JPY": 0}[currency]
    told = one(vocabulary, "select in_words(?::decimal(38, 0), ?)", minor, currency)
    assert told == f"{Decimal(minor).scaleb(-digits):.{digits}f} {currency}"


@given(text=st.text(max_size=12))
def test_text_that_is_no_amount_is_never_taken_for_one(vocabulary, text):
    minor = one(vocabulary, "select to_minor(?, 2)", text)
    if minor is not None:
        assert Decimal(text).scaleb(2) == minor


def test_an_amount_beyond_every_float_round_trips(vocabulary):
    text = "12345678901234.567891"
    assert one(vocabulary, "select to_minor(?, 6)", text) == 12345678901234567891


def busy():
    """A day with a little of everything."""
    day = Day()
    for number in range(6):
        day.paid(f"E{number}", 100_00 + number, at=f"0{number + 2}:00", fee=300)
    day.activity[0] |= {"fee": "4.00", "net": "96.00"}
    day.activity[1] |= {"gross": "99.00", "net": "96.00"}
    day.row("charge", "ch_lost", 70_00, "06:00", escrow="E9")
    day.row("charge", "ch_E2", 100_02, "06:00", fee=300, escrow="E2")
    day.deposited("C1")
    day.deposited("C2", row=False)
    day.payout("A", 100_00, "-4 00:00")
    day.payout("B", 100_00, "-1 22:00")
    day.credit("RF1", 5_00)
    return day


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    day = busy()
    result = run_folder(day, write(day, folder / "in"), folder / "out")
    assert len(result.codes) >= 6
    return result


def test_equal_inputs_give_equal_bytes(reference, tmp_path):
    day = busy()
    again = run_folder(day, write(day, tmp_path / "in"), tmp_path / "out")
    for name in (*TABLES, "summary.json"):
        assert (again.folder / name).read_bytes() == (reference.folder / name).read_bytes()


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_and_columns_changes_no_byte(reference, tmp_path, seed):
    day, shuffle = busy(), random.Random(seed).shuffle
    inputs = write(day, tmp_path / f"in-{seed}")
    for rows in (day.events, day.activity, day.payouts, day.custody):
        shuffle(rows)
    inputs = write(day, inputs)
    files = {}
    for path in sorted(inputs.glob("*.csv")):
        files[path.stem] = (path, shuffled_columns(path, shuffle))
    others = {"escrow_events": len(day.events), "bank_statement": len(day.entries)}
    for source, rows in others.items():
        files[source] = (next(inputs.glob(f"{source}.*")), rows)
    write_manifest(day, inputs, files)
    result = run_folder(day, inputs, tmp_path / f"out-{seed}")
    for name in TABLES:
        assert (result.folder / name).read_bytes() == (reference.folder / name).read_bytes()
    proofs = result.summary["proofs"]
    assert proofs == reference.summary["proofs"]


def shuffled_columns(path, shuffle):
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
        names = list(rows[0]) if rows else []
    if names:
        shuffle(names)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
    return len(rows)


def test_every_discrepancy_has_an_identity_of_its_own(reference):
    ids = [row["discrepancy_id"] for row in reference.found]
    assert len(ids) == len(set(ids))


def test_a_day_that_runs_later_names_its_discrepancies_the_same(reference, tmp_path):
    day = busy()
    day.as_of = "2026-11-20T18:00:00Z"
    later = run_folder(day, write(day, tmp_path / "in"), tmp_path / "out")
    ids = {row["discrepancy_id"] for row in reference.found}
    assert ids <= {row["discrepancy_id"] for row in later.found}
    assert later.summary["run_id"] != reference.summary["run_id"]
