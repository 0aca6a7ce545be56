"""I7: an intent has at most one object at its provider, by the provider's own books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sims.laws.books import on_chain, wallet_name
from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.payments.custodian_facts import Purpose


def at_rest(platform: Platform) -> Complaints:
    books = platform.stripe.books
    intents: Counter[tuple[str, str]] = Counter()
    rows: dict[str, Sequence[Any]] = {
        "payment intent": books.payment_intents.rows,
        "transfer": books.transfers.rows,
        "refund": books.refunds.rows,
        "reversal": books.reversals.rows,
    }
    for kind, made in rows.items():
        for row in made:
            if intent := row.metadata.get("intent_id"):
                intents[kind, intent] += 1
    refs = Counter(row.ref_id for row in on_chain(platform) if not row.is_inbound)
    intents.update({("movement on chain", ref): n for ref, n in refs.items() if ref})
    for (kind, intent), count in intents.items():
        if count > 1:
            yield f"{kind} {intent} was made {count} times"
    yield from ways_to_pay(platform)
    yield from payouts(platform)
    yield from given_back(platform)


def ways_to_pay(platform: Platform) -> Complaints:
    """A buyer is shown one way to pay: there is one intent, or one wallet."""
    made = Counter(
        intent.metadata.get("payment_id")
        for intent in platform.stripe.books.payment_intents.rows
    )
    made.update(wallet.ref_id for wallet in platform.custodian.books.wallets)
    for payment_id, count in made.items():
        if payment_id and count > 1:
            yield f"payment {payment_id} can be made in {count} ways"


def payouts(platform: Platform) -> Complaints:
    """An escrow is paid for once, and paid out once."""
    sent: Counter[str] = Counter()
    for transfer in platform.stripe.books.transfers.rows:
        sent[transfer.metadata.get("escrow_id", "nobody")] += 1
    for row in on_chain(platform):
        if row.ref_id.startswith(f"{Purpose.TRANSFER}:"):
            sent[wallet_name(platform, row)] += 1
    for escrow_id, count in sent.items():
        if count > 1:
            yield f"escrow {escrow_id} was paid out {count} times"


def given_back(platform: Platform) -> Complaints:
    """A refund that failed may be tried again; one that stands may not."""
    back = Counter(
        refund.metadata["refund_id"]
        for refund in platform.stripe.books.refunds.rows
        if "refund_id" in refund.metadata and refund.status in ("succeeded", "pending")
    )
    for refund_id, count in back.items():
        if count > 1:
            yield f"refund {refund_id} was made {count} times"
