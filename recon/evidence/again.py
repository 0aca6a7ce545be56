"""Do a run again from its inputs, and hold the bytes of both results side by side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from recon.engines.port import Wanted
from recon.evidence.record import CHAIN, PARAMETERS, results
from recon.evidence.verify import UNREADABLE, Comparison
from recon.faults import WrongUsageError
from recon.manifest import file_sha256
from recon.run import reconcile


def again(
    run: Path, inputs: Path, state: Path | None, wanted: Wanted
) -> Iterator[Comparison]:
    """Compare every result, and the chain over the evidence, with what a new run makes.

    The new run takes the engine that the run has taken, where `wanted` says.

    The state is read from a copy: only what days before this one left is recalled, so that
    it may have gone on since. Raises WrongUsageError where a run with a state has none now.
    """
    try:
        parameters = json.loads((run / PARAMETERS).read_bytes())
        day, keeps_state = date.fromisoformat(parameters["day"]), parameters["keeps_state"]
        engine = "spark" if "spark" in parameters["engine"] else "duckdb"
    except UNREADABLE as error:
        raise WrongUsageError(
            f"{run}: {PARAMETERS} cannot be read, so nobody can tell what to do again"
        ) from error
    if keeps_state and state is None:
        raise WrongUsageError(f"{run} was made with a state; give it with --state")
    with TemporaryDirectory(prefix="again-") as place:
        output, copy = Path(place, "out"), Path(place, "state.duckdb")
        if state is not None and state.is_file():
            shutil.copyfile(state, copy)
        reconcile(
            day,
            inputs,
            output,
            copy if keeps_state else None,
            wanted=replace(wanted, name=engine),
        )
        for name in [*results(), CHAIN]:
            yield _compared(run / name, output / name, name)


def _compared(was: Path, now: Path, name: str) -> Comparison:
    told = f"again {name}"
    if not was.is_file():
        return Comparison("missing", told)
    if file_sha256(was) != file_sha256(now):
        return Comparison(
            "differs", told, "a new run of the same inputs writes other bytes"
        )
    return Comparison("same", told)
