"""Servers are restarted or killed under load, and everything still comes to its end."""

import asyncio
import signal

import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]

STRIKES = {"asked to end": None, "killed": signal.SIGKILL}


@pytest.mark.parametrize("by", STRIKES.values(), ids=STRIKES)
async def test_the_database_goes_away_during_commits(ordeal, real_servers, by):
    async with ordeal.crowd() as crowd:
        await crowd.sold(2)
        await asyncio.to_thread(real_servers.strike, "postgres", by)
        await asyncio.to_thread(real_servers.revive, "postgres")
        await crowd.sold(2)


async def test_the_broker_is_killed_and_comes_back(ordeal, real_servers):
    async with ordeal.crowd() as crowd:
        await crowd.sold(2)
        await asyncio.to_thread(real_servers.strike, "kafka-1", signal.SIGKILL)
        await asyncio.sleep(2)
        await asyncio.to_thread(real_servers.revive, "kafka-1")
        await crowd.sold(2)
