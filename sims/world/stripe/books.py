"""Everything the provider knows, and the few ways in which it changes."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sims.world.faults import Dice
from sims.world.stripe.errors import no_such
from sims.world.stripe.funds import Funds, day_of
from sims.world.stripe.ids import Ids
from sims.world.stripe.records import (
    BalanceTransaction,
    Charge,
    ConnectedAccount,
    Dispute,
    Event,
    PaymentIntent,
    Payout,
    Refund,
    ReportRun,
    Reversal,
    Topup,
    Transfer,
)
from sims.world.stripe.webhooks import Secrets
from sims.world.table import R, Table
from sims.world.webhooks import Webhooks

EVENTS_KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Request:
    """The call being answered; its events name it."""

    id: str
    idempotency_key: str | None


@dataclass(slots=True, kw_only=True)
class Books:
    clock: Callable[[], datetime]
    ids: Ids
    dice: Dice
    webhooks: Webhooks[Event]
    secrets: Secrets
    account: str
    request: Request | None = None
    payment_intents: Table[PaymentIntent] = field(default_factory=Table)
    charges: Table[Charge] = field(default_factory=Table)
    transfers: Table[Transfer] = field(default_factory=Table)
    reversals: Table[Reversal] = field(default_factory=Table)
    refunds: Table[Refund] = field(default_factory=Table)
    disputes: Table[Dispute] = field(default_factory=Table)
    payouts: Table[Payout] = field(default_factory=Table)
    topups: Table[Topup] = field(default_factory=Table)
    transactions: Table[BalanceTransaction] = field(default_factory=Table)
    events: Table[Event] = field(default_factory=Table)
    report_runs: Table[ReportRun] = field(default_factory=Table)
    accounts: dict[str, ConnectedAccount] = field(default_factory=dict)
    funds: Funds = field(default_factory=Funds)
    agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    scheduled: int = 0

    def now(self) -> datetime:
        return self.clock()

    def book(
        self,
        amount_minor: int,
        currency: str,
        source: str,
        *,
        type: str,
        category: str,
        fee_minor: int = 0,
        available_on: datetime | None = None,
        description: str | None = None,
    ) -> BalanceTransaction:
        """Write one line of the account; nothing else ever moves the balance."""
        now = self.now()
        today = day_of(now)
        transaction = BalanceTransaction(
            id=self.ids.next("txn"),
            created_at=now,
            available_on=max(available_on or today, today),
            amount_minor=amount_minor,
            fee_minor=fee_minor,
            currency=currency,
            type=type,
            reporting_category=category,
            source=source,
            description=description,
        )
        self.transactions.add(transaction, source=source)
        self.funds.add(transaction)
        return transaction

    def emit(
        self, type: str, shape: dict[str, Any], before: dict[str, Any] | None = None
    ) -> None:
        """Tell the world. The shape is a snapshot and must not be changed afterwards."""
        now, request = self.now(), self.request
        event = Event(
            id=self.ids.next("evt"),
            created_at=now,
            type=type,
            object=shape,
            previous_attributes=before,
            request_id=request.id if request else None,
            idempotency_key=request.idempotency_key if request else None,
        )
        self.events.add(event)
        self.events.forget_before(now - EVENTS_KEPT_FOR)
        self.webhooks.send(event, now)

    def later(self, due_at: datetime, action: Callable[[], None]) -> None:
        """Have the provider do something by itself, when the time has come."""
        self.scheduled += 1
        heapq.heappush(self.agenda, (due_at, self.scheduled, action))

    def catch_up(self) -> None:
        """Do everything that has fallen due since the last look at the clock."""
        now = self.now()
        while self.agenda and self.agenda[0][0] <= now:
            heapq.heappop(self.agenda)[2]()
        self.funds.mature(now)

    def connected(self, id: str) -> ConnectedAccount:
        return self.accounts.setdefault(id, ConnectedAccount(id=id))


def found(table: Table[R], kind: str, id: str, *, param: str | None = None) -> R:
    """The row, or Stripe's refusal: 404 for an id in the path, 400 for a parameter."""
    row = table.get(id)
    if row is None:
        raise no_such(kind, id, param or "id", 400 if param else 404)
    return row
