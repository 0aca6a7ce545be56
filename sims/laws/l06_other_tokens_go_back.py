"""L6: what is no money of ours is with its sender again, is frozen, or has a case."""

from __future__ import annotations

from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.messages.custody import CaseKind
from toolkit.payments.cases import case_of
from toolkit.payments.state import Progress


def at_rest(platform: Platform) -> Complaints:
    for payment, _ in platform.databases["payments"].states.values():
        for deposit in getattr(payment, "deposits", ()):
            parked = case_of(CaseKind.DEPOSIT_PARKED, deposit.provider_ref)
            is_over = deposit.progress in (Progress.SUCCEEDED, Progress.FROZEN)
            if not is_over and parked not in payment.cases:
                yield f"{deposit.provider_ref} of {deposit.sender} is {deposit.progress}"
