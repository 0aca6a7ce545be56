"""What PostgreSQL's many ways to fail mean to the runtime."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from toolkit.core.errors import Conflict, Declined, Unavailable

# Two events of one version, two dead letters that park one key: somebody was first.
RACES = frozenset({"events_pkey", "dead_letters_unresolved"})


@contextmanager
def translated() -> Iterator[None]:
    """Say in the runtime's words what went wrong inside."""
    try:
        yield
    except psycopg.Error as failure:
        meaning = judged(failure)
        if meaning is failure:
            raise
        raise meaning from failure


def judged(failure: psycopg.Error) -> Exception:
    """Tell what to do next; a mistake in our own SQL stays what it is."""
    said = f"{type(failure).__name__}: {failure}"
    match failure:
        case errors.SerializationFailure() | errors.DeadlockDetected():
            return Conflict(said)
        case errors.UniqueViolation() if failure.diag.constraint_name in RACES:
            return Conflict(said)
        case errors.ProgramLimitExceeded():
            return Declined(said)
        case psycopg.IntegrityError() | psycopg.DataError():
            return Declined(said)
        case psycopg.OperationalError() | errors.ReadOnlySqlTransaction():
            return Unavailable(said)
        case _:
            return failure
