"""What a person has to look into: a cause has one case, however often it shows."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.core.message import derived
from toolkit.core.money import Money
from toolkit.messages.custody import CaseKind, PaymentCaseOpened
from toolkit.payments.state import Payment


def case_of(kind: CaseKind, subject_ref: str) -> str:
    """Name a case after its cause."""
    return str(derived("case", kind, subject_ref))


def opened(
    payment: Payment,
    escrow_id: str,
    kind: CaseKind,
    subject_ref: str,
    *,
    reason: str,
    amount: Money | None = None,
    address: str | None = None,
) -> Iterator[PaymentCaseOpened]:
    """Open a case, unless it is open."""
    case_id = case_of(kind, subject_ref)
    if case_id not in payment.cases:
        yield PaymentCaseOpened(
            escrow_id=escrow_id,
            payment_id=payment.payment_id,
            case_id=case_id,
            kind=kind,
            subject_ref=subject_ref,
            reason=reason,
            amount=amount,
            address=address,
        )
