"""What the shell tells whoever watches it: a watcher sees everything and decides nothing.

The names are of things that happen here, and no vendor's. `infra` makes metrics, traces and
signs of life of them; the simulator and the tests look away, or count.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol, Self

from toolkit.core.message import Envelope
from toolkit.core.ports import Delivery, Effects, Entry, Posting


class Handling(Protocol):
    """One batch on its way through a transaction.

    `deliveries` are those of the batch; their envelopes carry the trace on, so that what
    they cause is told as caused by this very handling.
    """

    deliveries: Sequence[Delivery]

    def committed(self, effects: Effects, fresh_count: int) -> None:
        """Be told what is durable now, and how many of the messages were new."""
        ...


class Telemetry(Protocol):
    """Watches one process. What fails inside a context is seen, and passes through."""

    def handling(
        self, service: str, deliveries: Sequence[Delivery]
    ) -> AbstractContextManager[Handling]:
        """Watch a batch from the messages to the commit."""
        ...

    def publishing(
        self, service: str, postings: Sequence[Posting]
    ) -> AbstractContextManager[None]:
        """Watch a batch of the outbox until the broker has confirmed it."""
        ...

    def performing(self, service: str, entry: Entry) -> AbstractContextManager[Envelope]:
        """Watch a call to a provider, and answer the envelope that its facts come from."""
        ...

    def beat(self, service: str, loop: str) -> None:
        """Hear that a loop goes round; one that falls silent is stuck."""
        ...

    def rest(self, service: str, loop: str) -> None:
        """Hear that a loop waits for its turn, which may take as long as it likes."""
        ...


@dataclass(slots=True)
class _Unseen:
    """A batch that nobody watches."""

    deliveries: Sequence[Delivery]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def committed(self, effects: Effects, fresh_count: int) -> None:
        """Nobody asks."""


class Silence:
    """Nobody watches."""

    __slots__ = ()

    def handling(
        self,
        service: str,  # noqa: ARG002 - the port's
        deliveries: Sequence[Delivery],
    ) -> _Unseen:
        return _Unseen(deliveries)

    def publishing(self, service: str, postings: Sequence[Posting]) -> nullcontext[None]:  # noqa: ARG002 - the port's
        return nullcontext()

    def performing(self, service: str, entry: Entry) -> nullcontext[Envelope]:  # noqa: ARG002 - the port's
        return nullcontext(entry.envelope)

    def beat(self, service: str, loop: str) -> None:
        """Nobody listens."""

    def rest(self, service: str, loop: str) -> None:
        """Nobody listens."""


SILENCE: Telemetry = Silence()


def told_with(envelope: Envelope) -> dict[str, str]:
    """Say which message a line of the log is about: its names, and nothing it carries."""
    names = {
        "correlation_id": str(envelope.correlation_id),
        "message_id": str(envelope.id),
        "message_type": envelope.type,
    }
    if envelope.traceparent is not None:
        names["trace_id"] = envelope.traceparent[3:35]
    return names
