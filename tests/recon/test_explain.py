"""An id leads to everything that belongs to it, in the order of time."""

import json

import pytest

from recon.__main__ import main
from tests.recon.day import Day
from tests.recon.folder import write


def told(capsys, inputs, id):
    arguments = ["explain", id, "--day", "2026-11-19", "--inputs", str(inputs), "--json"]
    assert main(arguments) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def inputs(tmp_path):
    """One charge without a row, and a row of the same amount under another name."""
    day = Day()
    day.paid("E0")
    day.paid("E1", 321_00)
    day.activity[-1]["source_id"] = "ch_strange"
    return write(day, tmp_path / "in")


def test_a_story_has_events_rows_and_findings_in_the_order_of_time(inputs, capsys):
    story = told(capsys, inputs, "E0")
    assert story["subject"] == "E0"
    assert [line["moment"] for line in story["lines"]] == sorted(
        line["moment"] for line in story["lines"]
    )
    assert {line["kind"] for line in story["lines"]} == {"event", "row"}
    [pair] = story["pairs"]
    assert (pair["rule"], pair["amount_minor"]) == ("provider_ref", 500_00)


@pytest.mark.parametrize("id", ["ch_E1", "pay-E1", "ch_strange"])
def test_every_name_of_a_movement_leads_to_its_escrow(id, inputs, capsys):
    assert told(capsys, inputs, id)["subject"] == "E1"


def test_the_nearest_candidate_is_told_with_the_gates_that_keep_it_apart(inputs, capsys):
    gates = told(capsys, inputs, "E1")["gates"]
    assert ("reference", "ch_E1", "ch_strange") in [
        (gate["gate"], gate["booked"], gate["row"]) for gate in gates
    ]
    assert "amount" not in [gate["gate"] for gate in gates]


def test_a_name_that_nobody_has_is_said_to_be_none(inputs, capsys):
    arguments = ["explain", "nobody", "--day", "2026-11-19", "--inputs", str(inputs)]
    assert main(arguments) == 64
    assert "nothing of this day" in capsys.readouterr().err
