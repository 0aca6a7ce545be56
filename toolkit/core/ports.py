"""What the shell asks of the world; `infra` answers for real, `sims` virtually."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from toolkit.core.message import Envelope, record


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime: ...
    async def sleep(self, delay: timedelta) -> None: ...


class Tasks(Protocol):
    """The only source of concurrency."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work beside the caller. A failure in it is a failure of the process."""
        ...

    def signal(self) -> Signal:
        """Make something that workers can wait for."""
        ...


class Signal(Protocol):
    """Wakes whoever waits. A ring that nobody waited for is kept for the next who does."""

    def ring(self) -> None: ...
    async def heard(self, within: timedelta | None = None) -> None: ...


class Partition(NamedTuple):
    """One ordered log of a topic."""

    topic: str
    number: int


@record
class Cursor:
    """How far a partition has been handled, and in whose time.

    `epoch` grows with each owner, and a commit with an old one is refused (`Fenced`), so
    that an owner who was declared dead cannot write any more. `offset` is the next to read.
    """

    partition: Partition
    epoch: int
    offset: int


@record
class Delivery:
    """A record as it came: with its envelope, or with the reason why it cannot be used."""

    partition: Partition
    offset: int
    key: str
    envelope: Envelope | None
    cargo: Any  # what the broker carried, kept for the dead letters
    problem: str | None = None
    claimed: bool = False  # its id is its own since it was put aside: nobody handled it
    attempts: int = 0  # how often it was handled in vain


@record
class Polled:
    """What a consumer has to tell: partitions that came and went, and what arrived."""

    assigned: Sequence[Partition] = ()
    revoked: Sequence[Partition] = ()
    deliveries: Sequence[Delivery] = ()


class Consumer(Protocol):
    """One member of a consumer group. It never commits: offsets live in the database."""

    async def poll(self, records_max: int, wait: timedelta) -> Polled:
        """Wait for something to tell. Newly assigned partitions rest until `start`."""
        ...

    async def start(self, cursors: Sequence[Cursor]) -> None:
        """Begin to deliver these partitions at their offsets."""
        ...


@record
class Posting:
    """A message on its way out, in whatever form its world carries it."""

    seq: int
    topic: str
    key: str
    cargo: Any  # an Envelope, or the very bytes and headers that go on the wire


class Producer(Protocol):
    """The way to the broker."""

    async def publish(self, postings: Sequence[Posting]) -> set[int]:
        """Send in order; answer the `seq`s that the broker has confirmed as written."""
        ...


class Versioned(NamedTuple):
    """A state and the number of changes that made it: the optimistic lock."""

    state: Any
    version: int


@record
class DeadLetter:
    """A message that could not be handled, as it was, and what went wrong.

    It is kept in the database, where it parks its key, and said on its `topic`, if any.
    """

    topic: str | None
    service: str
    partition: Partition
    offset: int
    key: str
    cargo: Any
    error: str
    failed_at: datetime
    claimed: bool = False
    attempts: int = 1  # this one among them


@record
class Agreed:
    """What two people agreed to do about a dead letter: let its key go on.

    `again` is the message itself, where it is to be handled first, and not passed over.
    """

    request_id: int
    letter_id: int
    again: Delivery | None
    approved_by: str
    approved_at: datetime


@record
class Settlement:
    """What came of what was agreed on, written in the transaction that did it."""

    agreed: Agreed
    outcome: str


@record
class Entry:
    """Something to be done when it is due: say a command, or ask a provider.

    `since` is when it was first put on the agenda, which bounds how long a provider
    remembers its idempotency key; `attempts` counts the tries that were in vain.
    """

    id: UUID
    due_at: datetime
    since: datetime
    performs: bool
    envelope: Envelope
    attempts: int = 0


@record
class Snapshot:
    """What a transaction found: which ids are new, the states behind the keys, locked."""

    fresh: set[UUID]
    states: Mapping[str, Versioned]
    parked: set[str]


@dataclass(slots=True)
class Effects:
    """Everything one batch changes. It commits together or not at all."""

    states: dict[str, Versioned] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)  # the version each state had before
    events: list[Envelope] = field(default_factory=list)
    outbox: list[Envelope] = field(default_factory=list)  # events too, in the order said
    agenda: list[Entry] = field(default_factory=list)
    done: list[UUID] = field(default_factory=list)  # entries that leave the agenda
    answered: list[Entry] = field(default_factory=list)  # so do these, unless moved since
    parked: list[Delivery] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)
    settled: list[Settlement] = field(default_factory=list)


class Transaction(Protocol):
    """Inbox, states, events, outbox, agenda, dead letters and offsets, all or nothing."""

    async def open(self, ids: Sequence[UUID], keys: Sequence[str]) -> Snapshot:
        """Claim messages and lock aggregates, in order of key; answer what was found."""
        ...

    async def begin(self, effects: Effects) -> None:
        """Write what a batch has said so far, while the rest of it is judged."""
        ...

    async def write(self, effects: Effects) -> None:
        """Write a batch's effects, or what of them has not begun to be written.

        Raises Conflict when a state has moved on, Fenced when a partition has, Declined
        when the data itself is refused.
        """
        ...

    async def release(self, key: str, letter_id: int | None = None) -> Sequence[Delivery]:
        """Let a parked key go: answer what waited behind it, in order, and forget it.

        Raises Conflict when it is no longer this dead letter that parks it.
        """
        ...


class Transactions(Protocol):
    """Where a service's effects become durable."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...

    async def take_over(self, partitions: Sequence[Partition]) -> Sequence[Cursor]:
        """Become the owner: raise each partition's epoch and answer where to go on."""
        ...


class OwnedOutbox(Protocol):
    """The outbox in the hands of its one relay."""

    async def read(self, limit: int) -> Sequence[Posting]: ...
    async def delete(self, seqs: set[int]) -> None: ...

    async def rest(self) -> None:
        """Wait until there may be something to read."""
        ...


class Outbox(Protocol):
    """What was said in a transaction and is not with the broker yet."""

    def owned(self) -> AbstractAsyncContextManager[OwnedOutbox]:
        """Wait until no other relay holds it, then hold it. Dies with its session."""
        ...


class Agenda(Protocol):
    """What is due later."""

    async def lease(self, now: datetime, until: datetime, limit: int) -> Sequence[Entry]:
        """Take what is due. Nobody else gets it before `until`."""
        ...

    async def postpone(self, id: UUID, due_at: datetime) -> None:
        """Put an entry back after a try in vain."""
        ...

    async def rest(self, now: datetime) -> None:
        """Wait until something may be due."""
        ...


class Database(Transactions, Outbox, Agenda, Protocol):
    """All that one service keeps."""
