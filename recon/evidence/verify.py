"""Hold a run's folder against what the run wrote: every hash, and the chain over them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from recon.evidence.chain import chain
from recon.evidence.record import CHAIN, INPUTS, OUTPUTS, PARAMETERS, found_sha256
from recon.faults import WrongUsageError

# Seconds differ from run to run: nothing depends on them and no hash is kept.
UNHASHED = "timings.json"
DIFFERENT = 1
# What a document that somebody edited may raise when it is read.
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one file stands to the run: `same`, `differs`, `missing` or `further`."""

    status: str
    name: str
    reason: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether it is not what the run wrote. What came later is no fault."""
        return self.status in {"differs", "missing"}


def told(run: Path, compared: Iterable[Comparison]) -> int:
    """Tell how every file stands, and give the exit status: 0 all the same, 1 not."""
    compared = list(compared)
    for comparison in compared:
        reason = f"  ({comparison.reason})" if comparison.reason else ""
        print(f"  {comparison.status:8}  {comparison.name}{reason}")
    faults = [comparison.name for comparison in compared if comparison.is_fault]
    if faults:
        said = f"{run}: not what the run wrote or read: {', '.join(faults)}"
        print(f"python -m recon verify: {said}", file=sys.stderr)
        return DIFFERENT
    same = sum(comparison.status == "same" for comparison in compared)
    print(f"{run}: all {same} files are what the run wrote or read")
    return 0


def compare(run: Path, inputs: Path | None, last_link: str | None) -> Iterator[Comparison]:
    """The evidence, its chain, the results, what came later, and the inputs if given."""
    if not (run / CHAIN).is_file() and not (run / "summary.json").is_file():
        raise WrongUsageError(
            f"{run} is no run: it has neither summary.json nor {CHAIN};"
            " give the --output folder of a run"
        )
    linked = _linked(run)
    for name, digest in linked.items():
        yield _held(run, name, digest)
    yield _rechained(run, linked, last_link)
    results = _results(run)
    if not results and (run / OUTPUTS).is_file():
        yield Comparison("differs", OUTPUTS, "it lists no file")
    for name, digest in results.items():
        yield _held(run, name, digest)
    known = {CHAIN, UNHASHED, *linked, *results}
    for path in sorted(run.rglob("*")):
        name = path.relative_to(run).as_posix()
        if path.is_file() and name not in known:
            yield Comparison("further", name, "not of the run")
    if inputs is not None:
        yield from _inputs(run, inputs)


def _linked(run: Path) -> dict[str, str]:
    """The files of the chain with their digests; none where nobody can read it."""
    try:
        links = json.loads((run / CHAIN).read_bytes())["links"]
        return {str(entry["file"]): str(entry["sha256"]) for entry in links}
    except UNREADABLE:
        return {}


def _rechained(run: Path, linked: Mapping[str, str], last_link: str | None) -> Comparison:
    """Whether the links follow from the digests, and end where they once ended."""
    if not (run / CHAIN).is_file():
        return Comparison("missing", CHAIN)
    names = list(linked)
    if names[:2] != [INPUTS, PARAMETERS] or names[-1] != OUTPUTS:
        return Comparison("differs", CHAIN, "unreadable, or files are left out of it")
    expected = chain(linked)
    if json.loads((run / CHAIN).read_bytes()) != expected:
        return Comparison("differs", CHAIN, "its links do not follow from its digests")
    ends = str(expected["last_link"])
    if last_link is not None and ends != last_link.lower():
        return Comparison("differs", CHAIN, f"its last link is {ends}")
    return Comparison("same", CHAIN, f"last link {ends}")


def _results(run: Path) -> dict[str, str]:
    try:
        files = json.loads((run / OUTPUTS).read_bytes())["files"]
        return {str(name): str(digest) for name, digest in files.items()}
    except UNREADABLE:
        return {}


def _held(folder: Path, name: str, digest: str | None) -> Comparison:
    """One file against the digest that the run kept of it."""
    found = found_sha256(folder / name)
    if found == digest:
        return Comparison("same", name, "absent, as it was" if found is None else "")
    if found is None:
        return Comparison("missing", name)
    return Comparison("differs", name, f"sha256 is {found}, it was {digest or 'absent'}")


def _inputs(run: Path, folder: Path) -> Iterator[Comparison]:
    """The inputs as they are now against the inputs as the run met them."""
    try:
        document = json.loads((run / INPUTS).read_bytes())
        met = [
            (str(e["path"]), e["sha256"])
            for e in (document["manifest"], *document["files"])
        ]
    except UNREADABLE:
        yield Comparison("differs", INPUTS, "unreadable: the inputs cannot be compared")
        return
    for path, digest in met:
        held = _held(folder, path, digest)
        yield Comparison(held.status, f"input {held.name}", held.reason)
