"""L4: a seller is paid into the contract's account, what is due and in its currency."""

from __future__ import annotations

from collections import defaultdict

from sims.laws.books import on_chain, wallet_name
from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.messages.escrow import (
    EscrowCreated,
    EscrowDisputeResolved,
    EscrowReleased,
)
from toolkit.payments.custodian_facts import Purpose


def at_rest(platform: Platform) -> Complaints:
    created: dict[str, EscrowCreated] = {}
    released: dict[str, int] = defaultdict(int)
    disputed: set[str] = set()
    for envelope in platform.databases["escrow"].events:
        match envelope.message:
            case EscrowCreated() as opened:
                created[opened.escrow_id] = opened
            case EscrowReleased(escrow_id=id, amount=amount):
                released[id] += amount.minor
            case EscrowDisputeResolved(escrow_id=id):
                disputed.add(id)
    for escrow_id, minor in released.items():
        due = created[escrow_id].amount.minor
        if minor != due and escrow_id not in disputed:
            yield f"escrow {escrow_id} released {minor} of {due}"
    for escrow_id, account, minor, currency in payouts(platform):
        if escrow_id not in created:
            yield f"{account} was paid {minor} {currency} for nothing"
            continue
        terms = created[escrow_id]
        if account != terms.payee_account:
            yield f"{account} was paid for {escrow_id}, not {terms.payee_account}"
        if (released[escrow_id], str(terms.amount.currency)) != (minor, currency):
            yield f"escrow {escrow_id} paid {minor} {currency}, said {released[escrow_id]}"


def payouts(platform: Platform) -> list[tuple[str, str | None, int, str]]:
    """Escrow, account, minor units and currency of all that was sent to sellers."""
    cards = [
        (t.metadata.get("escrow_id", ""), t.destination, t.amount_minor, t.currency.upper())
        for t in platform.stripe.books.transfers.rows
    ]
    chain = [
        (wallet_name(platform, row), row.destination, row.base_units, "USDC")
        for row in on_chain(platform)
        if row.ref_id.startswith(f"{Purpose.TRANSFER}:")
    ]
    return [*cards, *chain]
