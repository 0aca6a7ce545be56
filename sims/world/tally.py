"""Counts what struck, and tells whoever wants to know the moment of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

Told = Callable[[str, str], None]  # what struck, and what there is to say of it


class Tally(Counter[str]):
    """How often each kind of trouble struck one part of the world."""

    told: Told | None = None

    def strike(self, what: str, details: str = "") -> None:
        """Count one, and tell."""
        self[what] += 1
        if self.told:
            self.told(what, details)
