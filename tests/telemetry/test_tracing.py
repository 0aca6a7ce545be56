"""One trace from the request to the provider and back, whatever is in between."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random

import httpx
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from sims.world.platform import Platform
from tests.gateway.worlds import ADA, NOW, House
from tests.projections.histories import CREATE, DELIVER
from tests.runtime.bench import add, envelope
from toolkit.core.errors import Unavailable
from toolkit.core.ports import Entry, Posting
from toolkit.infra.telemetry.health import Health
from toolkit.infra.telemetry.http import Observed
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.infra.telemetry.tracing import Tracing, is_traced, provided
from toolkit.infra.telemetry.watch import Watch
from toolkit.messages.escrow import EscrowReleased
from toolkit.messages.topics import RECORDS
from toolkit.messages.wire import WireFormat

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = f"00-{TRACE}-b7ad6b7169203331-01"
WIRES = WireFormat()


class Kept:
    """A tracing that keeps its spans here."""

    def __init__(self, ratio=1.0):
        self.exporter = InMemorySpanExporter()
        provider = provided("test", ratio)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        metrics = Metrics()
        self.tracing = Tracing(provider)
        self.watch = Watch(metrics, Health("test", metrics), self.tracing)

    @property
    def spans(self):
        return self.exporter.get_finished_spans()

    def named(self, name):
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def kept():
    return Kept()


def asked(kept, house, path, traceparent=CALLER):
    """Ask the gateway as Ada does, from outside."""

    async def ask():
        app = Observed(house.app, kept.watch.metrics, kept.tracing)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as client:
            headers = {**ADA, "Idempotency-Key": "k1"}
            if traceparent:
                headers["traceparent"] = traceparent
            return await client.post(path, headers=headers)

    answer = asyncio.run(ask())
    assert answer.status_code == 202, answer.text
    return house.broker.said[-1]


def carried(posting: Posting):
    """Take a message over the wire: encoded, framed, and read again from its headers."""
    return WIRES.decode(posting.topic, WIRES.encode(posting.cargo))


def delivered_house(kept, tmp_path):
    """Play an escrow until the seller has delivered."""
    platform = Platform(seed=1, start_at=NOW, archive_root=tmp_path, telemetry=kept.watch)

    def then(work):
        platform.env.process(work)
        platform.run(platform.clock.now() + timedelta(hours=2))

    random = Random(1)
    then(platform.send(replace(CREATE, payee_account="acct_bob"), random))
    view = platform.view(CREATE.escrow_id)
    then(platform.pay(view.payment.provider_ref, "pm_card_visa"))
    then(platform.send(DELIVER, random))
    kept.exporter.clear()
    return platform, then


async def said(platform, message):
    platform.broker.append(message.message.topic, message.key, message)


def test_a_release_is_one_trace_from_the_request_to_the_provider_and_back(kept, tmp_path):
    platform, then = delivered_house(kept, tmp_path)
    posted = asked(kept, House(), f"/api/escrow/{CREATE.escrow_id}/release")
    then(said(platform, carried(posted)))

    told = [e for log in platform.broker.logs.values() for e in log]
    (released,) = [e for e in told if isinstance(e.message, EscrowReleased)]
    assert released.traceparent.split("-")[1] == TRACE

    spans = {format(s.context.span_id, "016x"): s for s in kept.spans}
    path, at = [], released.traceparent.split("-")[2]
    while at in spans:
        span = spans[at]
        assert format(span.context.trace_id, "032x") == TRACE
        path.append(span.name)
        at = format(span.parent.span_id, "016x")
    assert path[::-1] == [
        "POST /api/escrow/{escrow_id}/release",
        "process escrow.commands.v1",
        "process payments.commands.v1",
        "perform TransferToSeller",
        "process agenda",
        "process payments.events.v1",
    ]
    assert at == "b7ad6b7169203331", "the caller's own span is the root"
    assert kept.named("send payments.commands.v1"), "the outbox is seen too"


def test_a_batch_is_a_trace_of_its_own_that_links_the_messages_of_it(kept):
    deliveries = [add(1), add(2), add(3)]
    for delivery in deliveries[:2]:
        object.__setattr__(delivery.envelope, "traceparent", CALLER)
    with kept.watch.handling("counting", deliveries):
        pass
    (batch,) = kept.named("handle counting")
    of_messages = kept.named("process counters.commands.v1")
    assert batch.attributes["messaging.batch.message_count"] == 3
    assert {link.context.span_id for link in batch.links} == {
        span.context.span_id for span in of_messages
    }
    assert len(of_messages) == 2, "the third is not traced"


def test_a_caller_does_not_choose_what_we_keep():
    nothing = Kept(ratio=0.0)
    posted = asked(nothing, House(), f"/api/escrow/{CREATE.escrow_id}/release")
    assert nothing.spans == ()
    assert posted.cargo.traceparent.split("-")[1] == TRACE, "the trace goes on, unseen"
    assert not is_traced(posted.cargo.traceparent)


def test_a_request_without_a_trace_opens_one(kept):
    posted = asked(kept, House(), f"/api/escrow/{CREATE.escrow_id}/release", None)
    (span,) = kept.spans
    assert span.parent is None
    assert format(span.context.trace_id, "032x") == posted.cargo.traceparent.split("-")[1]


def test_where_nobody_traces_a_callers_trace_passes_through():
    watch = Watch(Metrics(), Health("test", Metrics()))
    delivery = add(1)
    object.__setattr__(delivery.envelope, "traceparent", CALLER)
    with watch.handling("counting", [delivery]) as handling:
        assert handling.deliveries == [delivery]


def test_a_call_that_fails_says_how_and_not_what(kept):
    said = envelope(add(1).envelope.message, 1)
    entry = Entry(id=said.id, due_at=NOW, since=NOW, performs=True, envelope=said)
    with pytest.raises(Unavailable), kept.watch.performing("payments", entry):
        raise Unavailable("ada@example.com cannot be charged")
    (span,) = kept.spans
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"] == "Unavailable"
    assert "@example.com" not in span.to_json()


def test_a_garbled_header_is_no_parent_and_no_failure(kept):
    delivery = add(1)
    object.__setattr__(delivery.envelope, "traceparent", "00-zz-1")
    with kept.watch.handling("counting", [delivery]):
        pass
    (span,) = kept.named("process counters.commands.v1")
    assert span.parent is None


def test_spans_hold_names_and_counts_only(kept, tmp_path):
    """Whatever a journey carries, a span says only what is on this list."""
    platform, then = delivered_house(kept, tmp_path)
    posted = asked(kept, House(), f"/api/escrow/{CREATE.escrow_id}/release")
    then(said(platform, carried(posted)))
    types = {cls.__name__ for cls in RECORDS}
    for span in kept.spans:
        for name, value in span.attributes.items():
            assert name.startswith(("messaging.", "http.", "escrow.", "error.type")), name
            if name == "escrow.message.type":
                assert value in types
        assert CREATE.buyer_id not in span.attributes.values()
