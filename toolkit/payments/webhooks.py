"""What payments makes of a provider's webhooks: each is a hint to look at an object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from toolkit.core.decider import Consequence, Perform
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import InspectPayment
from toolkit.messages.webhooks import WebhookReceived
from toolkit.payments.custodian_status import Status, read

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
LISTED = "transactions.listed"  # said by our own poller, whatever the state is
TELLING_OF_CUSTODY = frozenset({"transactions.inbound", "transactions.outbound", LISTED})

INSPECTED = frozenset({"pi", "ch", "py", "tr", "re", "pyr", "dp", "du"})  # kinds of objects
TRANSACTION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def heard(webhook: WebhookReceived) -> Iterator[Consequence]:
    """Look at the object that a telling event is about.

    Raises KeyError, TypeError or ValueError on a payload that is no event of its provider,
    which makes it a dead letter.
    """
    match webhook.provider:
        case "stripe":
            yield from _of_stripe(webhook)
        case "custodian":
            yield from _of_custodian(webhook)
        case "wallets":
            return  # of closings
        case agent if agent.startswith("agents/"):
            return  # of those who verify
        case unknown:
            raise ValueError(f"a webhook of {unknown!r}, whoever that is")


def _of_stripe(webhook: WebhookReceived) -> Iterator[Consequence]:
    if webhook.provider_event_type in TELLING:
        ref = json.loads(webhook.payload)["data"]["object"]["id"]
        if not isinstance(ref, str) or ref.partition("_")[0] not in INSPECTED:
            raise _strange(webhook, ref)
        yield Perform(command=InspectPayment(rail=Rail.STRIPE, object_ref=ref))


def _of_custodian(webhook: WebhookReceived) -> Iterator[Consequence]:
    """Look at once at a transaction's end, and at one that does not get on.

    One that is listed is looked at until its end, whatever is told of it or not.
    """
    if webhook.provider_event_type in TELLING_OF_CUSTODY:
        told = json.loads(webhook.payload)["notification"]
        ref, status = told["id"], read(str(told["state"]))
        if not isinstance(ref, str) or not TRANSACTION.fullmatch(ref):
            raise _strange(webhook, ref)
        is_listed = webhook.provider_event_type == LISTED
        if is_listed or status.is_final or status is Status.STUCK:
            yield Perform(command=InspectPayment(rail=Rail.CUSTODIAN, object_ref=ref))


def _strange(webhook: WebhookReceived, ref: object) -> ValueError:
    return ValueError(f"{webhook.provider_event_type} about {ref!r}, whatever that is")
