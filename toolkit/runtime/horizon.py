"""How long a provider may be asked again under one key, and when we only look.

A key that the provider may have forgotten would move the money a second time.
"""

from __future__ import annotations

from datetime import timedelta

from toolkit.core.errors import Declined
from toolkit.runtime.agenda import Attempt

# Stripe forgets a key after 24 hours at the earliest; the custodian promises nothing.
KEY_HORIZON = timedelta(hours=23)
# A server error may be stored under the key and come back for ever: look before asking on.
LOOK_AFTER = 2
CLOCKS_DIFFER = timedelta(minutes=5)  # so much earlier we begin to look


def looks_first(attempt: Attempt) -> bool:
    """Say whether an earlier try may have made already what is asked for."""
    return attempt.number >= LOOK_AFTER or _is_past(attempt)


def refuse_past_horizon(attempt: Attempt, shows_nothing: str) -> None:
    """Raise Declined where the key may be forgotten: what is not shown has failed."""
    if _is_past(attempt):
        raise Declined(f"no answer in time, and {shows_nothing}")


def _is_past(attempt: Attempt) -> bool:
    return attempt.now - attempt.since > KEY_HORIZON
