"""The days of a searched history are reconciled: what was planted is found, and no more."""

import pytest

from sims.search import reconciled as room
from sims.search.trial import Trial

TROUBLED = Trial(
    seed=1,
    kinds=(
        *("crashes", "lost_webhooks", "unknown_outcomes", "failovers"),
        *("doubled_records", "silent_commits", "two_of_each"),
    ),
)


@pytest.mark.slow
def test_a_searched_day_is_reconciled_and_a_movement_that_nobody_owned_up_to_is_named(
    monkeypatch,
):
    honest = room.plant

    async def plant(platform, planted):
        await honest(platform, planted)
        (day,) = planted
        planted[day].pop()

    monkeypatch.setattr(room, "plant", plant)
    (sentence,) = room.reconciled(TROUBLED)
    assert "MISSING_IN_LEDGER" in sentence
    assert "nobody planted it" in sentence
