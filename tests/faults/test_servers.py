"""Servers are restarted or killed under load, and everything still comes to its end."""

import asyncio
import signal

import pytest

from tests.faults.crowd import UNDER_WAY_MAX

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]

STRIKES = {"asked to end": None, "killed": signal.SIGKILL}


@pytest.mark.parametrize("by", STRIKES.values(), ids=STRIKES)
async def test_the_database_goes_away_during_commits(ordeal, real_servers, by):
    async with ordeal.crowd() as crowd:
        await crowd.sold(2)
        await asyncio.to_thread(real_servers.strike, "postgres", by)
        await asyncio.to_thread(real_servers.revive, "postgres")
        await crowd.sold(2)


async def test_business_goes_on_when_one_broker_of_three_is_killed(ordeal, real_servers):
    """What was confirmed is on the two others; nobody waits for the third to come back."""
    async with ordeal.crowd() as crowd:
        await crowd.sold(2)
        await asyncio.to_thread(real_servers.strike, "kafka-2", signal.SIGKILL)
        await crowd.sold(UNDER_WAY_MAX + 1)  # so one at least that had begun without it
        await asyncio.to_thread(real_servers.revive, "kafka-2")
        await crowd.sold(1)


async def test_every_broker_is_killed_and_comes_back(ordeal, real_servers):
    brokers = [name for name in real_servers.servers if name.startswith("kafka-")]
    async with ordeal.crowd() as crowd:
        await crowd.sold(2)
        for name in brokers:
            await asyncio.to_thread(real_servers.strike, name, signal.SIGKILL)
        await asyncio.sleep(2)
        await asyncio.to_thread(real_servers.revive, *brokers)
        await crowd.sold(2)
