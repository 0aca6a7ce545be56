"""Processes die where it hurts most, or come back from the dead, under load."""

import psycopg
import pytest

from toolkit.infra.crash_points import CrashPoint

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]

# Each service dies once at each of its points, one life after another. What one does,
# others do by the same code, so every point has one service that dies there.
DEATHS = {
    "gateway": ("intake.written", "intake.committed", "relay.read", "relay.produced"),
    "escrow": ("consumer.written", "relay.confirmed", "relay.deleted"),
    "payments": ("agenda.leased", "agenda.asked", "agenda.written", "agenda.committed"),
    "projections": ("consumer.polled", "consumer.committed"),
}


def test_every_crash_point_is_somebodys():
    assert {point for points in DEATHS.values() for point in points} == set(CrashPoint)


async def test_processes_that_die_between_any_two_steps_lose_nothing(ordeal):
    """Every service has its deaths at the same time: each meets what others left behind."""
    async with ordeal.crowd() as crowd:
        for service, points in DEATHS.items():
            ordeal.arm(service, *points)
        await crowd.until(lambda: len(ordeal.deaths) == sum(map(len, DEATHS.values())))
        await crowd.sold(1)
    for service, points in DEATHS.items():
        assert tuple(point for who, point in ordeal.deaths if who == service) == points


async def test_a_process_that_stood_still_finds_that_others_went_on(ordeal):
    """It was stopped past its session, and past the patience of the outbox, and wakes."""
    async with ordeal.crowd() as crowd:
        await crowd.sold(1)
        with ordeal.twin("escrow"):
            before = owned(ordeal.deployment.dsn)
            with ordeal.stopped("escrow"):
                await crowd.until(lambda: taken_over(ordeal.deployment.dsn, before))
                await crowd.sold(2)
            await crowd.sold(2)


def owned(dsn):
    with psycopg.connect(dsn) as session:
        rows = session.execute("select topic, partition, epoch from escrow.offsets")
        return {(topic, partition): epoch for topic, partition, epoch in rows}


def taken_over(dsn, before):
    """Every partition has had a new owner since."""
    after = owned(dsn)
    return all(after[place] > epoch for place, epoch in before.items())
