"""How far a custodian's transaction has come; news of it arrives in any order."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What the custodian may say of a transaction, from the first word to the last.

    The order on the way is not to be relied on: Circle's pages put CLEARED before QUEUED
    and the other way round, CONFIRMED may come after COMPLETE, and a transfer that was
    hurried is SENT after STUCK. So two ranks are told apart: a final word outranks every
    other, whenever it comes, and nothing but a final word is acted on.
    """

    UNKNOWN = "UNKNOWN"  # a word that we do not know is never the last one
    INITIATED = "INITIATED"
    PENDING_RISK_SCREENING = "PENDING_RISK_SCREENING"  # an older name
    CLEARED = "CLEARED"
    QUEUED = "QUEUED"
    SENT = "SENT"
    STUCK = "STUCK"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    DENIED = "DENIED"
    FAILED = "FAILED"
    COMPLETE = "COMPLETE"

    @property
    def is_final(self) -> bool:
        return self in FINAL


FINAL = frozenset({Status.CANCELLED, Status.DENIED, Status.FAILED, Status.COMPLETE})


def read(word: str) -> Status:
    """Read the custodian's word; a new one of theirs stops nothing."""
    return Status(word) if word in set(Status) else Status.UNKNOWN
