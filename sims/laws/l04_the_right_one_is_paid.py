"""L4: a seller is paid into the contract's account, what is due and in its currency.

Of the escrow's own money; and what goes back goes to whoever had paid it.
"""

from __future__ import annotations

from collections import defaultdict

from sims.laws.books import on_chain, wallet_name
from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.core.money import Money
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
    parts: dict[str, Money] = {}  # of those whose dispute was split
    for envelope in platform.databases["escrow"].events:
        match envelope.message:
            case EscrowCreated() as opened:
                created[opened.escrow_id] = opened
            case EscrowReleased(escrow_id=id, amount=amount):
                released[id] += amount.minor
                if amount != parts.get(id, amount):
                    yield f"escrow {id} released {amount}, and {parts[id]} was decided"
            case EscrowDisputeResolved(escrow_id=id, seller_amount=part):
                disputed.add(id)
                parts.pop(id, None)
                if part:
                    parts[id] = part
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
    yield from of_its_own(platform)
    yield from back_home(platform)


def of_its_own(platform: Platform) -> Complaints:
    """A card's money is paid out, and goes back, for the escrow that it was paid for."""
    books = platform.stripe.books
    moved = [(t.id, t.source_transaction, t.metadata) for t in books.transfers.rows]
    moved += [(r.id, r.charge, r.metadata) for r in books.refunds.rows]
    for id, charge_id, metadata in moved:
        charge = books.charges.get(charge_id or "")
        theirs = charge.metadata.get("escrow_id") if charge else None
        if (ours := metadata.get("escrow_id")) and ours != theirs:
            yield f"{id} of {ours} is made of {charge_id}, which {theirs} was paid with"


def back_home(platform: Platform) -> Complaints:
    """On chain money goes back to the wallet it came from."""
    rows = on_chain(platform)
    senders = {row.id: row.source for row in rows if row.is_inbound}
    for row in rows:
        purpose, _, rest = row.ref_id.partition(":")
        came_as = rest.rpartition(":")[2]
        home = senders.get(came_as)
        if purpose in (Purpose.REFUND, Purpose.RETURN) and row.destination != home:
            where = f"to {row.destination}, not {home}"
            yield f"{row.base_units} of {came_as} went back {where}"


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
