"""A process that is killed after its message left, and before it knew, sends no other."""

import asyncio
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sims.world.discord import DiscordModel, NoAnswer
from sims.world.discord.http import Face, application
from sims.world.face import RunningClock
from tests.notifications.office import ADA, BOB, CREATED, NOW, delivered, held, wish
from tests.notifications.service import SPEED
from tests.notifications.test_store import SCHEMA, opened, rows
from tests.sims.stripe.stripe_faces import served
from toolkit.infra.clock import SystemClock
from toolkit.notifications.preferences import PreferenceDesk
from toolkit.notifications.service import wire
from toolkit.runtime.handler import BatchHandler

PROJECT = Path(__file__).parents[2]
WITHIN_S = 30.0
pytestmark = [pytest.mark.embedded, pytest.mark.slow]


@dataclass
class Taciturn(DiscordModel):
    """Takes every message, and says nothing about it."""

    is_silent: bool = True

    def handle(self, method, path, params, authorization):
        response = super().handle(method, path, params, authorization)
        if self.is_silent and method == "POST" and path.endswith("/messages"):
            raise NoAnswer
        return response


@contextmanager
def process(*arguments):
    command = [sys.executable, "-m", "tests.notifications.service", *arguments]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as started:
        try:
            assert started.stdout.readline() == b"ready\n"
            yield started
        finally:
            started.kill()


async def told(database, count):
    return len(await rows(database, "select * from deliveries")) == count


async def sent_both(model):
    return len(model.sent()) == 2


async def awaited(condition):
    deadline = time.monotonic() + WITHIN_S
    while not await condition():
        assert time.monotonic() < deadline, "this never came to pass"
        await asyncio.sleep(0.01)


async def test_kill_9_between_the_message_and_its_record_sends_nothing_twice(postgres_dsn):
    origin_s = time.time()
    clock = SystemClock(NOW, origin_s, SPEED)
    model = Taciturn(now=RunningClock(NOW, SPEED, origin_s).now)
    # Each answer is held back for longer than a process lives here.
    face = Face(model=model, hold_s=60.0)
    async with opened(postgres_dsn) as database:
        desk = PreferenceDesk(database, clock)
        for person_id, address in (("ada", ADA), ("bob", BOB)):
            await desk.set(wish(person_id, address))
        handler = BatchHandler(SCHEMA, database, clock, wire())
        await handler.handle([delivered(CREATED, "created"), held()])
        with served(face, application) as url:
            where = (postgres_dsn, url, str(origin_s))
            with process(*where):
                await awaited(lambda: sent_both(model))
            assert await told(database, 0)
            model.is_silent = False
            with process(*where):
                await awaited(lambda: told(database, 2))
        ends = await rows(
            database, "select recipient_id, reason from deliveries order by 1"
        )
        assert ends == [("ada", None), ("bob", None)]
        assert sorted(message.recipient_id for message in model.sent()) == [BOB, ADA]
