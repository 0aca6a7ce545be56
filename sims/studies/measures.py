"""What a history means in money: read off its events alone, in whole minor units.

Whatever resolution a history was played at, and whoever played it, the same events give
the same figures. Amounts are per rail: cents of USD by card, millionths of USDC on chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sims.world.stripe.funds import SETTLEMENT, day_of
from toolkit.core.message import Envelope, record
from toolkit.core.money import Currency, Money
from toolkit.escrow.policy import CARD_NETWORK, COMPLIANCE, PAYOUTS
from toolkit.messages import escrow as e
from toolkit.messages import payments as p
from toolkit.messages.escrow import Rail
from toolkit.payments.ledger import FEES, journal

DAY = timedelta(days=1)
RAILS = {Currency.USD: Rail.STRIPE, Currency.USDC: Rail.CUSTODIAN}
CURRENCIES = {rail: currency for currency, rail in RAILS.items()}
NOT_PEOPLE = (CARD_NETWORK, COMPLIANCE, PAYOUTS)

MEASURES: Mapping[str, str] = {  # of a rail, in the time that is looked at
    "escrows_opened": "escrows that were opened",
    "escrows_paid": "escrows whose money came in",
    "cancelled_by_timeout": "escrows that nobody paid in time",
    "released_by_timeout": "escrows released since the buyer said nothing",
    "disputes": "disputes that people raised",
    "chargebacks": "payments that a bank took back",
    "paid_in_minor": "money that came in",
    "released_minor": "money that went to sellers",
    "released_by_timeout_minor": "money released since the buyer said nothing",
    "refunded_minor": "money that went back to buyers",
    "charged_back_minor": "money that banks took back",
    "held_mean_minor": "money held, mean of the days' ends",
    "held_peak_minor": "money held, at the end of the day with the most",
    "held_end_minor": "money held at the end",
    "frozen_end_minor": "money of sanctioned wallets at the end",
    "provider_fees_minor": "fees for moving money",
    "dispute_fees_minor": "fees for chargebacks",
    "dispute_losses_minor": "chargebacks that were lost after the seller was paid",
    "dispute_cost_minor": "fees and losses of chargebacks",
    "working_capital_peak_minor": "own money needed at once for refunds and chargebacks",
}


@record
class DayEnd:
    """How the money of one rail stood at the end of a day."""

    day: int  # counted from 0
    rail: Rail
    held_minor: int
    frozen_minor: int
    working_capital_minor: int  # the most of the day


@record
class Told:
    """What one history tells."""

    totals: Mapping[tuple[str, Rail], int]
    days: Sequence[DayEnd]


@record
class Step:
    """A movement of one escrow's money, at the moment when it can be disposed of."""

    at: datetime
    escrow_id: str
    minor: int
    rail: Rail


def told(
    events: Mapping[str, Sequence[Envelope]], first_at: datetime, stop_at: datetime
) -> Told:
    """Measure what happened between two moments, given all that happened before."""
    totals: Counter[tuple[str, Rail]] = Counter()
    for measure in MEASURES:
        totals.update(dict.fromkeys([(measure, rail) for rail in CURRENCIES], 0))
    rails = {
        envelope.key: RAILS[envelope.message.amount.currency]
        for envelope in events["escrow"]
        if isinstance(envelope.message, e.EscrowCreated)
    }
    for envelope in events["payments"]:
        if first_at <= envelope.occurred_at < stop_at:
            _count_payment(totals, envelope)
    for envelope in events["escrow"]:
        if first_at <= envelope.occurred_at < stop_at and envelope.key in rails:
            _count_escrow(totals, envelope, rails[envelope.key])
    for at, rail, amount in timeouts(events):
        if first_at <= at < stop_at:
            totals["released_by_timeout", rail] += 1
            totals["released_by_timeout_minor", rail] += amount.minor
    days = list(_days(events["payments"], first_at, stop_at))
    _sum_up(totals, days, losses(events["payments"], first_at, stop_at))
    return Told(totals=totals, days=days)


