"""What payments makes of a provider's webhooks: each is a hint to look at an object."""

from __future__ import annotations

import json
from collections.abc import Iterator

from toolkit.core.decider import Consequence, Perform
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import InspectPayment
from toolkit.messages.webhooks import WebhookReceived

# A transfer's own success is the answer to our call; only what may happen later is here.
TELLING = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        "transfer.reversed",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    }
)

INSPECTED = frozenset({"pi", "ch", "py", "tr", "re", "pyr", "dp", "du"})  # kinds of objects


def heard(webhook: WebhookReceived) -> Iterator[Consequence]:
    """Look at the object that a telling event is about.

    Raises KeyError or ValueError on a payload that is no Stripe event, which makes it a
    dead letter.
    """
    if webhook.provider_event_type in TELLING:
        ref = json.loads(webhook.payload)["data"]["object"]["id"]
        if not isinstance(ref, str) or ref.partition("_")[0] not in INSPECTED:
            raise ValueError(
                f"{webhook.provider_event_type} about {ref!r}, whatever that is"
            )
        yield Perform(command=InspectPayment(rail=Rail.STRIPE, object_ref=ref))
