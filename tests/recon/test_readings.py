"""Readings of the contract that a day made elsewhere brought to light."""

import json

import duckdb
import pytest

from recon.__main__ import main
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import only, run, run_folder


@pytest.fixture
def day():
    day = Day()
    day.paid("E0")
    return day


def test_a_deposit_of_an_unknown_transaction_that_two_bookings_fit_is_ambiguous(
    day, tmp_path
):
    for name in ("C1", "C2"):
        day.deposited(name, at="06:00", row=False)
        day.events[-2]["payload"]["chain_ref"] = {
            "chain_id": 8453,
            "tx_hash": f"0x{name}",
            "log_index": 1,
        }
    day.chain_row("lost", 20_000_000_000, "06:00")
    result = run(day, tmp_path)
    only(result, "AMBIGUOUS", provider_ref="lost", subject="vault-test")
    assert {row["provider_ref"] for row in result.table("in_transit")} == {"in-C1", "in-C2"}


@pytest.mark.parametrize("outside", ["../{}", "{folder}/{}"])
def test_a_path_that_leads_out_of_the_folder_is_refused(day, tmp_path, outside):
    inputs = write(day, tmp_path / "in")
    manifest = json.loads((inputs / "manifest.json").read_text())
    [file] = [file for file in manifest["files"] if file["source"] == "stripe_summary"]
    (inputs / file["path"]).rename(tmp_path / file["path"])
    file["path"] = outside.format(file["path"], folder=tmp_path)
    (inputs / "manifest.json").write_text(json.dumps(manifest))
    result = run_folder(day, inputs, tmp_path / "out")
    row = only(result, "SOURCE_CORRUPT", subject="stripe_summary")
    assert result.exit_status == 2
    assert "leads out of the manifest's folder" in row["explanation"]


@pytest.mark.parametrize("table", ["runs (business_date date)", "customers (name varchar)"])
def test_a_state_that_holds_other_tables_is_wrong_usage_and_stays_as_it_is(
    day, tmp_path, capsys, table
):
    inputs = write(day, tmp_path / "in")
    state = tmp_path / "other.duckdb"
    with duckdb.connect(str(state)) as db:
        db.execute(f"create table {table}")
    options = ["run", "--day", day.date, "--inputs", inputs, "--output", tmp_path / "out"]
    assert main([str(option) for option in [*options, "--state", state]]) == 64
    assert "other tables" in capsys.readouterr().err
    with duckdb.connect(str(state)) as db:
        assert len(db.execute("from duckdb_tables()").fetchall()) == 1


def test_a_restated_trace_covers_its_deposit_on_later_days_too(tmp_path):
    state = tmp_path / "state.duckdb"
    for ago, date in enumerate(("2026-11-18", "2026-11-19", "2026-11-20")):
        day = Day(date=date)
        trace = "another" if ago else "trace-A"
        day.payout("A", 100_00, f"-{ago} 00:00", trace_id=trace)
        day.credit("trace-A", 100_00, -ago)
        result = run(day, tmp_path, state)
    only(result, "PROVIDER_RESTATEMENT", subject="po_A")
