"""What goes in and comes out as JSON. Nothing unknown is accepted, nothing inner shown."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    model_validator,
)

from toolkit.core.card_number import holds_card_number
from toolkit.core.money import Currency, Money
from toolkit.core.settlement import settled
from toolkit.messages.escrow import Resolution
from toolkit.projections.model import EscrowView, Flow, Movement, timeline

ID_PATTERN = r"^[A-Za-z0-9._:@|+-]{1,128}$"
PERSON_PATTERN = r"^([A-Za-z0-9._:@|+-]{1,128}|~operations)$"  # those on call are one
IS_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")
WALLET = re.compile(r"0x[0-9a-fA-F]{40}")
CONNECTED_ACCOUNT = re.compile(r"acct_[A-Za-z0-9]+")
CARD_MIN_MINOR = 50  # Stripe's minimum charge in USD
MINOR_MAX = (2**63 - 1) // 10_000  # cents that fit 64 bits as USDC too


def _writable(text: str) -> str:
    """Refuse what no database keeps and no reader sees."""
    if any(not (c.isprintable() or c in "\n\t") for c in text):
        raise ValueError("control characters cannot be kept: leave them out")
    if holds_card_number(text):
        raise ValueError("this holds a card number, which is kept nowhere: leave it out")
    return text


def _in_utc(moment: AwareDatetime) -> AwareDatetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this moment lies outside the calendar in UTC") from error


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, strict=True)]
Prose = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000, strict=True, strip_whitespace=True),
    AfterValidator(_writable),
]


def _written(given: object) -> object:
    """Take a moment only as it is written: a bare number would be read as seconds."""
    if isinstance(given, str) and not IS_MOMENT.match(given):
        raise ValueError("write a moment as RFC 3339 does: 2026-11-18T09:30:00Z")
    return given


Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]


class Body(BaseModel):
    """Input: what is not asked for is an error, not a surprise."""

    model_config = ConfigDict(extra="forbid")


class Amount(Body):
    """A whole number of minor units: `{"minor": 1250, "currency": "USD"}` is 12.50 USD."""

    minor: Annotated[StrictInt, Field(gt=0, le=MINOR_MAX)]
    currency: Literal["USD", "USDC"]

    def money(self) -> Money:
        return Money(self.minor, Currency(self.currency))


class ContractBody(Body):
    """What was signed. The seller is paid at `payee_account`, or at their id without it."""

    buyer_id: Id
    seller_id: Id
    amount: Amount
    executed_at: Instant
    payee_account: Id | None = None

    @model_validator(mode="after")
    def has_two_sides(self) -> Self:
        if self.buyer_id == self.seller_id:
            raise ValueError("buyer and seller are the same: an escrow needs two sides")
        return self

    @model_validator(mode="after")
    def can_be_paid(self) -> Self:
        """Money that could never reach the seller is better not asked for."""
        amount, problem = settled(self.amount.money())
        if problem:
            raise ValueError(problem)
        payee = self.payee_account or self.seller_id
        if amount.currency is Currency.USDC:
            if not WALLET.fullmatch(payee):
                raise ValueError(
                    f"{amount} is paid on chain: give the seller's wallet as "
                    "payee_account, 0x and 40 hexadecimal digits"
                )
        elif not CONNECTED_ACCOUNT.fullmatch(payee):
            raise ValueError(
                f"{amount} is paid by card: give the seller's connected account as "
                "payee_account, acct_ and letters or digits"
            )
        elif amount.minor < CARD_MIN_MINOR:
            raise ValueError("a card pays no less than 0.50 USD")
        return self


class DeliveryBody(Body):
    """What shows that it was delivered."""

    evidence: Prose


class DisputeBody(Body):
    """What is wrong."""

    reason: Prose


class ResolutionBody(Body):
    """Who gets the money. `seller_amount` goes with SPLIT, and only with it."""

    escrow_id: Id
    resolution: Literal["RELEASE", "REFUND", "SPLIT"]
    seller_amount: Amount | None = None

    @model_validator(mode="after")
    def shares_only_a_split(self) -> Self:
        if (self.resolution == Resolution.SPLIT) != (self.seller_amount is not None):
            raise ValueError(
                "seller_amount is needed with SPLIT, and goes with nothing else"
            )
        return self


class CancelAction(Body):
    """Call off an escrow that is not paid."""

    do: Literal["CANCEL"]
    escrow_id: Id


class ResolveAction(ResolutionBody):
    """Resolve a dispute."""

    do: Literal["RESOLVE"]
    dispute_id: Id


class ApprovalBody(Body):
    """What an admin wants done by hand, and why."""

    action: Annotated[CancelAction | ResolveAction, Field(discriminator="do")]
    reason: Prose


class ApprovalOut(BaseModel):
    """A manual action: proposed, and approved where `approved_by` says so."""

    approval_id: str
    command: str
    escrow_id: str
    reason: str
    proposed_by: str
    expires_at: AwareDatetime
    approved_by: str | None = None
    approved_at: AwareDatetime | None = None
    approve_at: str = Field(examples=["/api/approvals/A1/approve"])
    look_at: str = Field(examples=["/api/projections/escrow/E1"])


class Accepted(BaseModel):
    """The command is on its way; the escrow's page shows what became of it."""

    command_id: str
    escrow_id: str
    look_at: str = Field(examples=["/api/projections/escrow/E1"])
    dispute_id: str | None = Field(None, description="Names the dispute that is raised.")


