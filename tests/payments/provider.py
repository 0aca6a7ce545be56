"""A provider of a few lines: it moves money when asked, refuses at will, keeps count."""

from dataclasses import dataclass, field

from toolkit.core.money import Money
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CancelPaymentIntent,
    ChargebackClosed,
    ChargebackOpened,
    ChargebackOutcome,
    CreatePaymentIntent,
    InitiateRefund,
    PaymentIntentCancelled,
    PaymentIntentCreated,
    PaymentSucceeded,
    RefundFailed,
    RefundSucceeded,
    ReverseTransfer,
    TransferFailed,
    TransferReversalFailed,
    TransferReversed,
    TransferSucceeded,
    TransferToSeller,
)

NOTHING = Money(0)


class OverdrawnError(AssertionError):
    """More went out than came in: the one thing that must never happen."""


@dataclass
class Provider:
    """All amounts in cents, by the reference of the charge they belong to."""

    charged: dict[str, int] = field(default_factory=dict)
    sent: dict[str, tuple[str, int]] = field(default_factory=dict)  # tr -> charge, minor
    reversed: dict[str, int] = field(default_factory=dict)
    refunded: dict[str, int] = field(default_factory=dict)
    arrived: dict[str, RefundSucceeded] = field(default_factory=dict)  # by re_…
    taken: dict[str, int] = field(default_factory=dict)  # by open and lost chargebacks
    disputed: dict[str, int] = field(default_factory=dict)  # of these, what is open
    bounced: bool = False
    answers: dict[object, list] = field(default_factory=dict)  # by idempotency key
    is_cancelled: bool = False

    def perform(self, key, ask, *, is_declined=False):
        """Answer a command; the same key is answered the same and moves nothing again."""
        if key not in self.answers:
            self.answers[key] = list(self._answer(ask, is_declined))
        return self.answers[key]

    def out_minor(self, charge):
        """What has left for the seller and the buyer, and has not come back."""
        sent = [tr for tr, (source, _) in self.sent.items() if source == charge]
        seller = sum(self.sent[tr][1] - self.reversed.get(tr, 0) for tr in sent)
        return seller + self.refunded.get(charge, 0)

    def pay(self, escrow_id, payment_id, amount):
        """Take the buyer's money, if the intent is still open."""
        if self.is_cancelled:
            return []
        ref = f"ch_{len(self.charged) + 1}"
        self.charged[ref] = amount.minor
        return [
            PaymentSucceeded(
                escrow_id=escrow_id,
                payment_id=payment_id,
                rail=Rail.STRIPE,
                amount=amount,
                fee=Money(amount.minor // 50),
                provider_ref=ref,
            )
        ]

    def open_chargeback(self, escrow_id, payment_id, charge="ch_1", minor=None):
        """The card network takes a charge back, or a part of it, but never twice."""
        left = self.charged.get(charge, 0) - self.refunded.get(charge, 0)
        if charge in self.taken or not left:
            return []
        minor = self.taken[charge] = min(minor or left, left)
        self.disputed[charge] = minor
        return [
            ChargebackOpened(
                escrow_id=escrow_id,
                payment_id=payment_id,
                dispute_ref=f"dp_{charge}",
                amount=Money(minor),
                charge_ref=charge,
            )
        ]

    def bounce(self):
        """The buyer's bank sends the newest refund back, once."""
        if not self.arrived or self.bounced:
            return []
        self.bounced = True
        back = self.arrived.popitem()[1]
        self.refunded[back.source_ref] -= back.amount.minor
        return [
            RefundFailed(
                escrow_id=back.escrow_id,
                payment_id=back.payment_id,
                refund_id=back.refund_id,
                rail=back.rail,
                amount=back.amount,
                reason="expired_or_canceled_card",
                provider_ref=back.provider_ref,
            )
        ]

    def close_chargeback(self, escrow_id, payment_id, outcome, charge="ch_1"):
        minor = self.disputed.pop(charge, 0)
        if not minor:
            return []
        if outcome is ChargebackOutcome.WON:
            self.taken[charge] = 0
        return [
            ChargebackClosed(
                escrow_id=escrow_id,
                payment_id=payment_id,
                dispute_ref=f"dp_{charge}",
                amount=Money(minor),
                outcome=outcome,
            )
        ]

    def _answer(self, ask, is_declined):
        names = {"escrow_id": ask.escrow_id, "payment_id": ask.payment_id}
        stripe = {**names, "rail": Rail.STRIPE}
        match ask:
            case CreatePaymentIntent():
                yield PaymentIntentCreated(**stripe, amount=ask.amount, provider_ref="pi_1")
            case CancelPaymentIntent():
                if not self.charged:
                    self.is_cancelled = True
                    yield PaymentIntentCancelled(**names, provider_ref="pi_1")
            case TransferToSeller():
                yield self._transfer(ask, stripe, is_declined)
            case InitiateRefund():
                yield self._refund(ask, stripe, is_declined)
            case ReverseTransfer() if is_declined:
                yield TransferReversalFailed(
                    **names,
                    transfer_id=ask.transfer_id,
                    amount=ask.amount,
                    reason="insufficient funds in the destination",
                )
            case ReverseTransfer():
                back = self.reversed.get(ask.provider_ref, 0) + ask.amount.minor
                assert back <= self.sent[ask.provider_ref][1], "asked back more than sent"
                self.reversed[ask.provider_ref] = back
                yield TransferReversed(
                    **names,
                    transfer_id=ask.transfer_id,
                    amount=ask.amount,
                    provider_ref=f"trr_{len(self.answers)}",
                )

    def _transfer(self, ask, names, is_declined):
        facts = {**names, "transfer_id": ask.transfer_id, "amount": ask.amount}
        if is_declined:
            return TransferFailed(**facts, reason="account closed")
        ref = f"tr_{len(self.sent) + 1}"
        self.sent[ref] = (ask.source_ref, ask.amount.minor)
        self._check(ask.source_ref)
        return TransferSucceeded(
            **facts, fee=NOTHING, provider_ref=ref, destination=ask.destination
        )

    def _refund(self, ask, names, is_declined):
        facts = {**names, "refund_id": ask.refund_id, "amount": ask.amount}
        if is_declined or self.disputed.get(ask.source_ref):  # a decided one is no bar
            return RefundFailed(**facts, reason="charge disputed")
        self.refunded[ask.source_ref] = (
            self.refunded.get(ask.source_ref, 0) + ask.amount.minor
        )
        self._check(ask.source_ref)
        ref = f"re_{len(self.answers)}"
        self.arrived[ref] = RefundSucceeded(
            **facts, provider_ref=ref, source_ref=ask.source_ref
        )
        return self.arrived[ref]

    def _check(self, charge):
        if self.out_minor(charge) > self.charged[charge]:
            raise OverdrawnError(f"{self.out_minor(charge)} of {self.charged[charge]} left")
