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
    taken: dict[str, int] = field(default_factory=dict)  # by open and lost chargebacks
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

    def open_chargeback(self, escrow_id, payment_id):
        """The card network takes the first charge back; a second time it may not."""
        if "ch_1" not in self.charged or "ch_1" in self.taken or self.refunded.get("ch_1"):
            return []
        minor = self.taken["ch_1"] = self.charged["ch_1"]
        return [
            ChargebackOpened(
                escrow_id=escrow_id,
                payment_id=payment_id,
                dispute_ref="dp_1",
                amount=Money(minor),
            )
        ]

    def close_chargeback(self, escrow_id, payment_id, outcome):
        minor = self.taken.get("ch_1", 0)
        if not minor or ("closed", "dp_1") in self.answers:
            return []
        self.answers["closed", "dp_1"] = []
        if outcome is ChargebackOutcome.WON:
            self.taken["ch_1"] = 0
        return [
            ChargebackClosed(
                escrow_id=escrow_id,
                payment_id=payment_id,
                dispute_ref="dp_1",
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
        if is_declined or self.taken.get(ask.source_ref):
            return RefundFailed(**facts, reason="charge disputed")
        self.refunded[ask.source_ref] = (
            self.refunded.get(ask.source_ref, 0) + ask.amount.minor
        )
        self._check(ask.source_ref)
        return RefundSucceeded(
            **facts, provider_ref=f"re_{len(self.answers)}", source_ref=ask.source_ref
        )

    def _check(self, charge):
        if self.out_minor(charge) > self.charged[charge]:
            raise OverdrawnError(f"{self.out_minor(charge)} of {self.charged[charge]} left")
