"""Processes die where it hurts most, or come back from the dead, under load."""

import asyncio
import os
import signal

import psycopg
import pytest

from toolkit.infra.crash_points import CrashPoint

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]

# Each service dies once at each of its points, one life after another.
DEATHS = {
    "gateway": ("intake.written", "intake.committed", "relay.read", "relay.produced"),
    "escrow": ("consumer.written", "relay.confirmed", "relay.deleted"),
    "payments": ("agenda.leased", "agenda.asked", "agenda.written", "agenda.committed"),
    "projections": ("consumer.polled", "consumer.committed"),
}


def test_every_crash_point_is_somebodys():
    assert {point for points in DEATHS.values() for point in points} == set(CrashPoint)


@pytest.mark.parametrize("service", DEATHS)
async def test_a_process_that_dies_between_any_two_steps_loses_nothing(ordeal, service):
    async with ordeal.crowd() as crowd:
        ordeal.arm(service, *DEATHS[service])
        await crowd.until(lambda: len(ordeal.deaths) == len(DEATHS[service]))
        await crowd.sold(1)
    assert ordeal.deaths == [(service, point) for point in DEATHS[service]]


async def test_a_process_that_stood_still_finds_that_others_went_on(ordeal):
    """It was stopped past its session, and past the patience of the outbox, and wakes."""
    async with ordeal.crowd() as crowd:
        await crowd.sold(1)
        with ordeal.twin("escrow"):
            zombie = ordeal.deployment.supervisor.pids()["escrow"]
            before = owned(ordeal.deployment.dsn)
            os.kill(zombie, signal.SIGSTOP)
            await crowd.until(lambda: taken_over(ordeal.deployment.dsn, before))
            await crowd.sold(2)
            os.kill(zombie, signal.SIGCONT)
            await crowd.sold(2)
        await asyncio.sleep(0)


def owned(dsn):
    with psycopg.connect(dsn) as session:
        rows = session.execute("select topic, partition, epoch from escrow.offsets")
        return {(topic, partition): epoch for topic, partition, epoch in rows}


def taken_over(dsn, before):
    """Every partition has had a new owner since."""
    after = owned(dsn)
    return all(after[place] > epoch for place, epoch in before.items())
