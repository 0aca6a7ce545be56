"""The port of whoever watches, answered with metrics, traces and signs of life."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter
from types import TracebackType
from typing import Self

from opentelemetry.trace import Span
from structlog.contextvars import bind_contextvars, reset_contextvars

from toolkit.core.message import Command, Envelope, Message
from toolkit.core.ports import Delivery, Effects, Entry, Posting
from toolkit.core.telemetry import told_with
from toolkit.infra.telemetry.business import STEPS, amounts
from toolkit.infra.telemetry.health import Health
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.infra.telemetry.tracing import Tracing, end, following, traceparent
from toolkit.messages.escrow import EscrowRefusedCommand
from toolkit.messages.topics import RECORDS

DONE = "done"
COMMANDS = frozenset(cls.__name__ for cls in RECORDS if issubclass(cls, Command))
OUTCOMES = (
    DONE,
    "Unavailable",
    "Unfinished",
    "Declined",
    "Conflict",
    "Fenced",
    "Cancelled",
    "Unexpected",
)


@dataclass(frozen=True, slots=True)
class Watch:
    """Watches one process; `toolkit.core.telemetry.Telemetry`."""

    metrics: Metrics
    health: Health
    tracing: Tracing | None = None

    def handling(self, service: str, deliveries: Sequence[Delivery]) -> Batch:
        return Batch(self, service, deliveries)

    @contextmanager
    def publishing(self, service: str, postings: Sequence[Posting]) -> Iterator[None]:
        spans = self.tracing.published(service, postings) if self.tracing else ()
        start_s, failure = perf_counter(), None
        try:
            yield
            self.metrics.relayed.labels(service).inc(len(postings))
        except BaseException as caught:
            failure = caught
            raise
        finally:
            self.metrics.relays.labels(service, outcome_of(failure)).inc()
            self.metrics.relay_s.labels(service).observe(perf_counter() - start_s)
            for span in spans:
                end(span, failure)

    @contextmanager
    def performing(self, service: str, entry: Entry) -> Iterator[Envelope]:
        envelope = entry.envelope
        span = self.tracing.performed(envelope, entry.attempts) if self.tracing else None
        bound = bind_contextvars(service=service, **told_with(envelope))
        start_s, failure = perf_counter(), None
        try:
            yield _carrying(envelope, span)
        except BaseException as caught:
            failure = caught
            raise
        finally:
            reset_contextvars(**bound)
            self.metrics.calls.labels(envelope.type, outcome_of(failure)).inc()
            self.metrics.call_s.labels(envelope.type).observe(perf_counter() - start_s)
            if span:
                end(span, failure)

    def beat(self, service: str, loop: str) -> None:
        self.health.beat(f"{service} {loop}")

    def rest(self, service: str, loop: str) -> None:
        self.health.rest(f"{service} {loop}")


@dataclass(slots=True)
class Batch:
    """One transaction while it runs. All that it notes, it notes once for the batch."""

    watch: Watch
    service: str
    deliveries: Sequence[Delivery]
    start_s: float = 0.0
    spans: Mapping[int, Span] = field(default_factory=dict)
    whole: Span | None = None

    def __enter__(self) -> Self:
        self.start_s = perf_counter()
        if tracing := self.watch.tracing:
            self.spans = tracing.handled(self.service, self.deliveries)
            if self.spans:
                spans = list(self.spans.values())
                self.whole = tracing.batch(self.service, len(self.deliveries), spans)
                self.deliveries = [
                    following(d, self.spans[i]) if i in self.spans else d
                    for i, d in enumerate(self.deliveries)
                ]
        return self

    def committed(self, effects: Effects, fresh_count: int) -> None:
        """Count what is durable now."""
        metrics, service = self.watch.metrics, self.service
        buried, parked = len(effects.dead_letters), len(effects.parked)
        ends = {
            "new": fresh_count,
            "known": max(len(self.deliveries) - fresh_count, 0),
            "parked": parked,
            "dead_letter": buried,
        }
        for outcome, count in ends.items():
            if count:
                metrics.messages.labels(service, outcome).inc(count)
        self._count_events([envelope.message for envelope in effects.events])

    def _count_events(self, events: Sequence[Message]) -> None:
        metrics = self.watch.metrics
        for kind, count in Counter(map(type, events)).items():
            metrics.events.labels(self.service, kind.__name__).inc(count)
            if kind in STEPS:
                metrics.steps.labels(STEPS[kind]).inc(count)
                of_kind = [event for event in events if type(event) is kind]
                for (step, currency), minor in amounts(of_kind).items():
                    metrics.amounts.labels(step, currency).inc(minor)
            if kind is EscrowRefusedCommand:
                self._count_refusals(events)

    def _count_refusals(self, events: Sequence[Message]) -> None:
        for event in events:
            if isinstance(event, EscrowRefusedCommand) and event.command in COMMANDS:
                self.watch.metrics.refusals.labels(event.command).inc()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        metrics = self.watch.metrics
        metrics.batches.labels(self.service, outcome_of(failure)).inc()
        metrics.batch_s.labels(self.service).observe(perf_counter() - self.start_s)
        metrics.batch_messages.labels(self.service).observe(len(self.deliveries))
        for span in self.spans.values():
            end(span, failure)
        if self.whole:
            end(self.whole, failure)


def outcome_of(failure: BaseException | None) -> str:
    """Name how something ended, out of a short list."""
    match failure:
        case None:
            return DONE
        case Exception():
            name = type(failure).__name__
            return name if name in OUTCOMES else "Unexpected"
        case _:
            return "Cancelled"  # the process is asked to end


def _carrying(envelope: Envelope, span: Span | None) -> Envelope:
    return envelope if span is None else replace(envelope, traceparent=traceparent(span))
