"""A service that counts, on a database in memory and a clock that needs no waiting."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import simpy

from sims.world.time import SimClock, SimTasks
from toolkit.core.decider import Decider, Forget, Later, Perform, Projection
from toolkit.core.message import Command, Envelope, Event, first, record
from toolkit.core.ports import Delivery, Partition
from toolkit.infra.memory import MemoryDatabase
from toolkit.runtime.handler import BatchHandler

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
LOG = Partition("counters.commands.v1", 0)
OTHER = Partition("counters.commands.v1", 1)
HOUR = timedelta(hours=1)


@record
class Ask(Command):
    topic = "counters.commands.v1"

    counter_id: str

    @property
    def key(self) -> str:
        return self.counter_id


@record
class Add(Ask):
    """Count; the counter cannot bear 13."""

    amount: int = 1


@record
class Remind(Ask):
    """Count later, under a name."""

    name: str
    after: timedelta = HOUR
    amount: int = 1


@record
class NeverMind(Ask):
    name: str


@record
class Call(Ask):
    """Ask somebody outside."""


@record
class Added(Event):
    topic = "counters.events.v1"

    counter_id: str
    total: int

    @property
    def key(self) -> str:
        return self.counter_id


@record
class Answered(Event):
    topic = "counters.events.v1"

    counter_id: str

    @property
    def key(self) -> str:
        return self.counter_id


@record
class Elsewhere(Event):
    """Nobody here listens to this one."""

    topic = "elsewhere.events.v1"

    @property
    def key(self) -> str:
        return "elsewhere"


def decide(total, message, now):
    match message:
        case Add(amount=13):
            raise ValueError("13 is more than this counter can bear")
        case Add(counter_id=id, amount=amount):
            for step in range(1, amount + 1):
                yield Added(counter_id=id, total=total + step)
        case Remind(counter_id=id, name=name, after=after, amount=amount):
            yield Later(
                name=name, at=now + after, command=Add(counter_id=id, amount=amount)
            )
        case NeverMind(name=name):
            yield Forget(name=name)
        case Call():
            yield Perform(command=message)
        case Answered():
            yield message


counter = Decider(
    initial=0, decide=decide, evolve=lambda total, event: getattr(event, "total", total)
)
evens = Projection(
    initial=(), evolve=lambda seen, e, _at: seen if e.total % 2 else (*seen, e.total)
)
ROUTES = {**dict.fromkeys((Add, Remind, NeverMind, Call, Answered), counter), Added: evens}


@dataclass
class Bench:
    """One process of the service, and a way to let its coroutines run."""

    env: simpy.Environment = field(default_factory=simpy.Environment)

    def __post_init__(self):
        self.tasks = SimTasks(self.env)
        self.clock = SimClock(self.env, NOW)
        self.database = MemoryDatabase(self.tasks)
        self.handler = BatchHandler("counting", self.database, self.clock, ROUTES)

    def run(self, work):
        """Wait for a coroutine, and answer what it answers."""
        return self.env.run(until=self.env.process(work))

    def let(self, *, pass_):
        """Let time go by for all that runs."""
        self.env.run(until=self.env.now + pass_.total_seconds())

    def handle(self, *deliveries, epochs=None):
        return self.run(self.handler.handle(deliveries, epochs))

    def total(self, key="a"):
        found = self.database.states.get(key)
        return found.state if found else 0

    def own(self, *partitions):
        """Become the owner, and answer the epochs."""
        cursors = self.run(self.database.take_over(partitions))
        return {cursor.partition: cursor.epoch for cursor in cursors}


def envelope(message, number) -> Envelope:
    return first(message, UUID(int=number), NOW)


def delivered(message, number, partition=LOG) -> Delivery:
    """Deliver a message; its number is its id and its offset."""
    said = envelope(message, number)
    return Delivery(
        partition=partition, offset=number, key=said.key, envelope=said, cargo=said
    )


def add(number, key="a", amount=1, partition=LOG) -> Delivery:
    return delivered(Add(counter_id=key, amount=amount), number, partition)


def garbage(number, key="a") -> Delivery:
    return Delivery(
        partition=LOG, offset=number, key=key, envelope=None, cargo=b"?", problem="no JSON"
    )
