"""The custodian's rail: an address for each escrow, and transfers that tell when final.

USDC on Base, kept by a custodian after Circle's developer-controlled wallets. A wallet is
named after its escrow and refers to the payment, a transfer refers to what it is for, so
that whatever the custodian shows explains itself.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from toolkit.core.errors import Declined, Unavailable, Unfinished
from toolkit.core.message import Message, derived, record
from toolkit.messages.custody import ReturnDeposit
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CreatePaymentIntent,
    InitiateRefund,
    InspectPayment,
    PaymentFailed,
    PaymentIntentCreated,
    TransferToSeller,
)
from toolkit.payments.custodian_facts import (
    Purpose,
    Seen,
    facts,
    parked,
    refused,
    whole_tokens,
)
from toolkit.payments.custodian_status import Status
from toolkit.payments.wallet import is_wallet
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.horizon import CLOCKS_DIFFER, looks_first, refuse_past_horizon

FEE_LEVEL = "MEDIUM"
SHOWS_NOTHING = "the custodian shows nothing of it"
LOOK_AGAIN = timedelta(minutes=1)  # at what is not final: a webhook may tell it before

log = logging.getLogger(__name__)

Object = Mapping[str, Any]
Paying = TransferToSeller | InitiateRefund | ReturnDeposit


class Custodian(Protocol):
    """The custodian's API as we use it. Objects are its own, as mappings.

    Every method raises Declined when it says no, and Unavailable when it says nothing or
    the outcome is unknown.
    """

    async def create_wallet(self, name: str, ref_id: str, key: UUID) -> Object: ...
    async def wallet(self, id: str) -> Object: ...

    async def wallets_of(self, ref_id: str) -> Sequence[Object]:
        """Find the wallets that refer to something of ours."""
        ...

    async def token(self, id: str) -> Object: ...
    async def transaction(self, id: str) -> Object: ...

    async def transfer(self, asked: Object, key: UUID) -> Object:
        """Start a transfer; answer its id and its state."""
        ...

    async def accelerate(self, id: str, key: UUID) -> None:
        """Hurry a transfer that is stuck."""
        ...

    def transactions_since(self, since: datetime, **filters: str) -> AsyncIterator[Object]:
        """List what was created since, from newest to oldest, all pages."""
        ...


@record
class CustodianRail:
    """Performs payment commands at the custodian; the answers are facts for the decider.

    What is not final yet is Unfinished: it stays on the agenda, which no restart forgets,
    and is looked at until it has come to its end.
    """

    api: Custodian

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]:
        match command:
            case CreatePaymentIntent():
                return await self._open(command, attempt)
            case TransferToSeller() | InitiateRefund() | ReturnDeposit():
                return await self._pay(command, attempt)
            case InspectPayment(object_ref=ref):
                return await self._inspect(ref)
            case unknown:
                raise AssertionError(f"nothing the custodian can do: {unknown!r}")

    async def _open(self, ask: CreatePaymentIntent, attempt: Attempt) -> Sequence[Message]:
        """Give the escrow an address of its own."""
        names = {"escrow_id": ask.escrow_id, "payment_id": ask.payment_id}
        try:
            wallet = await self._wallet(ask, attempt)
        except Declined as no:
            return [PaymentFailed(**names, rail=Rail.CUSTODIAN, reason=str(no))]
        return [
            PaymentIntentCreated(
                **names,
                rail=Rail.CUSTODIAN,
                amount=ask.amount,
                provider_ref=wallet["address"],
            )
        ]

    async def _wallet(self, ask: CreatePaymentIntent, attempt: Attempt) -> Object:
        if looks_first(attempt):
            for made in await self.api.wallets_of(ask.payment_id):
                if made["name"] == ask.escrow_id:
                    return made
        refuse_past_horizon(attempt, SHOWS_NOTHING)
        return await self.api.create_wallet(ask.escrow_id, ask.payment_id, attempt.key)

    async def _pay(self, ask: Paying, attempt: Attempt) -> Sequence[Message]:
        """Send what came with a deposit to where it is to go, once."""
        try:
            deposit = await self.api.transaction(_source_of(ask))
            to = ask.destination or ""
            if isinstance(ask, InitiateRefund):  # nobody else is paid back
                to = to or deposit["sourceAddress"]
            if not is_wallet(to):
                return parked(ask, f"{to!r} is no address")
            made = await self._once(ask, deposit, to, attempt)
        except Declined as no:
            return refused(ask, str(no))
        try:
            return await self._told(made)
        except Declined as no:  # it was made all the same, so it may not be asked for again
            raise Unavailable(f"{made} is made, and is not shown: {no}") from no

    async def _once(self, ask: Paying, deposit: Object, to: str, attempt: Attempt) -> str:
        """Start a transfer that exists at most once, and answer its id."""
        reference = _reference_of(ask)
        if looks_first(attempt):
            made = await self._find(deposit["walletId"], reference, attempt)
            if made is not None:
                return made
        refuse_past_horizon(attempt, SHOWS_NOTHING)
        asked = {
            "walletId": deposit["walletId"],
            "tokenId": deposit["tokenId"],
            "destinationAddress": to,
            "amounts": [_amount_of(ask)],
            "feeLevel": FEE_LEVEL,
            "refId": reference,
        }
        return str((await self.api.transfer(asked, attempt.key))["id"])

    async def _find(self, wallet_id: str, reference: str, attempt: Attempt) -> str | None:
        """Look among what was made since we first asked, by our own reference."""
        since = attempt.since - CLOCKS_DIFFER
        async for made in self.api.transactions_since(since, walletIds=wallet_id):
            if made.get("refId") == reference:
                return str(made["id"])
        return None

    async def _inspect(self, ref: str) -> Sequence[Message]:
        try:
            return await self._told(ref)
        except Declined as no:
            log.warning("we were told of %s, which is not shown: %s", ref, no)
            return []

    async def _told(self, ref: str) -> Sequence[Message]:
        """Read a transaction and say what it means; hurry one that is stuck."""
        transaction = await self.api.transaction(ref)
        seen = Seen(
            transaction=transaction,
            wallet=await self.api.wallet(transaction["walletId"]),
            token=await self.api.token(transaction["tokenId"]),
        )
        if seen.status is Status.STUCK:
            await self._hurry(transaction)
        if not seen.is_over:
            raise Unfinished(f"{ref} is {seen.status}", LOOK_AGAIN)
        return facts(seen)

    async def _hurry(self, stuck: Object) -> None:
        """Offer more gas. Each time it is stuck anew is another call, with its own key."""
        key = derived("accelerate", stuck["id"], stuck["updateDate"])
        try:
            await self.api.accelerate(stuck["id"], key)
        except Declined as no:  # it went on by itself meanwhile
            log.warning("%s cannot be hurried: %s", stuck["id"], no)


def _source_of(ask: Paying) -> str:
    source = ask.deposit_ref if isinstance(ask, ReturnDeposit) else ask.source_ref
    assert source, "payments says which deposit the money came with"
    return source


def _reference_of(ask: Paying) -> str:
    match ask:
        case TransferToSeller(transfer_id=id):
            return f"{Purpose.TRANSFER}:{id}"
        case InitiateRefund(refund_id=id, source_ref=source):
            return f"{Purpose.REFUND}:{id}:{source}"
        case ReturnDeposit(deposit_ref=ref):
            return f"{Purpose.RETURN}:{ref}"


def _amount_of(ask: Paying) -> str:
    """Write the amount as the custodian reads it: whole tokens, in decimal digits."""
    if isinstance(ask, ReturnDeposit):
        return whole_tokens(int(ask.token.base_units), ask.token.decimals)
    return whole_tokens(ask.amount.minor, ask.amount.currency.exponent)
