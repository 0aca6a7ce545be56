"""Four eyes: what one person proposes is done only when another one agrees in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from toolkit.core.message import record

GOOD_FOR = timedelta(hours=24)


class Objection(StrEnum):
    """Why an approval does not count. The text is safe to show."""

    SAME_PERSON = "it was proposed by the same person: somebody else has to approve it"
    EXPIRED = "it was proposed too long ago: propose it again"
    APPROVED = "somebody else has approved it already: there is nothing left to do"


@record
class Proposal:
    """What somebody wants done, apart from what it is: who, since when, and who agreed."""

    proposed_by: str
    proposed_at: datetime
    good_for: timedelta = GOOD_FOR
    approved_by: str | None = None
    approved_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        return self.proposed_at + self.good_for

    @property
    def is_approved(self) -> bool:
        return self.approved_by is not None


def approve(proposal: Proposal, by: str, at: datetime) -> Proposal | Objection:
    """Agree to a proposal, or say why that does not count.

    Who approved it may say so again, also after it would have expired: what was approved
    is approved, and an answer that was lost can be asked for once more.
    """
    if _is_same(proposal.proposed_by, by):
        return Objection.SAME_PERSON
    if proposal.approved_by is not None:
        return proposal if _is_same(proposal.approved_by, by) else Objection.APPROVED
    if at >= proposal.expires_at:
        return Objection.EXPIRED
    return replace(proposal, approved_by=by, approved_at=at)


def _is_same(one: str, other: str) -> bool:
    """Take names that differ in case or blanks only for one person's."""
    return one.strip().casefold() == other.strip().casefold()
