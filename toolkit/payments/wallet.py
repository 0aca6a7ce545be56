"""What can be a wallet on the chain at all, whoever owns it."""

from __future__ import annotations

import re

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def is_wallet(text: str) -> bool:
    """Say whether it has the form of an address; no checksum is asked for."""
    return ADDRESS.fullmatch(text) is not None
