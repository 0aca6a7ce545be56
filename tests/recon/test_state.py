"""What one day leaves for the next, and what the next one makes of it."""

import json

import pytest

from recon.faults import WrongUsageError
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import only, run, run_folder

TODAY, TOMORROW = "2026-11-19", "2026-11-20"


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state.duckdb"


def history(day, date=TOMORROW):
    """The next day, which knows every event of the day before."""
    following = Day(date=date)
    following.events = list(day.events)
    following.offsets = dict(day.offsets)
    following.versions = dict(day.versions)
    return following


def waiting(name="E1", at="20:00"):
    day = Day(date=TODAY)
    day.escrow(name, 100_00)
    day.money("PaymentSucceeded", name, 100_00, f"ch_{name}", at, fee=0)
    day.held(name, at)
    return day


def states(result):
    return {(row["code"], row["state"]) for row in result.table("discrepancies")}


def test_what_waited_yesterday_arrives_today(tmp_path, state):
    day = waiting()
    run(day, tmp_path, state)
    following = history(day)
    following.row("charge", "ch_E1", 100_00, "00:10", escrow="E1")
    assert run(following, tmp_path, state).codes == []


def test_what_waited_yesterday_and_has_no_row_today_is_missing(tmp_path, state):
    day = waiting()
    run(day, tmp_path, state)
    following = history(day)
    result = run(following, tmp_path, state)
    only(result, "MISSING_AT_PROVIDER", provider_ref="ch_E1", expected_minor=100_00)
    assert result.proof("safeguarding")["explained_by"] == []


def test_a_missing_row_that_arrives_at_last_resolves_its_discrepancy(tmp_path, state):
    day = waiting(at="03:00")
    only(run(day, tmp_path, state), "MISSING_AT_PROVIDER")
    following = history(day)
    following.row("charge", "ch_E1", 100_00, "09:00", escrow="E1")
    result = run(following, tmp_path, state)
    assert ("MISSING_AT_PROVIDER", "RESOLVED") in states(result)
    assert result.exit_status == 0


def test_own_funds_that_stood_in_for_a_missing_row_come_back_with_it(tmp_path, state):
    day = waiting(at="03:00")
    run(day, tmp_path, state)
    following = history(day)
    following.row("charge", "ch_E1", 100_00, "09:00", escrow="E1")
    following.own_funds_slip["STRIPE"] = -100_00
    result = run(following, tmp_path, state)
    assert result.exit_status == 0
    [cause] = result.proof("safeguarding")["explained_by"]
    assert (cause["code"], cause["effect_minor"]) == ("MISSING_AT_PROVIDER", 100_00)


def test_yesterdays_last_row_meets_todays_first_event(tmp_path, state):
    day = Day(date=TODAY)
    day.escrow("E1", 100_00)
    day.row("charge", "ch_E1", 100_00, "23:50", escrow="E1")
    assert run(day, tmp_path, state).codes == []
    following = history(day)
    following.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "00:03", fee=0)
    following.held("E1", "00:03")
    following.own_funds_slip["STRIPE"] = -100_00
    result = run(following, tmp_path, state)
    assert result.codes == []
    assert result.table("in_transit") == []


def test_an_early_event_whose_row_yesterday_did_not_have_either_is_missing(tmp_path, state):
    run(Day(date=TODAY), tmp_path, state)
    day = Day(date=TOMORROW)
    day.escrow("E1", 100_00)
    day.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "00:03", fee=0)
    day.held("E1", "00:03")
    only(run(day, tmp_path, state), "MISSING_AT_PROVIDER", subject="E1")


def test_an_open_discrepancy_is_carried_and_is_enough_for_exit_1(tmp_path, state):
    day = Day(date=TODAY)
    day.paid("E0")
    day.activity[0] |= {"fee": "12.00", "net": "488.00"}
    first = run(day, tmp_path, state)
    [opened] = first.found
    following = history(day)
    result = run(following, tmp_path, state)
    [carried] = result.found
    assert result.exit_status == 1
    for name in ("discrepancy_id", "code", "first_seen", "expected_minor"):
        assert carried[name] == opened[name]
    assert carried["age_hours"] == opened["age_hours"] + 24


