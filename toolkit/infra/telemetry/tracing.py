"""Traces by OpenTelemetry: spans around what the shell does, joined by a header.

A trace is `traceparent` in an envelope, and travels with it: from the request into the
outbox, the record's headers, the agenda, and into every message that one causes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import (
    Decision,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import (
    Link,
    Span,
    SpanKind,
    Status,
    StatusCode,
    TraceState,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes, AttributeValue

from toolkit.core.message import Envelope
from toolkit.core.ports import Delivery, Posting

SPANS_MAX = 64  # of one batch: tracing everything must not cost more than the work
ODD = frozenset("13579bdf")
SYSTEM = {"messaging.system": "kafka"}
W3C = TraceContextTextMapPropagator()


class OurChoice(Sampler):
    """Which traces are kept: chosen where a request comes in, and obeyed inside.

    A caller's own wish is not obeyed, since the cost is ours; the trace id decides, so a
    caller's retry is kept or dropped like its first try.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = TraceIdRatioBased(ratio)

    def should_sample(  # noqa: PLR0917 - the library's shape
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        parent = get_current_span(parent_context).get_span_context()
        if kind is not SpanKind.SERVER and (parent.is_valid or links):
            followed = [parent, *(link.context for link in links or ())]
            is_kept = any(context.trace_flags.sampled for context in followed)
            decision = Decision.RECORD_AND_SAMPLE if is_kept else Decision.DROP
            return SamplingResult(decision, attributes, trace_state)
        return self._ratio.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        return f"OurChoice({self._ratio.get_description()})"


class Tracing:
    """Starts the spans of one process, each the child of a `traceparent`."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("toolkit")

    def start(
        self,
        name: str,
        kind: SpanKind,
        traceparent: str | None,
        attributes: Mapping[str, AttributeValue],
        links: Sequence[Link] = (),
    ) -> Span:
        parent = W3C.extract({"traceparent": traceparent} if traceparent else {}, Context())
        return self._tracer.start_span(name, parent, kind, attributes, links)

    def handled(self, service: str, deliveries: Sequence[Delivery]) -> dict[int, Span]:
        """Start a span for each message of a batch that is traced, by its place in it."""
        spans = {}
        for place, delivery in enumerate(deliveries):
            envelope = delivery.envelope
            if envelope is None or envelope.traceparent is None:
                continue
            if envelope.traceparent[-1:] not in ODD:  # as `is_traced`, at half the cost
                continue
            spans[place] = self.start(
                f"process {delivery.partition.topic}",
                SpanKind.CONSUMER,
                envelope.traceparent,
                {
                    **_told(envelope),
                    "messaging.operation.name": "process",
                    "messaging.operation.type": "process",
                    "messaging.destination.name": delivery.partition.topic,
                    "messaging.destination.partition.id": str(delivery.partition.number),
                    "messaging.consumer.group.name": service,
                    "messaging.kafka.offset": delivery.offset,
                },
            )
            if len(spans) == SPANS_MAX:
                break
        return spans

    def batch(self, service: str, count: int, spans: Sequence[Span]) -> Span:
        """Start the span of a batch: a trace of its own, linked to its messages' spans."""
        return self.start(
            f"handle {service}",
            SpanKind.INTERNAL,
            None,
            {**SYSTEM, "messaging.batch.message_count": count},
            [Link(span.get_span_context()) for span in spans],
        )

    def published(self, service: str, postings: Sequence[Posting]) -> list[Span]:
        """Start a span for each traced message on its way to the broker."""
        traced = [
            (posting, traceparent)
            for posting in postings
            if is_traced(traceparent := _traceparent_of(posting))
        ]
        return [
            self.start(
                f"send {posting.topic}",
                SpanKind.PRODUCER,
                traceparent,
                {
                    **SYSTEM,
                    "messaging.operation.name": "send",
                    "messaging.operation.type": "send",
                    "messaging.destination.name": posting.topic,
                    "messaging.client.id": service,
                },
            )
            for posting, traceparent in traced[:SPANS_MAX]
        ]

    def performed(self, envelope: Envelope, attempts: int) -> Span:
        """Start the span of a call to a provider."""
        return self.start(
            f"perform {envelope.type}",
            SpanKind.CLIENT,
            envelope.traceparent,
            {**_told(envelope), "escrow.attempts": attempts},
        )

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def exported(service: str, endpoint: str, ratio: float) -> Tracing:
    """Trace, and send the spans by OTLP over HTTP."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - nobody else needs its weight
        OTLPSpanExporter,
    )

    provider = provided(service, ratio)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
    return Tracing(provider)


def provided(service: str, ratio: float) -> TracerProvider:
    """Make the source of one process's spans; nothing global, and no exporter yet."""
    return TracerProvider(
        sampler=OurChoice(ratio),
        resource=Resource.create(
            {"service.name": service, "service.namespace": "escrow-platform"}
        ),
        shutdown_on_exit=False,
    )


def traceparent(span: Span) -> str:
    """Write the header that makes a span the parent of what comes."""
    context = span.get_span_context()
    return (
        f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
    )


def is_traced(traceparent: str | None) -> TypeGuard[str]:
    """See whether a header asks for spans: the last bit of its flags is set."""
    return traceparent is not None and traceparent[-1:] in ODD


def following(delivery: Delivery, span: Span) -> Delivery:
    """Give a delivery's envelope the span as parent of all that it causes."""
    assert delivery.envelope is not None
    carried = replace(delivery.envelope, traceparent=traceparent(span))
    return replace(delivery, envelope=carried)


def end(span: Span, failure: BaseException | None) -> None:
    """End a span, with the kind of its failure; what a failure says may be personal."""
    if failure is not None:
        span.set_attribute("error.type", type(failure).__name__)
        span.set_status(Status(StatusCode.ERROR, type(failure).__name__))
    span.end()


def _told(envelope: Envelope) -> dict[str, AttributeValue]:
    return {
        **SYSTEM,
        "messaging.message.id": str(envelope.id),
        "messaging.message.conversation_id": str(envelope.correlation_id),
        "escrow.message.type": envelope.type,
    }


def _traceparent_of(posting: Posting) -> str | None:
    """Find the header of a message on its way out; on the wire it is the last one."""
    cargo = posting.cargo
    if isinstance(cargo, Envelope):
        return cargo.traceparent
    name, value = cargo.headers[-1] if cargo.headers else ("", b"")
    return value.decode("ascii", "replace") if name == "traceparent" else None
