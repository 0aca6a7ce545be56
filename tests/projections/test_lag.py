"""How old the newest is that the read models show, and only while something waits."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.projections.histories import CREATE, DELIVER, NOW, PAID
from tests.projections.test_store import Clock, database, deliveries, envelopes
from tests.projections.test_store import dsn as dsn  # noqa: PLC0414 - a fixture
from tests.projections.test_store import pool as pool  # noqa: PLC0414 - a fixture
from toolkit.core.ports import Effects, Partition
from toolkit.infra.telemetry.backlog import Backlog
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.projections.service import wire as routes
from toolkit.projections.store import newest_at
from toolkit.runtime.handler import BatchHandler

pytestmark = pytest.mark.embedded
LOG = Partition("escrow.events.v1", 0)


class Later(Clock):
    def now(self):
        return NOW + timedelta(hours=5)


async def hear(pool, *messages):
    batch = deliveries(envelopes(*messages))
    await BatchHandler("projections", database(pool), Clock(), routes()).handle(batch)


async def lag_s(pool, end):
    """Look once, as a process does, while the broker's log is so long."""
    kept = database(pool)
    (cursor,) = await kept.take_over([LOG])
    async with kept.transaction() as transaction:
        await transaction.write(Effects(cursors=[replace(cursor, offset=7)]))

    async def ends(reached):
        return dict.fromkeys(reached, end)

    metrics = Metrics()
    await Backlog(
        service="projections",
        metrics=metrics,
        clock=Later(),
        ends=ends,
        pool=pool,
        newest=lambda: newest_at(pool),
    ).look()
    named = {"service": "projections"}
    return metrics.registry.get_sample_value("escrow_projection_lag_seconds", named)


async def test_the_newest_is_the_last_thing_that_happened_in_any_view(pool):
    assert await newest_at(pool) is None
    await hear(pool, CREATE, PAID)
    before = await newest_at(pool)
    await hear(pool, CREATE, PAID, DELIVER)
    assert before < await newest_at(pool)


async def test_while_something_waits_the_lag_is_the_age_of_the_newest(pool):
    await hear(pool, CREATE)
    assert await lag_s(pool, end=9) == timedelta(hours=5).total_seconds()


async def test_where_nothing_waits_nothing_lags_however_old_it_is(pool):
    await hear(pool, CREATE)
    assert await lag_s(pool, end=7) == 0.0
