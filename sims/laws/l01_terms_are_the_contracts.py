"""L1: an escrow's terms are its contract's to the minor unit, and so is what it holds.

Up to 10,000.00 USD it is the same money; above, as many USDC as there were USD.
"""

from __future__ import annotations

from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.core.money import Currency, Money
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.escrow import EscrowCreated, EscrowFundsHeld

CARD_MAX_MINOR = 10_000_00
USDC_PER_CENT = 10_000


def at_rest(platform: Platform) -> Complaints:
    contracts = {
        e.message.contract_id: e.message
        for log in platform.broker.logs.values()
        for e in log
        if isinstance(e.message, ContractExecuted)
    }
    terms: dict[str, Money] = {}
    for envelope in platform.databases["escrow"].events:
        match envelope.message:
            case EscrowCreated() as created:
                terms[created.escrow_id] = created.amount
                agreed = contracts[created.contract_id]
                people = (created.buyer_id, created.seller_id, created.payee_account)
                if people != (agreed.buyer_id, agreed.seller_id, agreed.payee_account):
                    yield f"escrow {created.escrow_id} is between others than agreed"
                if created.amount != due(agreed.amount):
                    yield f"{agreed.amount} was agreed, and {created.amount} is due"
            case EscrowFundsHeld(escrow_id=id, amount=amount) if amount != terms[id]:
                yield f"escrow {id} of {terms[id]} holds {amount}"
    for intent in platform.stripe.books.payment_intents.rows:
        asked = Money(intent.amount_minor, Currency(intent.currency.upper()))
        escrow_id = intent.metadata.get("escrow_id", "")
        if escrow_id in terms and asked != terms[escrow_id]:
            yield f"{intent.id} asks {asked} for an escrow of {terms[escrow_id]}"


def due(agreed: Money) -> Money:
    """What is due for a contract in USD."""
    if agreed.minor > CARD_MAX_MINOR:
        return Money(agreed.minor * USDC_PER_CENT, Currency.USDC)
    return agreed
