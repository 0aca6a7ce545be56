"""Every row is held against its source's suite; what falls short is told."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recon.__main__ import main
from recon.quarantine import SHORTFALLS, suites
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.test_inputs import SOURCES, rewrite, text

HOUSE = Path(__file__).parents[2]


@pytest.fixture
def inputs(tmp_path):
    day = Day()
    day.paid("E0")
    day.paid("E1")
    day.deposited("C0")
    day.payout("A", 100_00, "00:00")
    day.credit("trace-A", 100_00)
    return write(day, tmp_path / "in")


def arguments(inputs, output):
    return [
        "check",
        "--day",
        "2026-11-19",
        "--inputs",
        f"{inputs}",
        "--output",
        f"{output}",
    ]


def set_aside(output):
    with (output / "quarantine.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_source_has_a_suite_that_both_engines_understand():
    assert set(suites()) == set(SOURCES)
    for suite in suites().values():
        for expectation in suite["expectations"]:
            assert expectation["type"] in SHORTFALLS
            assert expectation["meta"]["reason"]


def test_a_day_in_order_has_nothing_set_aside(inputs, tmp_path):
    assert main(arguments(inputs, tmp_path / "out")) == 0
    assert set_aside(tmp_path / "out") == []


def test_what_falls_short_is_named_with_its_reason_and_counted(inputs, tmp_path):
    content = text(inputs, "stripe_activity").replace(",charge,", ",=1+1,", 1)
    rewrite(inputs, "stripe_activity", content)
    assert main(arguments(inputs, tmp_path / "out")) == 1
    [cell] = set_aside(tmp_path / "out")
    place = (cell["path"], cell["row"], cell["column_name"], cell["value"])
    assert place == ("stripe_activity.csv", "1", "reporting_category", "'=1+1")
    assert cell["reason"]
    told = json.loads((tmp_path / "out" / "expectations.json").read_text())
    assert told["sources"]["stripe_activity"] == {"rows": 2, "set_aside": 1}


def test_every_bad_cell_of_a_refused_file_is_listed(inputs, tmp_path):
    content = text(inputs, "stripe_activity").replace("500.00,", "5OO.00,")
    rewrite(inputs, "stripe_activity", content)
    assert main(arguments(inputs, tmp_path / "out")) == 2
    assert [cell["row"] for cell in set_aside(tmp_path / "out")] == ["1", "2"]


def test_equal_inputs_are_set_aside_in_equal_bytes(inputs, tmp_path):
    content = text(inputs, "stripe_activity").replace(",charge,", ",odd,")
    rewrite(inputs, "stripe_activity", content)
    for name in ("one", "two"):
        main(arguments(inputs, tmp_path / name))
    for file in ("quarantine.csv", "quarantine.parquet", "expectations.json"):
        one, two = (tmp_path / name / file for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def reconciled(inputs, output):
    day = ("--day", "2026-11-19")
    status = main(["run", *day, "--inputs", f"{inputs}", "--output", f"{output}"])
    return status, json.loads((output / "summary.json").read_text())


def test_a_run_sets_nothing_aside_of_a_day_in_order(inputs, tmp_path):
    status, summary = reconciled(inputs, tmp_path / "out")
    assert (status, set_aside(tmp_path / "out"), summary["quarantine"]) == (0, [], [])
    assert {entry["quarantined_rows"] for entry in summary["inputs"]} == {0}


def test_a_run_lists_what_falls_short_and_counts_it_in_inputs_and_proofs(inputs, tmp_path):
    content = text(inputs, "stripe_activity").replace(",charge,", ",odd,", 1)
    rewrite(inputs, "stripe_activity", content)
    status, summary = reconciled(inputs, tmp_path / "out")
    [cell] = set_aside(tmp_path / "out")
    assert (status, cell["row"], cell["value"]) == (1, "1", "odd")
    [reason] = summary["quarantine"]
    assert (reason["column_name"], reason["rows"]) == ("reporting_category", 1)
    counts = {entry["source"]: entry["quarantined_rows"] for entry in summary["inputs"]}
    assert counts == dict.fromkeys(SOURCES, 0) | {"stripe_activity": 1}
    items = [proof for proof in summary["proofs"] if proof["kind"] == "itemised"]
    proved = {proof["part"]: proof["quarantined_rows"] for proof in items}
    assert proved == {"activity": 1, "payouts": 0}


def test_what_is_in_quarantine_is_judged_all_the_same(inputs, tmp_path):
    content = text(inputs, "stripe_activity").replace(",charge,", ",odd,", 1)
    rewrite(inputs, "stripe_activity", content)
    _, summary = reconciled(inputs, tmp_path / "out")
    assert summary["discrepancies"]["UNKNOWN_CATEGORY"]["count"] == 1
    assert all(proof["unexplained_minor"] == 0 for proof in summary["proofs"])


def test_a_run_that_refuses_a_file_lists_all_its_bad_cells(inputs, tmp_path):
    content = text(inputs, "stripe_activity").replace("500.00,", "5OO.00,")
    rewrite(inputs, "stripe_activity", content)
    status, summary = reconciled(inputs, tmp_path / "out")
    assert (status, list(summary["discrepancies"])) == (2, ["SOURCE_CORRUPT"])
    assert [cell["row"] for cell in set_aside(tmp_path / "out")] == ["1", "2"]


def test_of_a_file_without_cells_nobody_says_that_no_row_falls_short(inputs, tmp_path):
    rewrite(inputs, "stripe_activity", text(inputs, "stripe_activity") + '"never closed')
    status, summary = reconciled(inputs, tmp_path / "out")
    counts = {entry["source"]: entry["quarantined_rows"] for entry in summary["inputs"]}
    assert (status, counts["stripe_activity"], counts["bank_statement"]) == (2, None, 0)


def test_an_id_that_comes_twice_sets_both_rows_aside(inputs, tmp_path):
    header, first, *_ = text(inputs, "stripe_activity").splitlines()
    rewrite(inputs, "stripe_activity", f"{header}\n{first}\n{first}\n")
    reconciled(inputs, tmp_path / "out")
    cells = [(c["row"], c["column_name"]) for c in set_aside(tmp_path / "out")]
    assert cells == [("1", "balance_transaction_id"), ("2", "balance_transaction_id")]


@pytest.mark.slow
def test_great_expectations_finds_the_same_and_writes_its_pages(inputs, tmp_path):
    content = text(inputs, "stripe_activity").replace(",charge,", ",odd,", 1)
    rewrite(inputs, "stripe_activity", content)
    command = [sys.executable, "-m", "recon", *arguments(inputs, tmp_path / "out")]
    ended = subprocess.run(
        [*command, "--data-docs"], cwd=HOUSE, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1, ended.stderr
    judged = json.loads((tmp_path / "out" / "data_docs.json").read_text())
    assert judged == {source: source != "stripe_activity" for source in sorted(SOURCES)}
    pages = list((tmp_path / "out" / "data_docs").rglob("*.html"))
    assert any("odd" in page.read_text(encoding="utf-8") for page in pages)
    shutil.rmtree(tmp_path / "out")