def test_a_condition_that_no_longer_holds_is_resolved(tmp_path, state):
    day = Day(date=TODAY)
    day.escrow("E1", 100_00, at="-4 02:00")
    only(run(day, tmp_path, state), "OVERDUE_TRANSITION")
    following = history(day)
    following.event("EscrowCancelled", "E1", "02:00", reason="TIMEOUT")
    result = run(following, tmp_path, state)
    assert states(result) == {("OVERDUE_TRANSITION", "RESOLVED")}
    assert result.exit_status == 0


def test_what_comes_back_is_reopened(tmp_path, state):
    day = Day(date=TODAY)
    day.payout("A", 100_00, "-4 00:00")
    only(run(day, tmp_path, state), "PAYOUT_NOT_DEPOSITED")
    paid = Day(date=TOMORROW)
    paid.payout("A", 100_00, "-5 00:00")
    paid.credit("trace-A", 100_00)
    assert run(paid, tmp_path, state).codes == []
    gone = Day(date="2026-11-21")
    gone.payout("A", 100_00, "-6 00:00")
    result = run(gone, tmp_path, state)
    assert states(result) == {("PAYOUT_NOT_DEPOSITED", "REOPENED")}


def test_a_row_seen_before_with_other_values_is_a_restatement_and_nothing_else(
    tmp_path, state
):
    day = Day(date=TODAY)
    day.payout("A", 100_00, "00:00")
    day.credit("trace-A", 100_00)
    assert run(day, tmp_path, state).codes == []
    following = Day(date=TOMORROW)
    following.payout("A", 90_00, "-1 00:00")
    following.credit("trace-A", 100_00, -1)
    result = run(following, tmp_path, state)
    only(
        result,
        "PROVIDER_RESTATEMENT",
        subject="po_A",
        expected_minor=-100_00,
        actual_minor=-90_00,
    )


def test_a_restated_trace_does_not_leave_its_deposit_unexplained(tmp_path, state):
    day = Day(date=TODAY)
    day.payout("A", 100_00, "00:00")
    day.credit("trace-A", 100_00)
    run(day, tmp_path, state)
    following = Day(date=TOMORROW)
    following.payout("A", 100_00, "-1 00:00", trace_id="another")
    following.credit("trace-A", 100_00, -1)
    only(run(following, tmp_path, state), "PROVIDER_RESTATEMENT")


@pytest.mark.parametrize("column", ["tx_hash", "fee_amount", "to_address"])
def test_a_final_transaction_that_changes_is_a_restatement(tmp_path, state, column):
    day = Day(date=TODAY)
    day.deposited("C1")
    run(day, tmp_path, state)
    following = history(day)
    row = dict(day.custody[-1]) | {"updated_at": "2026-11-20T09:00:00Z", column: "7"}
    following.custody = [row]
    following.holds_already = {"in-C1"}
    only(run(following, tmp_path, state), "PROVIDER_RESTATEMENT", subject="C1")


def test_a_transaction_that_becomes_final_is_no_restatement(tmp_path, state):
    day = Day(date=TODAY)
    day.deposited("C1")
    day.custody[-1] |= {"status": "SENT"}
    only(run(day, tmp_path, state), "UNCONFIRMED_BEYOND_SLA")
    following = history(day)
    done = {"status": "COMPLETE", "updated_at": "2026-11-20T09:00:00Z"}
    following.custody = [dict(day.custody[-1]) | done]
    result = run(following, tmp_path, state)
    assert result.codes == []
    assert states(result) == {("UNCONFIRMED_BEYOND_SLA", "RESOLVED")}


