"""What a provider refuses today is asked for again, and told twice it counts once."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from toolkit.core.decider import Later, Perform
from toolkit.core.money import Money
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CreatePaymentIntent,
    InitiateRefund,
    PaymentSucceeded,
    RefundFailed,
    ReverseTransfer,
    TransferReversalFailed,
    TransferReversed,
    TransferSucceeded,
    TransferToSeller,
)
from toolkit.messages.webhooks import WebhookReceived
from toolkit.payments.decider import payments
from toolkit.payments.webhooks import heard

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRICE = Money(100_00)
NAMES = {"escrow_id": "E1", "payment_id": "P1"}
PAID = PaymentSucceeded(
    **NAMES, rail=Rail.STRIPE, amount=PRICE, fee=Money(3_20), provider_ref="ch_1"
)
ASK_REFUND = InitiateRefund(
    **NAMES,
    refund_id="R1",
    rail=Rail.STRIPE,
    amount=PRICE,
    reason="late",
    source_ref="ch_1",
)


def play(*messages):
    """Say messages one after the other; answer the state and what the last one led to."""
    state, outcome = payments.initial, ()
    for message in messages:
        state, outcome = payments.step(state, message, NOW)
    return state, outcome


def performed(outcome):
    return [c.command for c in outcome if isinstance(c, Perform)]


OPENED = (
    CreatePaymentIntent(**NAMES, rail=Rail.STRIPE, amount=PRICE, payer_id="ada"),
    PAID,
)
SENT = (
    *OPENED,
    TransferToSeller(
        **NAMES, transfer_id="T1", rail=Rail.STRIPE, amount=PRICE, payee_id="bob"
    ),
    TransferSucceeded(
        **NAMES,
        transfer_id="T1",
        rail=Rail.STRIPE,
        amount=PRICE,
        fee=Money(0),
        provider_ref="tr_1",
        destination="bob",
    ),
)
NOT_NOW = TransferReversalFailed(
    **NAMES, transfer_id="T1", amount=PRICE, reason="the seller has spent it"
)


def test_a_reversal_that_was_refused_is_asked_for_again_a_day_later():
    _, outcome = play(*SENT, ASK_REFUND, NOT_NOW)

    (again,) = [c for c in outcome if isinstance(c, Later)]
    assert again.at == NOW + timedelta(days=1)
    assert isinstance(again.command, ReverseTransfer)


def test_the_second_try_fetches_the_money_and_the_refund_goes():
    again = ReverseTransfer(**NAMES, transfer_id="T1", amount=PRICE, provider_ref="tr_1")
    back = TransferReversed(**NAMES, transfer_id="T1", amount=PRICE, provider_ref="trr_1")

    assert len(performed(play(*SENT, ASK_REFUND, NOT_NOW, again)[1])) == 1
    (refund,) = performed(play(*SENT, ASK_REFUND, NOT_NOW, again, back)[1])
    assert refund.refund_id == "R1"


def test_a_try_that_nobody_needs_any_more_asks_for_nothing():
    again = ReverseTransfer(**NAMES, transfer_id="T1", amount=PRICE, provider_ref="tr_1")

    assert play(*SENT, again)[1] == ()


def test_a_failure_of_an_earlier_attempt_does_not_fail_the_one_that_runs():
    failed = RefundFailed(
        **NAMES,
        refund_id="R1",
        rail=Rail.STRIPE,
        reason="bank",
        amount=PRICE,
        provider_ref="re_1",
    )

    _, told_again = play(*OPENED, ASK_REFUND, failed, ASK_REFUND, failed)

    assert told_again == ()


@pytest.mark.parametrize("ref", [5, None, "zz_1", ""])
def test_a_webhook_about_nothing_we_know_is_no_news_but_an_error(ref):
    webhook = WebhookReceived(
        provider="stripe",
        provider_event_id="evt_1",
        provider_event_type="payment_intent.succeeded",
        payload=json.dumps({"data": {"object": {"id": ref}}}),
        received_at=NOW,
    )

    with pytest.raises(ValueError, match="whatever that is"):
        list(heard(webhook))
