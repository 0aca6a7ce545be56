"""What the services are given to handle when they are measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from toolkit.core.message import Envelope, Message, derived, first
from toolkit.core.money import Money
from toolkit.core.ports import Delivery, Partition
from toolkit.escrow.policy import payment_of
from toolkit.messages.escrow import CreateEscrow, EscrowCreated, Rail
from toolkit.messages.payments import CreatePaymentIntent

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PRICE = Money(125_00)


def opening(escrow_id: str) -> Message:
    return CreateEscrow(
        escrow_id=escrow_id,
        contract_id=f"contract of {escrow_id}",
        buyer_id="buyer",
        seller_id="seller",
        amount=PRICE,
    )


def asking(escrow_id: str) -> Message:
    return CreatePaymentIntent(
        escrow_id=escrow_id,
        payment_id=payment_of(escrow_id),
        rail=Rail.STRIPE,
        amount=PRICE,
        payer_id="buyer",
    )


def told(escrow_id: str) -> Message:
    return EscrowCreated(
        escrow_id=escrow_id,
        contract_id=f"contract of {escrow_id}",
        buyer_id="buyer",
        seller_id="seller",
        amount=PRICE,
        rail=Rail.STRIPE,
    )


FIRST: Mapping[str, Callable[[str], Message]] = {
    "escrow": opening,
    "payments": asking,
    "projections": told,
}


def envelope(service: str, series: str, number: int) -> Envelope:
    """One message of a series, each of an escrow of its own."""
    id = named(series, number)
    return first(FIRST[service](str(id)), id, NOW)


def named(series: str, number: int) -> UUID:
    return derived(series, str(number))


def deliveries(service: str, series: str, count: int) -> list[Delivery]:
    """Lay out messages as a consumer would hand them over."""
    found = []
    for number in range(count):
        said = envelope(service, series, number)
        where = Partition(said.message.topic, 0)
        found.append(
            Delivery(
                partition=where, offset=number, key=said.key, envelope=said, cargo=said
            )
        )
    return found
