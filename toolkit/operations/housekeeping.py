"""The command that forgets what nobody can send any more; for a nightly timer."""

from __future__ import annotations

import json

from toolkit.assembly import SCHEMAS
from toolkit.infra.postgres.housekeeping import (
    INBOX_FOR,
    KEYS_FOR,
    Busy,
    keep_house,
)
from toolkit.infra.settings import Settings
from toolkit.operations.ends import DONE, WAITING, complain


def run(settings: Settings) -> int:
    """Forget what is old enough. It connects as the owner: no service may forget."""
    try:
        gone = keep_house(settings.postgres_dsn.get_secret_value(), SCHEMAS)
    except Busy as busy:
        return complain(str(busy), WAITING)
    kept = {"inbox_kept_days": INBOX_FOR.days, "keys_kept_days": KEYS_FOR.days}
    print(json.dumps({**kept, "deleted": gone}, indent=1))
    return DONE