class Received(BaseModel):
    """The webhook is kept. `known` says that it was before."""

    known: bool


class Health(BaseModel):
    status: str
    checks: dict[str, bool]


class MoneyOut(BaseModel):
    minor: int
    currency: str


class DisputeOut(BaseModel):
    dispute_id: str
    raised_by: str | None
    reason: str | None
    resolution: str | None
    seller_amount: MoneyOut | None


class MovementOut(BaseModel):
    """Money that moved at the provider, under its name there."""

    flow: str
    reference: str
    amount: MoneyOut


class PaymentOut(BaseModel):
    """The payment's side. `provider_ref` is the intent, or the address to pay to."""

    payment_id: str | None
    provider_ref: str | None
    status: str
    paid: MoneyOut
    transferred: MoneyOut
    refunded: MoneyOut
    movements: list[MovementOut]


class EntryOut(BaseModel):
    type: str
    at: AwareDatetime | None
    reference: str | None
    amount: MoneyOut | None
    note: str | None


class EscrowOut(BaseModel):
    """One escrow as its two sides and an admin see it."""

    escrow_id: str
    contract_id: str
    buyer_id: str
    seller_id: str
    amount: MoneyOut
    rail: str
    state: str
    created_at: AwareDatetime | None
    fund_by: AwareDatetime | None
    held_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    auto_release_at: AwareDatetime | None
    released_at: AwareDatetime | None
    refunded_at: AwareDatetime | None
    cancelled_at: AwareDatetime | None
    cancel_reason: str | None
    disputes: list[DisputeOut]
    payment: PaymentOut
    timeline: list[EntryOut]


def money_out(amount: Money | None) -> MoneyOut | None:
    return _money_out(amount) if amount else None


def _money_out(amount: Money) -> MoneyOut:
    return MoneyOut(minor=amount.minor, currency=str(amount.currency))


def escrow_out(view: EscrowView) -> EscrowOut:
    """Show a view. Only one whose terms are known is ever shown."""
    known, terms = view.agreement, view.agreement.terms
    assert terms is not None
    return EscrowOut(
        escrow_id=view.escrow_id,
        contract_id=terms.contract_id,
        buyer_id=terms.buyer_id,
        seller_id=terms.seller_id,
        amount=_money_out(terms.amount),
        rail=str(terms.rail),
        state=view.state,
        created_at=known.created_at,
        fund_by=known.fund_by,
        held_at=known.held_at,
        delivered_at=known.delivered_at,
        auto_release_at=view.auto_release_at,
        released_at=_last(known.endings, Flow.TRANSFER),
        refunded_at=_last(known.endings, Flow.REFUND),
        cancelled_at=known.cancelled_at,
        cancel_reason=known.cancel_reason,
        disputes=_disputes_out(view),
        payment=_payment_out(view, terms.amount.currency),
        timeline=_timeline_out(view),
    )


def _last(movements: tuple[Movement, ...], flow: Flow) -> AwareDatetime | None:
    return max((m.at for m in movements if m.flow is flow and m.at), default=None)


def _disputes_out(view: EscrowView) -> list[DisputeOut]:
    return [
        DisputeOut(
            dispute_id=dispute.dispute_id,
            raised_by=dispute.raised_by,
            reason=dispute.reason,
            resolution=dispute.resolution and str(dispute.resolution),
            seller_amount=money_out(dispute.seller_amount),
        )
        for dispute in view.agreement.disputes
    ]


def _payment_out(view: EscrowView, currency: Currency) -> PaymentOut:
    def total(minor: int) -> MoneyOut:
        return MoneyOut(minor=minor, currency=str(currency))

    return PaymentOut(
        payment_id=view.agreement.payment_id,
        provider_ref=view.payment.provider_ref,
        status=view.payment.status,
        paid=total(view.in_minor),
        transferred=total(view.out_minor),
        refunded=total(view.refunded_minor),
        movements=[
            MovementOut(flow=m.flow, reference=m.reference, amount=_money_out(m.amount))
            for m in view.payment.movements
        ],
    )


def _timeline_out(view: EscrowView) -> list[EntryOut]:
    return [
        EntryOut(
            type=entry.type,
            at=entry.at,
            reference=entry.reference,
            amount=money_out(entry.amount),
            note=entry.note,
        )
        for entry in timeline(view)
    ]
