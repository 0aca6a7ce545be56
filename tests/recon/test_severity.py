"""How bad a discrepancy is follows from its kind, its amount and its age."""

import pytest

from recon import thresholds
from recon.faults import WrongUsageError
from recon.pages.ageing import is_escalated
from recon.rulebook import THRESHOLDS
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


@pytest.fixture
def lead(monkeypatch, tmp_path):
    """A finance lead who appends lines to the one file of thresholds."""

    def write(*lines):
        path = tmp_path / "severity.csv"
        path.write_text(THRESHOLDS.read_text() + "\n".join(lines) + "\n")
        monkeypatch.setattr(thresholds, "THRESHOLDS", path)
        thresholds.thresholds.cache_clear()

    yield write
    monkeypatch.undo()
    thresholds.thresholds.cache_clear()


def cheap_fee():
    day = Day()
    day.paid("E0")
    day.activity[0] |= {"fee": "12.00", "net": "488.00"}
    return day


def test_a_lead_moves_a_whole_kind_in_one_file(tmp_path, lead):
    lead("kind,FEE_VARIANCE,,2")
    only(run(cheap_fee(), tmp_path), "FEE_VARIANCE", severity="CRITICAL")


def test_a_lead_gives_a_code_amounts_of_its_own(tmp_path, lead):
    lead("amount,FEE_VARIANCE,0,0", "amount,FEE_VARIANCE,2,1")
    only(run(cheap_fee(), tmp_path), "FEE_VARIANCE", severity="HIGH")


def test_a_lead_says_when_something_is_escalated(lead):
    row = {"age_hours": 30, "severity": "MEDIUM"}
    assert not is_escalated(row)
    lead("escalate_after_hours,MEDIUM,29,")
    assert is_escalated(row)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("amuont,,5,1", "line 12: measure 'amuont'"),
        ("amount,FEE,5,1", "line 12: which 'FEE' is not a code"),
        ("amount,,five,1", "line 12: invalid literal"),
        ("escalate_after_hours,URGENT,5,", "line 12: which 'URGENT' is not a severity"),
    ],
)
def test_a_slip_in_the_file_is_named_with_its_line(lead, line, told):
    lead(line)
    with pytest.raises(WrongUsageError, match=told):
        thresholds.thresholds()
