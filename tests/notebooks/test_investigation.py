"""One discrepancy's page tells its whole story, from the very files that the run met."""

import json
from decimal import Decimal

import pytest

from recon import notebook
from recon.__main__ import main as command
from recon.pages.run import NoRunError
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import run_folder


def broken():
    """A charge that the provider shows under another reference, and one that agrees."""
    day = Day()
    day.paid("E0", 100_00)
    day.paid("E1", 50_00)
    day.activity[0] |= {"source_id": "ch_other"}
    return day


def reconciled(folder, day, state, name):
    """A run and its inputs, laid out as the daily job keeps them."""
    place = folder / day.date
    inputs = write(day, place / f"inputs-{name}")
    result = run_folder(day, inputs, place / name, state)
    (place / "latest").write_text(f"{name}\n")
    return result, inputs


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Two days: the break is found on the first and carried over the second."""
    root = tmp_path_factory.mktemp("root")
    state = root / "state.duckdb"
    reconciled(root, broken(), state, "first")
    following = Day(date="2026-11-20")
    following.paid("E2", 70_00)
    reconciled(root, following, state, "second")
    return root


@pytest.fixture(scope="module")
def case(root):
    """The missing charge, as the day that found it tells it."""
    place = root / "2026-11-19"
    id = missing(place / "first")["discrepancy_id"]
    return notebook.load_case(id, place / "first", place / "inputs-first", "", root)


def missing(run):
    rows = notebook.load(run).discrepancies
    [row] = [row for row in rows if row["code"] == "MISSING_AT_PROVIDER"]
    return row


def test_the_timeline_has_every_side_in_the_order_of_time(case):
    rows = notebook.timeline(case).rows
    assert [row["When (UTC)"] for row in rows] == sorted(row["When (UTC)"] for row in rows)
    assert {row["Who"] for row in rows} == {
        "we booked",
        "the provider shows",
        "the reconciliation finds",
    }
    assert any(row["Result"] == "has no row" for row in rows)


def test_the_nearest_candidate_is_shown_with_the_gate_that_it_fails(case):
    gates = {row["Kept apart by"]: row for row in notebook.failed_gates(case).rows}
    gate = gates["the provider's reference"]
    assert (gate["We say"], gate["The provider says"]) == ("ch_E0", "ch_other")


def test_what_it_says_is_what_the_run_has_published(case):
    assert notebook.tells_what_the_run_found(case)
    assert notebook.pairs_are_the_runs(case)
    assert notebook.differences_follow(case)


def test_a_cent_that_the_run_did_not_publish_is_noticed(case):
    id = case.found[0]["discrepancy_id"]
    [line] = [line for line in case.story.lines if line["id"] == id]
    line["amount_minor"] += 1
    assert not notebook.tells_what_the_run_found(case)
    line["amount_minor"] -= 1


def test_it_says_what_is_to_be_done_and_how_it_is_settled(case):
    text = notebook.what_to_do(case).text
    assert "Search the provider for the reference" in text
    assert f"--settle {case.found[0]['discrepancy_id']}" in text


def test_what_is_carried_is_told_with_the_day_that_found_it(root):
    place = root / "2026-11-20"
    id = missing(place / "second")["discrepancy_id"]
    given = (place / "second", place / "inputs-second", root / "state.duckdb", root)
    carried = notebook.load_case(id, *given)
    what = [row["What"] for row in notebook.timeline(carried).rows]
    assert "PaymentSucceeded" in what, "the second day's files no longer hold it"
    days = notebook.case_days(carried).rows
    assert [row["State"] for row in days] == ["OPEN", "OPEN"]
    assert {row["Expected"] for row in days} == {Decimal("100.00")}


def test_figures_lead_to_the_rows_that_the_run_read(root):
    run = notebook.load(root / "2026-11-19" / "first")
    [rows, *_] = [row["Rows"] for row in notebook.roll_forward(run).rows]
    assert 'href="./../inputs-first/stripe_activity.csv"' in rows.text
    [file] = [
        row["File"]
        for row in notebook.inputs(run).rows
        if row["Source"] == "bank_statement"
    ]
    assert 'href="./../inputs-first/' in file.text


def test_an_escrow_is_told_with_all_that_was_found_of_it(root):
    place = root / "2026-11-19"
    case = notebook.load_case("E0", place / "first", place / "inputs-first")
    assert {row["subject"] for row in case.found} == {"E0"}


def test_an_escrow_that_agrees_has_a_story_without_findings(root):
    place = root / "2026-11-19"
    case = notebook.load_case("E1", place / "first", place / "inputs-first")
    assert "NO DISCREPANCY" in notebook.case_banner(case).text
    [pair] = [row for row in notebook.case_pairs(case).rows if row["Reference"] == "ch_E1"]
    assert pair["Booked"] == pair["At the provider"] == Decimal("50.00")
    assert notebook.pairs_are_the_runs(case)


@pytest.mark.parametrize("id", ["nobody", "dsc_"])
def test_an_id_that_is_none_or_several_is_refused(root, id):
    place = root / "2026-11-19"
    with pytest.raises(NoRunError, match="called|more than one"):
        notebook.load_case(id, place / "first", place / "inputs-first")


def test_files_that_the_run_did_not_meet_are_refused(root):
    first, second = root / "2026-11-19", root / "2026-11-20"
    with pytest.raises(NoRunError, match="other inputs"):
        notebook.load_case("E0", first / "first", second / "inputs-second")


def test_a_missing_source_has_facts_and_no_story(tmp_path):
    (tmp_path / "in").mkdir()
    day = Day()
    inputs = write(day, tmp_path / "in")
    (inputs / "stripe_payouts.csv").unlink()
    result = run_folder(day, inputs, tmp_path / "out")
    case = notebook.load_case("stripe_payouts", result.folder, inputs)
    assert case.story is None
    assert "SOURCE_MISSING" in notebook.case_banner(case).text
    assert "No record" in notebook.timeline(case)._repr_html_()


@pytest.mark.slow
def test_the_command_finds_run_and_inputs_under_the_root(root, capsys):
    id = missing(root / "2026-11-20" / "second")["discrepancy_id"]
    assert command(["investigate", id, "--root", str(root)]) == 0
    page = root / "2026-11-20" / "second" / "investigations" / f"{id}.html"
    html = page.read_text(encoding="utf-8")
    assert "✓ Checked to the minor unit" in html
    assert 'href="../../../2026-11-19/first/summary.json"' in html
    assert 'href="../summary.json"' in html
    assert str(page) in capsys.readouterr().out
    executed = json.loads(page.with_suffix(".ipynb").read_text())
    assert executed["metadata"]["papermill"]["parameters"]["discrepancy_id"] == id


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "give --root, or --run and --inputs"),
        (["--run", "out"], "give --root, or --run and --inputs"),
        (["--root", "nowhere"], "holds no run that names"),
        (["--root", "nowhere", "--run", "out"], "by itself"),
    ],
)
def test_a_call_that_lacks_something_says_what(given, says, capsys):
    assert command(["investigate", "dsc_1", *given]) == 64
    assert says in capsys.readouterr().err
