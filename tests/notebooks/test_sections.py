"""What a reader sees first is the verdict, and it never flatters."""

import pytest

from recon import notebook
from recon.__main__ import main as command
from recon.pages.advice import NEXT_STEP
from recon.pages.controls import CONTROLS
from recon.rulebook import rules
from tests.notebooks import made
from tests.recon.day import Day
from tests.recon.outcome import run as reconciled


def banner(folder):
    return notebook.banner(notebook.load(folder)).text


def test_a_clean_day_is_green_and_says_so(tmp_path):
    text = banner(made.run(tmp_path, proofs=[made.proof()]))
    assert "banner good" in text
    assert "✓" in text
    assert "RECONCILED" in text


def test_exceptions_are_added_up_by_currency(tmp_path):
    token = made.discrepancy("WRONG_TOKEN", 1_500_000, 0, currency="USDC")
    silent = made.discrepancy("ILLEGAL_TRANSITION", None, None, currency=None)
    text = banner(made.run(tmp_path, discrepancies=[made.discrepancy(), token, silent]))
    assert "EXCEPTIONS: 3 discrepancies open" in text
    assert "0.01 USD in 1 discrepancy (-0.01 USD net)" in text
    assert "1.500000 USDC in 1 discrepancy (-1.500000 USDC net)" in text
    assert "1 discrepancy without an amount" in text


def test_a_day_without_its_inputs_is_never_green_and_not_to_be_signed(tmp_path):
    fault = made.discrepancy("SOURCE_MISSING", None, None, currency=None, rail=None)
    run = notebook.load(made.run(tmp_path, discrepancies=[fault], verdict="INCOMPLETE"))
    text = notebook.banner(run).text
    assert "INCOMPLETE INPUT" in text
    assert "good" not in text
    assert "Not to be signed" in notebook.sign_off(run).text


def test_a_proof_that_was_not_possible_takes_the_green_away(tmp_path):
    impossible = made.proof(difference=None, own_funds_minor=None)
    text = banner(made.run(tmp_path, proofs=[impossible]))
    assert "good" not in text
    assert "was not possible" in text


def test_a_control_whose_proof_was_not_possible_does_not_hold(tmp_path):
    impossible = made.proof(difference=None, own_funds_minor=None)
    run = notebook.load(made.run(tmp_path, proofs=[impossible, made.proof("bank")]))
    results = {row["Control"]: row["Result"] for row in notebook.controls(run).rows}
    assert results["Is client money whole?"] == "NOT POSSIBLE"
    assert results["Do the exports tie out?"] == "holds"


def test_nothing_found_is_not_the_same_as_not_looked(tmp_path):
    clean = notebook.load(made.run(tmp_path / "clean"))
    blind = notebook.load(
        made.run(tmp_path / "blind", verdict="INCOMPLETE", match_rates=[])
    )
    for table in (notebook.bridge, notebook.in_transit, notebook.pairs, notebook.settled):
        assert "Not judged" not in table(clean)._repr_html_()
        assert "Not judged" in table(blind)._repr_html_()
    assert "Not judged" in notebook.held_against_owed(blind).text
    assert "Not judged" in notebook.confirmed_shares(blind).text


def test_text_of_a_provider_is_shown_and_never_obeyed(tmp_path):
    evil = "<script>alert(1)</script>"
    row = made.discrepancy(explanation=evil, subject=evil, nearest_candidate=evil)
    run = notebook.load(made.run(tmp_path, discrepancies=[row], run_id=evil))
    shown = notebook.findings(notebook.discrepancies(run))._repr_html_()
    for html in (shown, notebook.scope(run).text, notebook.banner(run).text):
        assert "<script>" not in html
    assert "&lt;script&gt;" in shown


def test_the_scope_names_everything_a_second_run_would_need(tmp_path):
    text = notebook.scope(
        notebook.load(made.run(tmp_path, parameters={"cut_off": "60 min"}))
    ).text
    for part in ("2026-11-19", "2026-11-20 12:00:00 UTC", "run_1", "0123456789abcdef"):
        assert part in text
    assert "6 of 6 announced" in text
    assert "60 min" in text


