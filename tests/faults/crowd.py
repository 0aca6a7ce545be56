"""People who go on with their business, whatever befalls the servers meanwhile."""

import asyncio
import contextlib
import json
import os
import signal
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.deployment import Story
from tests.faults.observed import observe, watched_offsets
from toolkit.assembly import SCHEMAS
from toolkit.core.message import derived
from toolkit.operations.invariants import QUERIES, violations

SERVICES = ("escrow", "payments", "projections")
INVARIANTS = (QUERIES, Path(__file__).parent / "invariants")
PACE_S = 0.4  # between two contracts: a fault shall always meet somebody under way
UNDER_WAY_MAX = 4  # while nothing moves on, it is enough that these wait
REST_WITHIN_S = 60.0  # after all is healed
LOOK_EVERY_S = 0.2
number = count(1)


@dataclass
class Witness:
    """What the platform has promised its clients."""

    accepted: list = field(default_factory=list)
    contracts: list = field(default_factory=list)

    async def note(self, response):
        """Remember each "accepted"; the platform is held to it afterwards."""
        path = response.request.url.path
        if response.request.method != "POST" or not response.is_success:
            return
        told = json.loads(await response.aread())
        if "executed" in path:
            contract_id = path.split("/")[3]
            self.contracts.append((contract_id, str(derived("escrow", contract_id))))
        else:
            self.accepted.append((told["command_id"], told["escrow_id"], path))


@dataclass
class Crowd:
    """Sales begin all the time, and each goes on to its end."""

    house: object
    sales: list = field(default_factory=list)
    closed: bool = False

    async def trade(self):
        async with asyncio.TaskGroup() as group:
            while not self.closed:
                if len(self.sales) - self.ended < UNDER_WAY_MAX:
                    story = Story(self.house, f"sale-{next(number):04}")
                    self.sales.append(group.create_task(sale(story)))
                await asyncio.sleep(PACE_S)

    async def until(self, done):
        """Trade on until something is so; a sale that fails ends the wait."""
        while not done():
            for task in self.sales:
                if task.done():
                    task.result()
            await asyncio.sleep(LOOK_EVERY_S)

    async def sold(self, more):
        """Trade on until so many more sales have gone all the way."""
        before = self.ended
        await self.until(lambda: self.ended >= before + more)

    @property
    def ended(self):
        return sum(task.done() for task in self.sales)


async def sale(story):
    await story.agree()
    await story.pay()
    await story.reaches("FUNDS_HELD")
    await story.deliver()
    await story.reaches("DELIVERED")
    await story.release()
    await story.reaches("RELEASED")


@dataclass
class Ordeal:
    """A platform under load, its witness, and whoever starts again what has died."""

    deployment: object
    witness: Witness
    fuses: dict = field(default_factory=dict)  # by service: where to die, one after another
    deaths: list = field(default_factory=list)  # (service, crash point), as they happened
    _armed: dict = field(default_factory=dict)

    @asynccontextmanager
    async def crowd(self):
        """Let people trade while a block strikes; afterwards all must come to its end."""
        async with self.deployment.people() as house:
            house.gateway.event_hooks["response"].append(self.witness.note)
            crowd = Crowd(house)
            keeper = asyncio.create_task(self._keep())
            trade = asyncio.create_task(crowd.trade())
            try:
                with watched_offsets(self.deployment.dsn):
                    yield crowd
                    crowd.closed = True
                    await trade
                    await self.rests()
            finally:
                for task in (keeper, trade):
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task

    def arm(self, service, *points):
        """Kill a service, and let it die at each of these points, a life for each."""
        self.fuses[service] = list(points)
        self.deployment.supervisor.running[service].kill()

    @contextmanager
    def twin(self, service):
        """Run a second process of a service beside the first."""
        supervisor, name = self.deployment.supervisor, f"{service}-twin"
        supervisor.start(name, ["toolkit", "run", service])
        try:
            yield
        finally:
            how = supervisor.end(name)
        assert how == 0

    @contextmanager
    def stopped(self, service):
        """Let a process stand still for as long as a block lasts."""
        pid = self.deployment.supervisor.pids()[service]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    async def rests(self):
        """Wait until nothing is under way, and see that every invariant holds."""
        deadline = time.monotonic() + REST_WITHIN_S
        while broken := await asyncio.to_thread(self.broken):
            if time.monotonic() > deadline:
                told = "\n".join(map(str, broken))
                raise AssertionError(f"{REST_WITHIN_S} s after all was healed:\n{told}")
            await asyncio.sleep(1.0)

    def broken(self):
        observe(self.deployment, self.witness)
        schemas = [s for s in SCHEMAS if s in (*SERVICES, "intake")]
        return violations(self.deployment.dsn, schemas, INVARIANTS)

    async def _keep(self):
        while True:
            for service, process in list(self.deployment.supervisor.running.items()):
                if process.poll() is not None:
                    self._bury(service, process.returncode)
                    self._start(service)
            await asyncio.sleep(LOOK_EVERY_S)

    def _bury(self, service, how):
        if point := self._armed.pop(service, None):
            assert how == -9, f"{service} ended with {how}; was to die at {point}"
            self.deaths.append((service, point))

    def _start(self, service):
        waiting = self.fuses.get(service)
        more = {}
        if waiting:
            self._armed[service] = point = waiting.pop(0)
            more = {"ESCROW_CRASH_AT": point}
        self.deployment.supervisor.restart(service, more)
