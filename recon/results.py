"""The folder of a run's results: free, or an earlier run's that may be replaced."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from recon.faults import WrongUsageError

RUN_ID = "run_"
SIGNOFF = "signoff.json"
UNFINISHED = "unfinished"  # a file that is there while a run is


def make_room(output: Path, day: date) -> None:
    """Make the folder, and refuse one that cannot be written or must be left as it is."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output):
            pass
        is_free = not any(output.iterdir()) or _is_run(output)
    except OSError as error:
        raise WrongUsageError(
            f"--output {output} cannot be written ({error.strerror}); give another"
        ) from error
    if not is_free:
        raise WrongUsageError(
            f"--output {output} is not empty and holds no earlier run;"
            " give an empty folder, or that of an earlier run to replace it"
        )
    if (output / SIGNOFF).exists():
        raise WrongUsageError(
            f"--output {output} holds a run that people have signed; give another folder"
        )
    held = _summary(output).get("business_date", day.isoformat())
    if held != day.isoformat():
        raise WrongUsageError(
            f"--output {output} holds the run of {held}, and this one is of {day};"
            " give another folder"
        )


def begin(output: Path, results: Iterable[str]) -> None:
    """Mark a folder as unfinished, and take away what an earlier run said: it is void.

    What people made of it, such as pages, stays.
    """
    (output / UNFINISHED).touch()
    for name in results:
        (output / name).unlink(missing_ok=True)


def is_unfinished(output: Path) -> bool:
    """Whether a run is writing there, or died while it was."""
    return (output / UNFINISHED).exists()


def finish(output: Path) -> None:
    """Take the mark away: everything is written."""
    (output / UNFINISHED).unlink()


def not_possible(proofs: Iterable[Mapping[str, Any]]) -> list[str]:
    """A sentence for every proof that the inputs left no means to make."""
    return [
        f"The {proof['kind'].replace('_', '-')} proof of {proof['rail'] or 'the bank'}"
        f" {proof['currency']} was not possible: the manifest states no position for it."
        for proof in proofs
        if proof["difference_minor"] is None
    ]


def but_not_proved(sentences: Sequence[str]) -> str:
    """What has to stand beside a verdict wherever it is told."""
    match len(sentences):
        case 0:
            return ""
        case 1:
            return ", BUT 1 PROOF WAS NOT POSSIBLE"
        case count:
            return f", BUT {count} PROOFS WERE NOT POSSIBLE"


def _is_run(folder: Path) -> bool:
    """Whether a run of ours wrote the folder's summary, or died on the way to it."""
    if (folder / UNFINISHED).exists():
        return True
    return str(_summary(folder).get("run_id")).startswith(RUN_ID)


def _summary(folder: Path) -> Mapping[str, Any]:
    """What the folder's run said in the end; nothing where none did."""
    try:
        document = json.loads((folder / "summary.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
