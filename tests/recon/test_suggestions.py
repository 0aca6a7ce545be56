"""What might belong together is suggested, marked as such, and decides nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.explain import explain
from recon.suggesting.sums import CANDIDATES_MAX, sums_to
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import run


def parted(day, *, whole=600_00, parts=(250_00, 350_00)):
    """One row for several bookings that the provider does not know one by one."""
    for number, part in enumerate(parts):
        name = f"E{number}"
        day.escrow(name, part)
        day.money("PaymentSucceeded", name, part, f"ch_part_{number}", "03:00", fee=0)
        day.held(name, "03:00")
    day.row("charge", "ch_together", whole, "04:00")


def test_several_bookings_that_make_up_one_row_are_suggested_and_stay_open(tmp_path):
    day = Day()
    parted(day)
    result = run(day, tmp_path)
    [suggestion] = result.table("suggestions")
    assert suggestion["candidates"] == "ch_part_0 + ch_part_1"
    assert (suggestion["kind"], suggestion["is_only_way"]) == ("SUM", True)
    assert result.codes == ["MISSING_AT_PROVIDER"] * 2 + ["MISSING_IN_LEDGER"]
    assert result.exit_status == 1


def test_a_sum_that_may_be_made_in_two_ways_says_so(tmp_path):
    day = Day()
    parted(day, parts=(250_00, 350_00, 200_00, 400_00))
    [suggestion] = run(day, tmp_path).table("suggestions")
    assert not suggestion["is_only_way"]
    assert "Other sums" in suggestion["explanation"]


def test_a_slip_in_a_reference_is_suggested_and_stays_open(tmp_path):
    day = Day()
    day.escrow("E1", 70_00)
    day.money("PaymentSucceeded", "E1", 70_00, "ch_3PxQr7Lm2K", "03:00", fee=0)
    day.held("E1", "03:00")
    day.row("charge", "ch_3PxQ7rLm2K", 80_00, "03:00")
    result = run(day, tmp_path)
    [suggestion] = result.table("suggestions")
    assert (suggestion["kind"], suggestion["candidates"]) == ("REFERENCE", "ch_3PxQr7Lm2K")
    assert result.codes == ["MISSING_AT_PROVIDER", "MISSING_IN_LEDGER"]


def test_a_day_in_order_suggests_nothing(tmp_path):
    day = Day()
    day.paid("E0")
    assert run(day, tmp_path).table("suggestions") == []


def test_the_story_of_an_escrow_tells_what_is_suggested_for_it(tmp_path):
    day = Day()
    parted(day)
    inputs = write(day, tmp_path / "in")
    [told] = explain(day.start.date(), inputs, None, "E1").suggestions
    assert "ch_part_0, ch_part_1 add up to ch_together" in told["explanation"]


def test_a_verdict_knows_nothing_of_suggestions(tmp_path):
    day = Day()
    parted(day)
    result = run(day, tmp_path)
    assert "sug_" not in json.dumps(result.summary)
    assert "sug_" not in (result.folder / "discrepancies.csv").read_text()


@given(
    amounts=st.lists(st.integers(1, 10_000), min_size=2, max_size=12),
    places=st.sets(st.integers(0, 11), min_size=2, max_size=5),
)
def test_a_sum_that_is_there_is_found_and_every_way_adds_up(amounts, places):
    chosen = [amounts[place] for place in places if place < len(amounts)]
    target = sum(chosen)
    found = sums_to(target, amounts)
    assert found.ways or len(chosen) < 2
    for way in found.ways:
        assert sum(amounts[place] for place in way) == target
        assert len(set(way)) == len(way)


@pytest.mark.parametrize("count", [CANDIDATES_MAX, 2_000])
def test_a_hopeless_search_ends_and_says_that_it_was_not_complete(count):
    found = sums_to(10**9, [10**8 + 2 * number for number in range(count)])
    assert found.ways == ()
    assert not found.is_complete
