"""How the sandboxes are told a moment on the command line."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """Read an ISO moment with its timezone, and answer it in UTC."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no timezone; write {text}Z")
    return value.astimezone(UTC)
