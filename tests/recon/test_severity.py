"""How bad a discrepancy is follows from its kind, its amount and its age."""

import pytest

from tests.recon.day import Day
from tests.recon.outcome import only, run


@pytest.mark.parametrize(
    ("slip", "severity"),
    [(-99, "MEDIUM"), (-1_00, "HIGH"), (9_999_99, "HIGH"), (10_000_00, "CRITICAL")],
)
def test_a_wrong_amount_is_as_bad_as_it_is_large(tmp_path, slip, severity):
    day = Day()
    day.escrow("E1", 500_00)
    day.money("PaymentSucceeded", "E1", 500_00, "ch_1", "03:00", fee=0)
    day.held("E1", "03:00")
    day.row("charge", "ch_1", 500_00 + slip, "03:00", escrow="E1")
    only(run(day, tmp_path), "AMOUNT_MISMATCH", severity=severity)


def test_a_thousandth_of_a_cent_of_usdc_is_held_against_the_same_thresholds(tmp_path):
    day = Day()
    day.deposited("C1", row=False)
    day.chain_row("in-C1", 19_999_999_999, "03:00", our_ref="pay-C1")
    only(run(day, tmp_path), "AMOUNT_MISMATCH", severity="MEDIUM")


def test_there_is_no_small_shortfall(tmp_path):
    day = Day()
    day.own_funds_slip["STRIPE"] = 1
    only(run(day, tmp_path), "SAFEGUARDING_SHORTFALL", severity="CRITICAL")


def test_what_nobody_settles_grows_worse(tmp_path):
    state, severities = tmp_path / "state.duckdb", []
    for ago, date in enumerate(("2026-11-16", "2026-11-17", "2026-11-19", "2026-11-24")):
        day = Day(date=date)
        if not ago:
            day.paid("E0")
            day.activity[0] |= {"fee": "12.00", "net": "488.00"}
        [row] = run(day, tmp_path, state).found
        severities.append(row["severity"])
    assert severities == ["MEDIUM", "MEDIUM", "HIGH", "CRITICAL"]
