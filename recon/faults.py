"""What is wrong with an input, said so that the reader knows what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFault:
    """An input that cannot be used. `code` is SOURCE_MISSING or SOURCE_CORRUPT."""

    code: str
    source: str
    explanation: str


class SourceMissingError(Exception):
    """The input is not there."""


class SourceCorruptError(Exception):
    """The input is unreadable, truncated or not what the manifest says."""


class WrongUsageError(Exception):
    """The command was called in a way that cannot work."""


class IncompleteInputsError(WrongUsageError):
    """The command was called well; the inputs that it names cannot be judged."""
