"""How far a custodian's transaction has come; news of it arrives in any order."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What the custodian may say of a transaction, from the first word to the last.

    The order is the rank. Its documents put CLEARED before QUEUED and the other way round,
    CONFIRMED may come after COMPLETE, and a transfer that was hurried is SENT after STUCK:
    so the highest word counts, never the latest. Of two final ones, which would be the
    custodian's mistake, the one that moved money is the stronger.
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


RANKS = {status: rank for rank, status in enumerate(Status)}
FINAL = frozenset({Status.CANCELLED, Status.DENIED, Status.FAILED, Status.COMPLETE})


def read(word: str) -> Status:
    """Read the custodian's word; a new one of theirs stops nothing."""
    return Status(word) if word in set(Status) else Status.UNKNOWN


def merged(*heard: Status) -> Status:
    """Take the furthest of all that was heard, in whatever order it came."""
    return max(heard, key=RANKS.__getitem__, default=Status.UNKNOWN)
