"""Moments on a command line, such as 2026-11-19T09:00:00Z."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """Read a moment; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no moment; write 2026-11-19T09:00:00Z"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
