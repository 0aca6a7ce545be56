"""One notifications process on a real database and a sandbox over HTTP, to be killed.

Started with a DSN, the sandbox's address, and the moment its clock began; time runs thirty
times as fast, so that a lease is four seconds.
"""

import asyncio
import sys

from tests.notifications.test_store import SCHEMA, opened
from toolkit.infra import discord
from toolkit.infra.clock import AsyncTasks, SystemClock
from toolkit.notifications.service import post, wire
from toolkit.runtime.agenda import AgendaWorker
from toolkit.runtime.breaker import Breaker
from toolkit.runtime.handler import BatchHandler

SPEED = 30.0


async def run(dsn, url, clock):
    group = asyncio.TaskGroup()
    async with opened(dsn) as database, discord.connect("sandbox", url) as api, group:
        handler = BatchHandler(SCHEMA, database, clock, wire())
        perform = post(database, clock, api, Breaker("discord", clock)).perform
        tasks = AsyncTasks(group, clock)
        worker = AgendaWorker(database, handler, perform, clock, tasks)
        print("ready", flush=True)
        await worker.run()


if __name__ == "__main__":
    from tests.notifications.office import NOW

    asyncio.run(run(sys.argv[1], sys.argv[2], SystemClock(NOW, float(sys.argv[3]), SPEED)))
