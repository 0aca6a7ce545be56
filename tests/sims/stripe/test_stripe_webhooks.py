"""Do events reach the platform: signed, at least once, in whatever order?"""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import stripe
from stripe_faces import CARD, MORNING, SECRET, HandClock, pay, send, served

from sims.world.stripe import Faults, InProcessStripe, StripeModel
from sims.world.stripe.http import Face


def types(deliveries):
    return [delivery.event.type for delivery in deliveries]


def world(clock, **faults):
    model = StripeModel(
        now=clock.now, seed=7, webhook_secret=SECRET, faults=Faults(**faults)
    )
    return model, InProcessStripe(model)


def verify(delivery, secret=SECRET):
    """As the SDK does, without its wall clock: the tests' time stands still."""
    return stripe.WebhookSignature.verify_header(
        delivery.payload, delivery.headers["stripe-signature"], secret, tolerance=None
    )


def test_a_payment_is_announced_step_by_step(local, model):
    intent = local.create_payment_intent({"amount": 12_300, "currency": "usd"})
    local.confirm_payment_intent(intent["id"], CARD)
    assert types(model.due_webhooks()) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_a_declined_card_is_announced(local, model):
    with pytest.raises(Exception, match="declined"):
        pay(local, method="pm_card_chargeDeclined")
    announced = types(model.due_webhooks())
    assert announced[1:] == ["charge.failed", "payment_intent.payment_failed"]