def test_a_second_row_for_what_yesterday_settled_is_a_duplicate(tmp_path, state):
    day = Day(date=TODAY)
    day.paid("E0")
    run(day, tmp_path, state)
    following = history(day)
    following.row(
        "charge", "ch_E0", 500_00, "09:00", fee=1480, txn="txn_again", escrow="E0"
    )
    result = run(following, tmp_path, state)
    assert "DUPLICATE_AT_PROVIDER" in result.codes


def test_a_day_may_be_run_again_with_the_same_result(tmp_path, state):
    day = waiting(at="03:00")
    first = run(day, tmp_path, state, "first")
    again = run(day, tmp_path, state, "again")
    for name in ("discrepancies.parquet", "summary.json"):
        assert (first.folder / name).read_bytes() == (again.folder / name).read_bytes()


def test_an_incomplete_day_leaves_nothing_behind(tmp_path, state):
    day = waiting()
    inputs = tmp_path / "empty"
    inputs.mkdir()
    result = run_folder(day, inputs, tmp_path / "out", state)
    assert result.exit_status == 2
    assert not state.exists()


def test_an_earlier_day_does_not_read_what_a_later_one_left(tmp_path, state):
    late = waiting(at="03:00")
    run(late, tmp_path, state)
    early = Day(date="2026-11-18")
    assert run(early, tmp_path, state).codes == []


def test_a_state_that_is_no_state_is_wrong_usage(tmp_path):
    state = tmp_path / "letter.txt"
    state.write_text("Dear bank, " * 5_000)
    day = waiting()
    with pytest.raises(WrongUsageError, match=r"letter\.txt"):
        run(day, tmp_path, state)


def test_a_row_of_an_earlier_day_that_comes_again_is_not_counted_again(tmp_path, state):
    day = Day(date=TODAY)
    day.paid("E0")
    day.deposited("C0")
    run(day, tmp_path, state)
    for knows in (state, None):
        again = history(day)
        again.activity = [dict(day.activity[0])]
        again.custody = [dict(day.custody[0]) | {"updated_at": "2026-11-20T09:00:00Z"}]
        again.holds_already = {"ch_E0", "in-C0"}
        assert run(again, tmp_path, knows).codes == []


@pytest.mark.parametrize(
    "changed", [{"fee": "12.00", "net": "488.00"}, {"description": "new"}]
)
def test_a_row_of_an_earlier_day_with_other_values_is_a_restatement(
    tmp_path, state, changed
):
    day = Day(date=TODAY)
    day.paid("E0")
    run(day, tmp_path, state)
    again = history(day)
    again.activity = [dict(day.activity[0]) | changed]
    again.holds_already = {"ch_E0"}
    only(
        run(again, tmp_path, state),
        "PROVIDER_RESTATEMENT",
        subject="E0",
        provider_ref="ch_E0",
    )
    assert run(again, tmp_path, None).codes == []


def test_a_day_run_again_on_late_files_names_the_run_it_replaces_and_what_changed(tmp_path):
    state = tmp_path / "state.duckdb"
    late = Day()
    late.paid("E0")
    complete = late.activity[:]
    late.activity.clear()
    early = run(late, tmp_path, state, name="early")
    late.activity[:] = complete
    again = run(late, tmp_path, state, name="late")
    assert (early.summary["replaces"], again.summary["replaces"]) == (
        None,
        early.summary["run_id"],
    )
    changes = json.loads((again.folder / "changes.json").read_text())
    [gone] = changes["discrepancies"]["gone"]
    assert (gone["code"], gone["subject"]) == ("MISSING_AT_PROVIDER", "E0")


def test_the_same_run_made_twice_is_one_run(tmp_path):
    state = tmp_path / "state.duckdb"
    day = Day()
    day.paid("E0")
    inputs = write(day, tmp_path / "in")
    results = [
        run_folder(day, inputs, tmp_path / name, state) for name in ("first", "second")
    ]
    for name in ("summary.json", "changes.json", "evidence/chain.json"):
        first, second = ((result.folder / name).read_bytes() for result in results)
        assert first == second
