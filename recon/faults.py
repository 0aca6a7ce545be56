"""What is wrong with an input, said so that the reader knows what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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


def unusable_state(state: Path | None, error: Exception) -> WrongUsageError:
    """Why a state cannot be opened: another run holds it, or it is none."""
    said = str(error).splitlines()[0]
    if "lock" in said.lower():
        return WrongUsageError(
            f"--state {state}: another run holds it; wait until that has ended ({said})"
        )
    return WrongUsageError(
        f"--state {state}: {said}; give a file that a run has written, or a new one"
    )
