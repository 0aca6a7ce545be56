"""Audit in virtual time: killed in the midst of all, on a chain that loses answers."""

from datetime import timedelta

import pytest

from sims import laws
from sims.scenarios.business_month import OWN_FUNDS_MINOR, Month, contracts
from sims.world.faults import Faults
from sims.world.platform import Platform
from sims.world.time import SimTasks

pytestmark = pytest.mark.slow

TROUBLE = Faults(call_lost=0.1, timed_out_after=0.2)  # of the chain alone


async def killed_now_and_then(platform):
    for hours in (8, 3, 3, 3, 4):
        await platform.clock.sleep(timedelta(hours=hours, minutes=7))
        for name in [name for name in platform.processes if name.startswith("audit")]:
            platform.ambush(name)


def played(seed, output):
    month = Month(seed=seed, output=output, days=1, escrows_per_day=12)
    platform = Platform(
        seed=seed,
        start_at=month.start_at,
        archive_root=output / "archive",
        instances={"audit": 2},
    )
    platform.chain.dice.follow(TROUBLE)
    laws.watch(platform)
    opening = {"amount": OWN_FUNDS_MINOR, "currency": "usd"}
    platform.client.post("/_sandbox/opening_balance", opening)
    outside = SimTasks(platform.env)
    outside.spawn(contracts(platform, month))
    outside.spawn(killed_now_and_then(platform))
    platform.run(until=month.stop_at)
    return platform


def test_the_trail_is_whole_and_on_chain_once_whatever_died(tmp_path):
    platform = played(1, tmp_path)
    assert laws.broken(platform) == []
    assert platform.crashes >= 5
    assert len(platform.chain.anchors) > 3


def test_a_trail_that_lost_an_event_breaks_the_law(tmp_path):
    platform = played(2, tmp_path)
    states = platform.databases["audit"].states
    key = next(key for key in states if not key.startswith("log/"))
    del states[key]
    assert {sentence[:3] for sentence in laws.broken(platform)} == {"L17"}
