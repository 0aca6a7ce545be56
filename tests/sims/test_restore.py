"""The databases come back as they were hours ago; Kafka and the providers went on (F18)."""

from copy import copy
from datetime import timedelta

import pytest

from sims import laws
from sims.scenarios.business_month import OWN_FUNDS_MINOR, Month, contracts
from sims.world.platform import Platform
from sims.world.time import SimTasks

pytestmark = pytest.mark.slow

TABLES = (
    *("states", "claimed", "events", "outbox", "agenda", "dead_letters", "parked"),
    *("cursors", "leases", "calendar", "serial", "settled"),
)


def backup(platform):
    return {
        name: {table: copy(getattr(kept, table)) for table in TABLES}
        for name, kept in platform.databases.items()
    }


async def disaster(platform, after, lost):
    """Bring everything back to one earlier moment, as the runbook says: payments last."""
    await platform.clock.sleep(after)
    kept = backup(platform)
    await platform.clock.sleep(lost)
    names = list(platform.processes)
    for name in names:
        platform.crash(name)
    for name, tables in kept.items():
        for table, content in tables.items():
            setattr(platform.databases[name], table, content)
    for name in (*(s for s in names if s != "payments"), "payments"):
        platform.start(name)
        await platform.clock.sleep(timedelta(minutes=10))


def played(seed, lost, output):
    month = Month(seed=seed, output=output, days=1, escrows_per_day=30)
    platform = Platform(seed=seed, start_at=month.start_at, archive_root=output / "archive")
    opening = {"amount": OWN_FUNDS_MINOR, "currency": "usd"}
    platform.client.post("/_sandbox/opening_balance", opening)
    outside = SimTasks(platform.env)
    outside.spawn(contracts(platform, month))
    outside.spawn(disaster(platform, timedelta(hours=14), lost))
    platform.run(until=month.stop_at)
    return laws.broken(platform)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_happened_for_minutes_is_done_again_and_nothing_twice(seed, tmp_path):
    assert played(seed, timedelta(minutes=5), tmp_path) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_what_happened_for_hours_pays_nobody_twice_though_it_may_be_told_again(
    seed, tmp_path
):
    broken = played(seed, timedelta(hours=3), tmp_path)
    assert all(law.startswith("L8:") for law in broken), broken
