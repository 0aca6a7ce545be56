"""Sign a run off: one person prepares, another reviews, and a chain ties both to the run.

`signoff.json` holds the signatures in their order. Each names the last link of the run's
evidence and the signature before it; its own link is the SHA-256 of that link followed by
the signature without it, as JSON with sorted keys and no blanks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from recon.evidence.chain import GENESIS
from recon.evidence.record import CHAIN
from recon.evidence.verify import Comparison, compare
from recon.faults import WrongUsageError, unusable_state
from recon.history import kept
from recon.results import SIGNOFF
from recon.sources.shape import quoted

PREPARER, REVIEWER = "preparer", "reviewer"
UNSIGNED: Mapping[str, Any] = {"signatures": []}


def prepare(
    run: Path, name: str, at: datetime, note: str, settled: Mapping[str, str]
) -> dict[str, Any]:
    """Sign as the preparer; `settled` gives the reason for each discrepancy that is closed.

    Raises WrongUsageError where the run was altered, is signed, or has no such discrepancy.
    """
    name = _named(name)
    if read(run)["signatures"]:
        raise WrongUsageError(f"{run} is prepared already; the reviewer signs next")
    _hold(run)
    for id in settled:
        if not _is_found(run, id):
            raise WrongUsageError(f"{run} has no open discrepancy {id}; give its whole id")
    said = {"role": PREPARER, "name": name, "note": note, "settled": dict(settled)}
    return _sign(run, at, said)


def review(
    run: Path, name: str, at: datetime, note: str, state: Path | None
) -> dict[str, Any]:
    """Sign as the reviewer, and let the state know what both have settled."""
    name = _named(name)
    signatures = read(run)["signatures"]
    if not signatures:
        raise WrongUsageError(f"{run} is not prepared yet; the preparer signs first")
    if len(signatures) > 1:
        raise WrongUsageError(f"{run} is signed by both already")
    prepared = signatures[0]
    if _folded(prepared["name"]) == _folded(name):
        raise WrongUsageError(f"{name} has prepared it: somebody else has to review it")
    _hold(run)
    if prepared["settled"] and state is None:
        raise WrongUsageError(
            f"{run} settles {len(prepared['settled'])} discrepancies; give --state, so that"
            " the next day knows"
        )
    if state is not None:
        _settle(run, state, prepared, name, at)
    return _sign(run, at, {"role": REVIEWER, "name": name, "note": note, "settled": {}})


def read(run: Path) -> dict[str, Any]:
    """What is signed so far. Raises WrongUsageError where somebody altered it."""
    path = run / SIGNOFF
    if not path.is_file():
        return dict(UNSIGNED)
    document: dict[str, Any] = json.loads(path.read_bytes())
    if not is_intact(run, document["signatures"]):
        raise WrongUsageError(f"{path} was altered: its links do not follow")
    return document


def is_intact(run: Path, signatures: Sequence[Mapping[str, Any]]) -> bool:
    """Whether every signature follows from the one before, and signs this very evidence."""
    previous, signed = GENESIS, _last_link(run)
    for signature in signatures:
        if (signature["previous"], signature["evidence"]) != (previous, signed):
            return False
        previous = signature["link"]
        if link(signature) != previous:
            return False
    return True


def link(signature: Mapping[str, Any]) -> str:
    """The hash that a signature hands on to the next."""
    said = {name: value for name, value in signature.items() if name != "link"}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((signature["previous"] + text).encode()).hexdigest()


def compared(run: Path) -> list[Comparison]:
    """How the signatures stand, for `verify`; nothing where nobody has signed."""
    if not (run / SIGNOFF).is_file():
        return []
    try:
        signatures = json.loads((run / SIGNOFF).read_bytes())["signatures"]
        names = ", ".join(f"{s['role']} {s['name']}" for s in signatures)
        if is_intact(run, signatures):
            return [Comparison("same", SIGNOFF, names)]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return [
        Comparison("differs", SIGNOFF, "its links do not follow, or sign other evidence")
    ]


def _sign(run: Path, at: datetime, said: Mapping[str, Any]) -> dict[str, Any]:
    signatures = read(run)["signatures"]
    signature = {
        **said,
        "signed_at": at.isoformat(timespec="seconds"),
        "evidence": _last_link(run),
        "previous": signatures[-1]["link"] if signatures else GENESIS,
    }
    signature["link"] = link(signature)
    text = json.dumps(
        {"signatures": [*signatures, signature]}, indent=2, ensure_ascii=False
    )
    # All of it or nothing: a signature that is half written is no signature.
    draft = run / f".{SIGNOFF}"
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(run / SIGNOFF)
    return signature


def _hold(run: Path) -> None:
    """Refuse to sign what is not what the run wrote."""
    faults = [c.name for c in compare(run, None, None) if c.is_fault]
    if faults:
        raise WrongUsageError(f"{run} was altered since: {', '.join(faults)}; run it again")


def _last_link(run: Path) -> str:
    try:
        return str(json.loads((run / CHAIN).read_bytes())["last_link"])
    except (OSError, ValueError, KeyError) as error:
        raise WrongUsageError(f"{run} is no run: {CHAIN} cannot be read") from error


def _is_found(run: Path, id: str) -> bool:
    table = quoted(str(run / "discrepancies.parquet"))
    query = f"select count(*) from {table} where discrepancy_id = ? and state <> 'RESOLVED'"
    with duckdb.connect() as db:
        [(count,)] = db.execute(query, [id]).fetchall()
    return bool(count)


def _settle(
    run: Path, state: Path, prepared: Mapping[str, Any], reviewer: str, at: datetime
) -> None:
    """Write down what two people have agreed on; to sign again changes nothing."""
    summary = json.loads((run / "summary.json").read_bytes())
    _demand_known(run, summary["run_id"], state)
    try:
        opened = duckdb.connect(str(state))
    except duckdb.Error as error:
        raise unusable_state(state, error) from error
    with opened as db:
        db.execute("begin")
        db.execute("delete from resolutions where run_id = ?", [summary["run_id"]])
        for id, reason in prepared["settled"].items():
            db.execute(
                "insert into resolutions values (?, ?, ?, ?, ?, ?, ?)",
                [
                    summary["business_date"],
                    summary["run_id"],
                    id,
                    prepared["name"],
                    reviewer,
                    reason,
                    at.replace(tzinfo=None),
                ],
            )
        db.execute("commit")


def _demand_known(run: Path, run_id: str, state: Path) -> None:
    """Refuse a state that the run was not made with: the next day would look elsewhere."""
    with kept(state) as db:
        asked = "select 1 from history where run_id = ?"
        if not db.execute(asked, [run_id]).fetchall():
            raise WrongUsageError(
                f"--state {state} knows nothing of {run} ({run_id}); give the one that the"
                " run was made with"
            )


def _named(name: str) -> str:
    if not name.strip():
        raise WrongUsageError("--name is blank; give the name of who signs")
    return name.strip()


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