def test_movements_are_announced(local, model, clock):
    charge = pay(local, method="pm_card_refundFail")["latest_charge"]
    transfer = send(local, charge, 5_000)
    local.reverse_transfer(transfer["id"])
    local.create_refund({"charge": charge, "amount": 100})
    local.close_dispute(local.open_dispute(charge)["id"], is_won=True)
    model.due_webhooks(MORNING.replace(hour=8))
    announced = types(model.due_webhooks())[3:]
    assert announced == [
        "transfer.created",
        "transfer.reversed",
        "refund.created",
        "charge.refunded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]
    clock.advance(days=3)
    assert "refund.failed" in types(model.due_webhooks())


def test_an_event_carries_a_snapshot_and_the_key_of_its_call(local, model):
    local.create_payment_intent({"amount": 12_300, "currency": "usd"}, key="ours")
    [delivery] = model.due_webhooks()
    event = json.loads(delivery.payload)
    assert event["data"]["object"]["status"] == "requires_payment_method"
    assert event["request"]["idempotency_key"] == "ours"
    assert event["pending_webhooks"] == 1


def test_the_sdk_accepts_the_signature(local, model):
    pay(local)
    assert all(verify(delivery) for delivery in model.due_webhooks())


def test_the_sdk_refuses_another_secret(local, model):
    pay(local)
    with pytest.raises(stripe.SignatureVerificationError):
        verify(model.due_webhooks()[0], "whsec_of_somebody_else")


def test_while_a_secret_is_rotated_both_are_good(local, model, clock):
    new = {"secret": "whsec_new", "overlap_s": 3600}
    local.post("/_sandbox/webhook_secret", new)
    pay(local)
    delivery = model.due_webhooks()[0]
    assert delivery.headers["stripe-signature"].count("v1=") == 2
    assert verify(delivery, SECRET)
    assert verify(delivery, "whsec_new")
    clock.advance(hours=1)
    pay(local)
    delivery = model.due_webhooks()[0]
    assert verify(delivery, "whsec_new")
    with pytest.raises(stripe.SignatureVerificationError):
        verify(delivery, SECRET)


def test_a_refused_delivery_comes_again_ever_more_slowly_for_three_days(
    local, model, clock
):
    local.create_payment_intent({"amount": 12_300, "currency": "usd"})
    waits, payloads, signatures = [], set(), set()
    last_at = clock.now()
    while (due_at := model.next_due_at()) is not None:
        clock.at = due_at
        [delivery] = model.due_webhooks()
        payloads.add(delivery.payload)
        signatures.add(delivery.headers["stripe-signature"])
        waits.append((due_at - last_at).total_seconds())
        last_at = due_at
        model.webhook_failed(delivery)
    assert waits[:4] == [0, 30, 90, 270]
    assert waits == sorted(waits)
    assert 2 < (last_at - MORNING).days + 1 <= 3
    assert len(payloads) == 1
    assert len(signatures) == len(waits)


def test_a_delivered_event_does_not_come_again(local, model, clock):
    local.create_payment_intent({"amount": 12_300, "currency": "usd"})
    for delivery in model.due_webhooks():
        model.webhook_delivered(delivery)
    clock.advance(days=4)
    assert model.due_webhooks() == []


def test_a_lost_webhook_is_still_found_by_listing(clock):
    model, local = world(clock, webhook_lost=1.0)
    local.create_payment_intent({"amount": 12_300, "currency": "usd"})
    clock.advance(days=4)
    assert model.due_webhooks() == []
    [event] = local.list_events()["data"]
    assert event["type"] == "payment_intent.created"


def test_a_lost_webhook_can_be_resent(clock):
    model, local = world(clock, webhook_lost=1.0)
    local.create_payment_intent({"amount": 12_300, "currency": "usd"})
    [event] = local.list_events()["data"]
    local.post(f"/_sandbox/events/{event['id']}/resend")
    [delivery] = model.due_webhooks()
    assert delivery.event.id == event["id"]


def test_a_doubled_webhook_arrives_twice_with_one_id(clock):
    model, local = world(clock, webhook_doubled=1.0)
    local.create_payment_intent({"amount": 12_300, "currency": "usd"})
    first, second = model.due_webhooks()
    assert first.event.id == second.event.id
    assert first.payload == second.payload


def test_a_delayed_webhook_arrives_within_the_hour(clock):
    model, local = world(clock, webhook_delayed=1.0)
    local.create_payment_intent({"amount": 12_300, "currency": "usd"})
    assert model.due_webhooks() == []
    clock.advance(hours=1)
    assert types(model.due_webhooks()) == ["payment_intent.created"]


def test_a_reordered_webhook_is_overtaken(local, model, clock):
    local.post("/_sandbox/faults/webhook_reordered/next", {"count": 1})
    pay(local)
    overtaking = types(model.due_webhooks())
    clock.advance(seconds=5)
    assert overtaking == ["charge.succeeded", "payment_intent.succeeded"]
    assert types(model.due_webhooks()) == ["payment_intent.created"]


def test_a_stale_signature_is_good_again_at_the_retry(clock):
    model, local = world(clock, webhook_stale=1.0)
    local.create_payment_intent({"amount": 12_300, "currency": "usd"})
    [delivery] = model.due_webhooks()
    assert delivery.signed_at == clock.now() - timedelta(seconds=600)
    model.webhook_failed(delivery)
    clock.advance(seconds=30)
    [delivery] = model.due_webhooks()
    assert delivery.signed_at == clock.now()


def test_nothing_is_queued_where_nobody_listens(clock):
    model = StripeModel(now=clock.now, seed=7)
    pay(InProcessStripe(model))
    assert model.next_due_at() is None


def test_only_the_events_asked_for_are_sent(clock):
    model = StripeModel(
        now=clock.now,
        seed=7,
        webhook_secret=SECRET,
        enabled_events=["payment_intent.succeeded"],
    )
    pay(InProcessStripe(model))
    assert types(model.due_webhooks()) == ["payment_intent.succeeded"]


@pytest.fixture
def receiver():
    """A receiver that fails each event once, and then accepts what the SDK accepts."""
    seen, accepted = set(), []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            signature = self.headers["stripe-signature"]
            stripe.WebhookSignature.verify_header(body, signature, SECRET)
            event = json.loads(body)
            is_first = event["id"] not in seen
            seen.add(event["id"])
            if not is_first:
                accepted.append(event["type"])
            self.send_response(500 if is_first else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/webhooks", accepted
        server.shutdown()
        thread.join()


def test_over_http_every_event_arrives_though_the_receiver_fails_at_first(receiver):
    url, accepted = receiver
    clock = HandClock()
    model = StripeModel(
        now=clock.now, seed=7, webhook_secret=SECRET, webhook_retry_initial_s=0.0
    )
    pay(InProcessStripe(model))
    with served(Face(model=model, webhook_url=url)):
        until = time.monotonic() + 5
        while len(accepted) < 3 and time.monotonic() < until:
            time.sleep(0.01)
    assert sorted(accepted) == [
        "charge.succeeded",
        "payment_intent.created",
        "payment_intent.succeeded",
    ]
