"""The table by which others judge an escrow is what the escrow itself does, today."""

import io
from pathlib import Path

from toolkit.escrow import transitions

CHECKED_IN = Path(__file__).parents[2] / "recon" / "transitions.csv"


def generated():
    target = io.StringIO()
    transitions.write(target)
    return target.getvalue()


def table():
    return {(row.state, row.event): row.next_state for row in transitions.rows()}


def test_the_table_that_is_checked_in_is_the_one_that_the_escrow_writes():
    assert CHECKED_IN.read_text(encoding="utf-8") == generated(), "make transitions"


def test_an_ended_escrow_stays_as_it_ended():
    ended = {"RELEASED", "REFUNDED", "CANCELLED"}
    assert {after for (state, _), after in table().items() if state in ended} == {"(same)"}


def test_nothing_is_paid_out_that_is_not_delivered_or_disputed():
    states = {state for state, event in table() if event == "TransferSucceeded"}
    assert states == {"DELIVERED", "DISPUTED", "SPLITTING", "SPLIT_REFUNDED"}


def test_a_dispute_is_interrupted_only_by_those_who_can_impose_it():
    raised = {state for state, event in table() if event == "EscrowDisputed"}
    imposed = {state for state, event in table() if event == "EscrowDisputed:IMPOSED"}
    assert raised == {"FUNDS_HELD", "DELIVERED"}
    assert imposed == {"DISPUTED", "SPLITTING", "SPLIT_REFUNDED", "SPLIT_RELEASED"}
