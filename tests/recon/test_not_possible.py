"""A proof that the inputs leave no means to make is told beside every verdict."""

import json

import pytest

from recon.__main__ import main
from tests.recon.day import Day
from tests.recon.folder import write


@pytest.fixture
def told(tmp_path, capsys):
    """A day in order whose manifest states no position: what it said, and its folder."""
    day = Day(positions=False)
    day.paid("E0")
    day.deposited("C0")
    inputs = write(day, tmp_path / "in")
    named = ("--inputs", f"{inputs}", "--output", f"{tmp_path / 'out'}")
    assert main(["run", "--day", "2026-11-19", *named]) == 0
    return capsys.readouterr().out, tmp_path / "out"


def read(folder, name):
    return json.loads((folder / name).read_text())


def test_it_stands_beside_the_verdict_on_the_standard_output(told):
    first, *rest = told[0].splitlines()
    assert "RECONCILED, BUT 3 PROOFS WERE NOT POSSIBLE" in first
    assert sum("was not possible" in line for line in rest) == 3


def test_the_summary_lists_it_first_of_all(told):
    summary = read(told[1], "summary.json")
    assert summary["verdict"] == "RECONCILED"
    assert len(summary["not_possible"]) == 3


def test_movements_without_a_position_are_no_roll_forward(told):
    proofs = read(told[1], "summary.json")["proofs"]
    [rolled] = [
        p for p in proofs if (p["kind"], p["rail"]) == ("roll_forward", "CUSTODIAN")
    ]
    assert (rolled["is_possible"], rolled["difference_minor"]) == (False, None)


def test_slack_says_it_in_the_headline(told):
    message = read(told[1], "alerts/slack.json")
    assert "NOT POSSIBLE" in message["text"]
    assert "NOT POSSIBLE" in message["blocks"][0]["text"]["text"]
    assert message["blocks"][1]["text"]["text"].count("was not possible") == 3


def test_the_webhook_and_the_metrics_say_it_too(told):
    *_, last = (told[1] / "alerts/webhook.jsonl").read_text().splitlines()
    assert len(json.loads(last)["data"]["not_possible"]) == 3
    metrics = (told[1] / "alerts/reconciliation.prom").read_text()
    assert "escrow_reconciliation_proofs_not_possible 3" in metrics