def _sum_up(
    totals: Counter[tuple[str, Rail]], days: Sequence[DayEnd], lost: Mapping[Rail, int]
) -> None:
    for rail in CURRENCIES:
        mine = [day for day in days if day.rail is rail]
        held = [day.held_minor for day in mine]
        totals["held_mean_minor", rail] = sum(held) // len(held)
        totals["held_peak_minor", rail] = max(held)
        totals["held_end_minor", rail] = held[-1]
        totals["frozen_end_minor", rail] = mine[-1].frozen_minor
        totals["working_capital_peak_minor", rail] = max(
            day.working_capital_minor for day in mine
        )
        totals["dispute_losses_minor", rail] = lost.get(rail, 0)
        totals["dispute_cost_minor", rail] = (
            totals["dispute_fees_minor", rail] + totals["dispute_losses_minor", rail]
        )


def _count_escrow(
    totals: Counter[tuple[str, Rail]], envelope: Envelope, rail: Rail
) -> None:
    match envelope.message:
        case e.EscrowCreated():
            totals["escrows_opened", rail] += 1
        case e.EscrowFundsHeld():
            totals["escrows_paid", rail] += 1
        case e.EscrowCancelled(reason=e.CancelReason.TIMEOUT):
            totals["cancelled_by_timeout", rail] += 1
        case e.EscrowDisputed(raised_by=by) if by not in NOT_PEOPLE:
            totals["disputes", rail] += 1


def _count_payment(totals: Counter[tuple[str, Rail]], envelope: Envelope) -> None:
    """Money that comes in and is not held goes back: both are counted."""
    message = envelope.message
    named = {
        p.TransferSucceeded: "released_minor",
        p.RefundSucceeded: "refunded_minor",
        p.ChargebackOpened: "charged_back_minor",
    }.get(type(message))
    for line in journal(message):
        rail = RAILS[line.currency]
        if line.account == FEES:
            is_dispute = isinstance(message, p.ChargebackOpened)
            name = "dispute_fees_minor" if is_dispute else "provider_fees_minor"
            totals[name, rail] += line.minor
        elif line.account.startswith("escrow:") and named:
            totals[named, rail] += line.minor
        elif line.account.startswith("escrow:") and _comes_in(message):
            totals["paid_in_minor", rail] -= line.minor
    if isinstance(message, p.ChargebackOpened):
        totals["chargebacks", RAILS[message.amount.currency]] += 1


def _comes_in(message: object) -> bool:
    """Money of a buyer, and not what we had sent and have back."""
    return type(message).__name__ in ("PaymentSucceeded", "DepositArrived")


def timeouts(
    events: Mapping[str, Sequence[Envelope]],
) -> Iterator[tuple[datetime, Rail, Money]]:
    """Name the transfers that were promised because the inspection was over.

    Until then only the buyer can have asked for it, unless a dispute was resolved.
    """
    over_at: dict[str, datetime] = {}
    for envelope in sorted(
        (*events["escrow"], *events["payments"]), key=lambda each: each.occurred_at
    ):
        match envelope.message:
            case e.EscrowDelivered(auto_release_at=at):
                over_at[envelope.key] = at
            case e.EscrowDisputed():
                over_at.pop(envelope.key, None)
            case p.TransferRequested(amount=amount) if envelope.key in over_at:
                if envelope.occurred_at >= over_at.pop(envelope.key):
                    yield envelope.occurred_at, RAILS[amount.currency], amount


def losses(
    payments: Sequence[Envelope], first_at: datetime, stop_at: datetime
) -> dict[Rail, int]:
    """Sum what chargebacks took that were lost when the money was not here any more."""
    found: Counter[Rail] = Counter()
    for step in _written_off(payments):
        if first_at <= step.at < stop_at:
            found[step.rail] += step.minor
    return found


