"""What we booked, what the provider moved and what arrived are tied line by line."""

import pytest

from tests.recon.day import Day
from tests.recon.golden import benign
from tests.recon.golden.book import FORMS, SOURCE_CODES, golden_day
from tests.recon.golden.score import played
from tests.recon.outcome import run


def lines(result):
    return {(line["rail"], line["line"]): line for line in result.summary["three_way"]}


def made_of(line, leg="provider"):
    parts = [part for part in line["made_of"] if part["leg"] == leg]
    return {part["reason"]: part["amount_minor"] for part in parts}


def a_difficult_day():
    """Every story that is in order, and one form of every code that moves money."""
    plain = [forms[0] for code, forms in FORMS.items() if code not in SOURCE_CODES]
    return golden_day(plain, stories=list(benign.STORIES), seed=5)


@pytest.fixture(scope="module")
def difficult(tmp_path_factory):
    return played(a_difficult_day(), tmp_path_factory.mktemp("tie"))


def test_every_difference_is_the_sum_of_its_parts(difficult):
    assert len(difficult.summary["three_way"]) > 10
    for line in difficult.summary["three_way"]:
        assert sum(made_of(line).values()) == (line["difference_minor"] or 0)
        arrival = line["arrival_difference_minor"] or 0
        assert sum(made_of(line, "arrival").values()) == arrival


def test_a_part_is_a_named_discrepancy_or_timing_and_nothing_is_left(difficult):
    codes = set(difficult.codes)
    timing = {"IN_TRANSIT", "EARLIER_DAY", "OWN_MONEY", "CAME_BACK", "NOT_COVERED"}
    told = {
        part["reason"]
        for line in difficult.summary["three_way"]
        for part in line["made_of"]
    }
    assert None not in told
    assert told - timing <= codes
    assert {"MISSING_AT_PROVIDER", "FEE_VARIANCE", "PAYOUT_NOT_DEPOSITED"} <= told


def test_its_parts_lead_to_their_discrepancies(difficult):
    known = {row["discrepancy_id"] for row in difficult.found}
    for line in difficult.summary["three_way"]:
        for part in line["made_of"]:
            assert set(part["discrepancy_ids"] or ()) <= known


def test_a_fee_that_was_booked_otherwise_is_in_the_line_of_fees(tmp_path):
    day = Day()
    day.paid("E0")
    day.activity[0] |= {"fee": "15.00", "net": "485.00"}
    tied = lines(run(day, tmp_path))
    assert made_of(tied["STRIPE", "fees"]) == {"FEE_VARIANCE": -20}
    assert tied["STRIPE", "charge"]["difference_minor"] == 0


def test_a_movement_on_chain_names_its_transaction_or_is_left_over(tmp_path):
    day = Day()
    day.deposited("C0")
    day.custody[0]["tx_hash"] = ""
    result = run(day, tmp_path)
    line = lines(result)["CUSTODIAN", "in"]
    assert (result.codes, line["arrived_minor"]) == ([], 0)
    assert line["arrival_unexplained_minor"] == -line["provider_minor"]


def test_payouts_are_held_against_the_bank(tmp_path):
    day = Day(as_of="2026-11-20T12:00:00Z")
    day.payout("A", 100_00, "-5 03:00")
    day.payout("B", 70_00, "03:00")
    day.credit("unknown", 30_00)
    line = lines(run(day, tmp_path))["STRIPE", "payouts"]
    assert (line["provider_minor"], line["arrived_minor"]) == (170_00, 30_00)
    assert made_of(line, "arrival") == {
        "PAYOUT_NOT_DEPOSITED": -100_00,
        "IN_TRANSIT": -70_00,
        "DEPOSIT_UNEXPLAINED": 30_00,
    }


def test_what_changed_its_currency_on_the_way_is_told_with_both_amounts(difficult):
    [conversion] = difficult.summary["conversions"]
    [found] = [row for row in difficult.found if row["code"] == "CURRENCY_MISMATCH"]
    assert conversion["booked_minor"] == found["expected_minor"]
    assert conversion["provider_minor"] == found["actual_minor"]
    assert conversion["provider_currency"] != conversion["booked_currency"]
