"""What is wrong with an input, said so that the reader knows where to look and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFault:
    """An input that cannot be used. `code` is SOURCE_MISSING or SOURCE_CORRUPT."""

    code: str
    source: str
    explanation: str


class SourceMissing(Exception):
    """The input is not there."""


class SourceCorrupt(Exception):
    """The input is unreadable, truncated or not what the manifest says."""


class WrongUsage(Exception):
    """The command was called in a way that cannot work."""
