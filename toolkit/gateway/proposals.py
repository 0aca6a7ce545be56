"""Manual actions that are proposed, and the list of those that wait for a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from toolkit.core.approval import Proposal
from toolkit.core.message import record
from toolkit.core.ports import Versioned
from toolkit.messages.escrow import CancelEscrow, ResolveDispute
from toolkit.projections.queries import Mark

Manual = CancelEscrow | ResolveDispute


@record
class Approval:
    """What is to be done by hand, why, and who is for it."""

    proposal: Proposal
    reason: str
    command: Manual


class Waiting(NamedTuple):
    """One proposal, and its place among those that wait."""

    approval_id: str
    approval: Approval

    @property
    def mark(self) -> Mark:
        return Mark(self.approval.proposal.proposed_at, self.approval_id)


class Proposals(Protocol):
    """What was proposed, and is neither approved nor too old."""

    async def waiting(
        self, now: datetime, limit: int, after: Mark | None = None
    ) -> Sequence[Waiting]:
        """List so many, the oldest first, that come after a place."""
        ...


@dataclass(frozen=True, slots=True)
class MemoryProposals:
    """The same over states in memory."""

    states: Mapping[str, Versioned]

    async def waiting(
        self, now: datetime, limit: int, after: Mark | None = None
    ) -> Sequence[Waiting]:
        found = [Waiting(id, versioned.state) for id, versioned in self.states.items()]
        found = [
            each
            for each in found
            if not each.approval.proposal.is_approved
            and each.approval.proposal.expires_at > now
            and (after is None or each.mark > after)
        ]
        return sorted(found, key=lambda each: each.mark)[:limit]
