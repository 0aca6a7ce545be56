"""A decider is a service's judgement: pure, total and replayable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from toolkit.core.message import Command, Envelope, Event, Message, record

State = TypeVar("State")


@record
class Later:
    """Say this command when the time has come, unless it is forgotten before.

    A key has one timer of a name: setting it again moves it.
    """

    name: str
    at: datetime
    command: Command


@record
class Forget:
    """Never mind the timer of this name."""

    name: str


@record
class Perform:
    """Ask a provider, outside any transaction; the answer comes back as a message."""

    command: Command


@record
class Numbered:
    """Tell this event, under a number that its aggregate has counted itself.

    Who changes without telling, or tells on two topics, counts what it told on each.
    """

    event: Event
    number: int


Consequence = Message | Later | Forget | Perform | Numbered


class Judgement(Protocol):
    """What the shell needs to know of a decider, or of anything that judges like one."""

    @property
    def initial(self) -> Any: ...

    def step(
        self, state: Any, message: Any, now: datetime
    ) -> tuple[Any, Sequence[Consequence]]: ...


@dataclass(frozen=True, slots=True)
class Decider(Generic[State]):
    """A service's judgement: `decide` says what follows, `evolve` remembers it."""

    initial: State
    decide: Callable[[State, Any, datetime], Iterable[Consequence]]
    evolve: Callable[[State, Any], State]

    def step(
        self, state: State, message: Message, now: datetime
    ) -> tuple[State, Sequence[Consequence]]:
        """Judge one message: return the next state, and what it gives rise to."""
        outcome = tuple(self.decide(state, message, now))
        for consequence in outcome:
            if isinstance(consequence, Event):
                state = self.evolve(state, consequence)
        return state, outcome


@dataclass(frozen=True, slots=True)
class Projection(Generic[State]):
    """A listener with a memory: it folds what others said, and says nothing itself.

    It is told when a thing happened, not when it was heard of: so a state that is made
    anew from the events is the same.
    """

    initial: State
    evolve: Callable[[State, Any, datetime], State]

    def fold(self, state: State, envelope: Envelope) -> State:
        """Add what an event tells."""
        return self.evolve(state, envelope.message, envelope.occurred_at)


@dataclass(frozen=True, slots=True)
class Witness(Generic[State]):
    """A listener that keeps what it hears as it was said, with its whole envelope."""

    initial: State
    hear: Callable[[State, Envelope, datetime], tuple[State, Sequence[Consequence]]]


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener without a memory: what it hears leads to what it says."""

    say: Callable[[Any], Iterable[Consequence]]
    initial: None = None

    def step(
        self,
        state: None,
        message: Message,
        now: datetime,  # noqa: ARG002 - shape
    ) -> tuple[None, Sequence[Consequence]]:
        """Answer one message."""
        return state, tuple(self.say(message))
