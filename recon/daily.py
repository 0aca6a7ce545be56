"""The morning's job: gather a day's inputs, reconcile them, and keep every run of the day.

    <root>/2026-11-19/inputs-<hash>/    what was gathered, named by its manifest's hash
    <root>/2026-11-19/<run id>/         what a run made of it
    <root>/2026-11-19/latest            the run that counts, in one line

Made twice on the same files it makes the same run once. Late files make a run of their own
beside the old one, which names the one it replaces.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from recon.collect import Collection, collect
from recon.engines.port import USUAL, Wanted
from recon.faults import WrongUsageError
from recon.manifest import file_sha256
from recon.run import Outcome, reconcile

DRAFT_INPUTS, DRAFT_RUN = ".inputs", ".run"


@dataclass(frozen=True, slots=True)
class Morning:
    """How the job ended, and where everything is."""

    outcome: Outcome
    inputs: Path
    run: Path
    missing: tuple[str, ...]
    is_new: bool


def daily(asked: Collection, root: Path, state: Path, wanted: Wanted = USUAL) -> Morning:
    """Gather and reconcile a day under `root`; `asked.output` is chosen here.

    Raises WrongUsageError where another job works under the same root.
    """
    place = root / asked.day.isoformat()
    place.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        draft = _emptied(place / DRAFT_INPUTS)
        missing = collect(replace(asked, output=draft))
        sha256 = file_sha256(draft / "manifest.json")
        inputs = _moved(draft, place / f"inputs-{sha256[:12]}")
        drafted = _emptied(place / DRAFT_RUN)
        outcome = reconcile(asked.day, inputs, drafted, state, wanted=wanted)
        run = place / outcome.run_id
        is_new = not run.exists()
        run = _moved(drafted, run)
        _point(place / "latest", run.name)
    return Morning(outcome, inputs, run, tuple(missing), is_new)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the root for as long as the job runs; the lock dies with its process."""
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WrongUsageError(
                f"another job works under {root}; wait until it has ended"
            ) from error
        yield


def _emptied(folder: Path) -> Path:
    """What a job that was cut off left half done is done anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _moved(draft: Path, target: Path) -> Path:
    """Put a finished folder in its place, unless the same is there already."""
    if target.exists():
        shutil.rmtree(draft)
    else:
        draft.rename(target)
    return target


def _point(pointer: Path, name: str) -> None:
    draft = pointer.with_name(".latest")
    draft.write_text(name + "\n", encoding="utf-8")
    draft.replace(pointer)