def test_every_file_of_the_run_is_linked(tmp_path):
    folder = made.run(tmp_path)
    (folder / "alerts").mkdir()
    (folder / "alerts" / "slack a#1.json").write_text("{}")
    text = notebook.files(notebook.load(folder)).text
    assert 'href="./alerts/slack%20a%231.json"' in text
    assert 'href="./summary.json"' in text


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_every_code_has_a_next_step(rule):
    assert NEXT_STEP[rule.code].endswith(".")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_every_code_is_under_exactly_one_control(rule):
    assert sum(rule.code in control.codes for control in CONTROLS) == 1


def test_a_control_that_does_not_hold_leads_to_its_discrepancies(tmp_path):
    run = notebook.load(made.run(tmp_path, discrepancies=[made.discrepancy()]))
    controls = notebook.controls(run)
    [broken] = [row for row in controls.rows if row["Result"] != "holds"]
    assert (broken["Exceptions"], broken["Result"]) == (1, "EXCEPTIONS")
    assert 'href="#code-AMOUNT_MISMATCH"' in broken["Codes"].text
    assert notebook.are_all_controlled(controls, run)
    findings = notebook.findings(notebook.discrepancies(run))._repr_html_()
    assert 'id="code-AMOUNT_MISMATCH"' in findings


def test_a_code_of_a_later_version_is_under_a_control_too(tmp_path):
    run = notebook.load(made.run(tmp_path, discrepancies=[made.discrepancy("NOVEL")]))
    assert notebook.are_all_controlled(notebook.controls(run), run)


def test_of_a_day_that_was_not_judged_no_control_holds_but_that_of_the_inputs(tmp_path):
    fault = made.discrepancy("SOURCE_MISSING", None, None, currency=None, rail=None)
    run = notebook.load(made.run(tmp_path, discrepancies=[fault], verdict="INCOMPLETE"))
    results = {row["Result"] for row in notebook.controls(run).rows}
    assert results == {"EXCEPTIONS", "not judged"}


def test_what_was_open_too_long_for_its_severity_is_to_be_escalated(tmp_path):
    grave = made.discrepancy(severity="CRITICAL", age_hours=25, discrepancy_id="dsc_a")
    minor = made.discrepancy("FEE_VARIANCE", severity="LOW", age_hours=25)
    run = notebook.load(made.run(tmp_path, discrepancies=[grave, minor]))
    assert "1 to escalate" in notebook.escalations(run).text
    shown = {row["Severity"]: row["Escalate"] for row in notebook.oldest(run).rows}
    assert shown == {"CRITICAL": "YES", "LOW": "no"}


def test_the_largest_are_ranked_within_their_currency(tmp_path):
    rows = [
        made.discrepancy("A", 0, 5_00, discrepancy_id="dsc_1"),
        made.discrepancy("B", 0, -9_00, discrepancy_id="dsc_2"),
        made.discrepancy("C", 0, 7_000_000, currency="USDC", discrepancy_id="dsc_3"),
    ]
    run = notebook.load(made.run(tmp_path, discrepancies=rows))
    ranked = [row["Code"].text for row in notebook.largest(run).rows]
    assert [text[text.index(">") + 1] for text in ranked] == ["B", "A", "C"]


def test_signatures_and_altered_files_are_shown(tmp_path):
    folder = reconciled(Day(), tmp_path).folder
    before = notebook.load(folder)
    assert "Nobody has signed yet" in notebook.sign_off(before).text
    assert "the chain of hashes follows" in notebook.evidence_holds(before).text
    signed = ["sign", str(folder), "--as", "preparer", "--name", "A. <Analyst>"]
    assert command([*signed, "--note", "looked through"]) == 0
    text = notebook.sign_off(before).text
    assert "preparer <strong>A. &lt;Analyst&gt;</strong>" in text
    assert "looked through" in text
    (folder / "discrepancies.csv").write_text("altered")
    assert "ALTERED since the run" in notebook.evidence_holds(before).text


def test_what_is_handed_out_is_linked_and_explained(tmp_path):
    text = notebook.exports(notebook.load(made.run(tmp_path))).text
    assert 'href="./matches.parquet"' in text
    assert "xlsx" not in text, "this run has left none"
