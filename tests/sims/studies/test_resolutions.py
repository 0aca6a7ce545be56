"""The coarse house and the whole platform tell the same stories of the same money."""

from collections import Counter

import pytest

from sims.studies.story import house_of, opens_at, pilot, play_on
from sims.world.platform import Platform
from tests.sims.studies.asked import question
from toolkit.payments.ledger import journal


def stories(events):
    """What happened to each escrow, whenever it was."""
    found = {}
    for envelope in (*events["escrow"], *events["payments"]):
        found.setdefault(envelope.key, Counter())[envelope.type] += 1
    return found


def booked(events, without):
    """What came in and went out for each escrow, by the type of the event."""
    sums = Counter()
    for envelope in events["payments"]:
        for line in journal(envelope.message):
            if envelope.key not in without:
                sums[envelope.type, line.account] += line.minor
    return sums


@pytest.mark.slow
def test_both_resolutions_tell_the_same_stories(tmp_path):
    asked = question(lasts_days=10, escrows_per_day=7)
    scenario = asked.scenarios["as it is"]
    past, seed = pilot(asked, scenario), 51
    coarse = house_of(asked, scenario, past, seed)
    play_on(coarse, asked, scenario, past, seed)
    platform = Platform(
        seed=seed,
        start_at=opens_at(asked, past),
        archive_root=tmp_path,
        windows=scenario.windows,
    )
    play_on(platform, asked, scenario, past, seed)
    whole = {name: platform.databases[name].events for name in coarse.events}

    told_coarse, told_whole = stories(coarse.events), stories(whole)
    assert told_coarse.keys() == told_whole.keys()
    differ = [key for key, story in told_coarse.items() if story != told_whole[key]]
    assert len(differ) <= len(told_coarse) // 50, "but for those at the very end"

    left, right = booked(coarse.events, differ), booked(whole, differ)
    assert left == right, "to the minor unit"
    assert len(left) > 100
