"""Six ways to fail, two of them in kinds. Each tells the runtime what to do next."""

from __future__ import annotations

from datetime import timedelta


class Unavailable(Exception):  # noqa: N818 - the name says what happened, not what it is
    """The other side did not answer. Try again later, with the same idempotency key.

    `retry_after` is set where the other side said how long to leave it alone.
    """

    def __init__(self, what: object = "", retry_after: timedelta = timedelta()) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class Unfinished(Unavailable):
    """The other side answered that it is still at it. Ask again for the end of it."""


class Unreached(Unavailable):
    """The call came to nothing before anything was done with it: it may be repeated."""


class Declined(Exception):  # noqa: N818
    """The other side understood and said no. Trying again will not help."""


class Conflict(Exception):  # noqa: N818
    """Somebody else changed the aggregate first. Reload and decide again."""


class Fenced(Exception):  # noqa: N818
    """The partition has a newer owner. Drop it; whatever was undecided is theirs now."""


class Unreadable(Exception):  # noqa: N818
    """These bytes are no message we know. They go to the dead letters as they are."""
