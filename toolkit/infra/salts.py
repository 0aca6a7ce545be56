"""Salts for what audit commits to: drawn from the system, and never to be made again."""

from __future__ import annotations

import secrets
from uuid import UUID

from toolkit.core.salt import SALT_BYTES


def drawn(event_id: UUID, part: str) -> bytes:  # noqa: ARG001 - whoever must repeat a history derives them
    """Draw a salt. Once it is erased, nobody can find out what it was."""
    return secrets.token_bytes(SALT_BYTES)
