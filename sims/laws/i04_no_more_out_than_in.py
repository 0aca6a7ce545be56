"""I4: no escrow pays out more than came in, and no charge gives back more than it was.

A chargeback after the payout is a way to owe, and has a case for recovery. Another is a
refund at the provider's dashboard: what the seller has by then is asked back.
"""

from __future__ import annotations

from collections import Counter

from sims.laws.law import Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.message import Envelope
from toolkit.infra.memory import MemoryTransaction
from toolkit.messages.custody import CaseKind, PaymentCaseOpened
from toolkit.payments.ledger import journal


def watching(platform: Platform) -> Watching:
    owed: Counter[tuple[str, str]] = Counter()
    recovers: set[str] = set()

    def committed(transaction: MemoryTransaction) -> Complaints:
        for effects in transaction.writes:
            told = [e.message for e in effects.events]
            recovers.update(
                m.escrow_id
                for m in told
                if isinstance(m, PaymentCaseOpened) and m.kind is CaseKind.RECOVERY
            )
            for event in effects.events:
                if event.key not in platform.by_hand:
                    yield from _booked(event, owed, recovers)

    return Watching(committed={"payments": committed})


def _booked(
    event: Envelope, owed: Counter[tuple[str, str]], recovers: set[str]
) -> Complaints:
    for line in journal(event.message):
        if not line.account.startswith("escrow:"):
            continue
        account = line.account, str(line.currency)
        owed[account] += line.minor
        if owed[account] > 0 and event.key not in recovers:
            yield f"{line.account} paid out {owed[account]} {line.currency} too much"


def at_rest(platform: Platform) -> Complaints:
    books = platform.stripe.books
    for charge in books.charges.rows:
        back = sum(
            refund.amount_minor
            for refund in books.refunds.rows
            if refund.charge == charge.id and refund.status in ("succeeded", "pending")
        )
        if back > charge.amount_minor:
            yield f"{charge.id} was {charge.amount_minor} and gave back {back}"