def _written_off(payments: Sequence[Envelope]) -> Iterator[Step]:
    """A chargeback that is lost is no longer an advance: what is lacking is a loss."""
    balances: Counter[str] = Counter()
    for envelope in payments:
        for line in journal(envelope.message):
            if line.account.startswith("escrow:"):
                balances[envelope.key] -= line.minor
        match envelope.message:
            case p.ChargebackClosed(outcome=p.ChargebackOutcome.LOST):
                lacking = -balances[envelope.key]
                if lacking > 0:
                    balances[envelope.key] = 0
                    yield Step(
                        at=envelope.occurred_at,
                        escrow_id=envelope.key,
                        minor=lacking,
                        rail=Rail.STRIPE,
                    )


def _usable(payments: Sequence[Envelope]) -> Iterator[Step]:
    """Every movement of escrows' money, a card payment when Stripe makes it available.

    A transfer waits for its own payment, and a refund does not: that is what own money is
    needed for, since nobody else's may be used.
    """
    available_at: dict[str, datetime] = {}
    for envelope in payments:
        message, at = envelope.message, envelope.occurred_at
        for line in journal(message):
            if not line.account.startswith("escrow:"):
                continue
            rail = RAILS[line.currency]
            if isinstance(message, p.PaymentSucceeded) and rail is Rail.STRIPE:
                at = day_of(at) + SETTLEMENT
                available_at[envelope.key] = at
            elif isinstance(message, p.TransferSucceeded):
                at = max(at, available_at.get(envelope.key, at))
            yield Step(at=at, escrow_id=envelope.key, minor=-line.minor, rail=rail)
    yield from _written_off(payments)


@dataclass(slots=True)
class _Sides:
    """What is on one side of zero, of all escrows of a rail: held above, lacking below.

    What one escrow lacks is never set off against what another one holds.
    """

    balances: Counter[str] = field(default_factory=Counter)
    held: Counter[Rail] = field(default_factory=Counter)
    lacking: Counter[Rail] = field(default_factory=Counter)
    most_lacking: Counter[Rail] = field(default_factory=Counter)

    def take(self, step: Step) -> None:
        before = self.balances[step.escrow_id]
        after = self.balances[step.escrow_id] = before + step.minor
        self.held[step.rail] += max(after, 0) - max(before, 0)
        self.lacking[step.rail] += max(-after, 0) - max(-before, 0)
        most = max(self.most_lacking[step.rail], self.lacking[step.rail])
        self.most_lacking[step.rail] = most


@dataclass(slots=True)
class _Through:
    """Steps in the order of time, each taken once."""

    steps: Sequence[Step]
    sides: _Sides = field(default_factory=_Sides)
    next: int = 0

    def until(self, end_at: datetime) -> None:
        self.sides.most_lacking = Counter(self.sides.lacking)
        while self.next < len(self.steps) and self.steps[self.next].at < end_at:
            self.sides.take(self.steps[self.next])
            self.next += 1


def _days(
    payments: Sequence[Envelope], first_at: datetime, stop_at: datetime
) -> Iterator[DayEnd]:
    """Roll the books forward, day by day."""
    booked = _Through(_in_time(_booked(payments, "escrow")))
    frozen = _Through(_in_time(_booked(payments, "frozen")))
    usable = _Through(_in_time(_usable(payments)))
    for day in range(-1, (stop_at - first_at).days):
        for through in (booked, frozen, usable):
            through.until(first_at + (day + 1) * DAY)
        for rail in CURRENCIES if day >= 0 else ():
            yield DayEnd(
                day=day,
                rail=rail,
                held_minor=booked.sides.held[rail],
                frozen_minor=frozen.sides.held[rail],
                working_capital_minor=usable.sides.most_lacking[rail],
            )


def _in_time(steps: Iterator[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.at)


def _booked(payments: Sequence[Envelope], kind: str) -> Iterator[Step]:
    """Every movement of the accounts of one kind, when it was booked."""
    for envelope in payments:
        for line in journal(envelope.message):
            if line.account.startswith(kind):
                yield Step(
                    at=envelope.occurred_at,
                    escrow_id=envelope.key,
                    minor=-line.minor,
                    rail=RAILS[line.currency],
                )
