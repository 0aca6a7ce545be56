"""Reconcile one business day: sources, steps, rules and proofs, then what goes out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from recon import (
    alerts,
    discrepancies,
    evidence,
    memory,
    quarantine,
    summary,
    writers,
)
from recon.clock import Stopwatch
from recon.engines.duckdb import DuckDBEngine
from recon.engines.needs import demand
from recon.engines.opened import opened
from recon.engines.port import USUAL, Engine, Wanted
from recon.faults import (
    IncompleteInputsError,
    SourceCorruptError,
    SourceFault,
    SourceMissingError,
    WrongUsageError,
)
from recon.journal import proposal
from recon.judge import judge
from recon.lineage import UNRELATED, Lineage, trace
from recon.manifest import Manifest, check_file, read_manifest
from recon.records import insert
from recon.results import RUN_ID, begin, finish, make_room
from recon.rulebook import (
    FOUND,
    PARAMETERS,
    STEPS,
    TRANSITIONS,
    code_version,
    rules,
    scripts,
)
from recon.sources import LOADERS
from recon.sources.shape import quoted
from recon.spill import spilling

SPILL_LIMIT = "64GB"
SETTINGS = {
    "TimeZone": "'UTC'",
    "autoinstall_known_extensions": "false",
    "preserve_insertion_order": "true",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    verdict: str
    exit_status: int
    run_id: str
    counts: Mapping[str, int]
    notes: tuple[str, ...]
    last_link: str = ""
    not_possible: tuple[str, ...] = ()


def reconcile(
    day: date,
    inputs: Path,
    output: Path,
    state: Path | None,
    *,
    memory_limit: str | None = None,
    wanted: Wanted = USUAL,
) -> Outcome:
    """Reconcile a day and write everything the contract asks for.

    `memory_limit` (such as 2GB) bounds what DuckDB holds; the rest waits on disk.
    """
    stopwatch = Stopwatch()
    demand(wanted)
    make_room(output, day)
    with (
        _database(memory_limit, spill_under=output) as db,
        memory.held(db, state),
        opened(db, wanted) as engine,
    ):
        begin(output, [*evidence.results(), evidence.CHAIN])
        outcome = _reconcile(
            db, engine, stopwatch, day=day, inputs=inputs, output=output, state=state
        )
    writers.write_json(output / "timings.json", {"seconds": stopwatch.seconds})
    finish(output)
    return outcome


@contextmanager
def judged(
    day: date, inputs: Path, state: Path | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Judge a day and lend the database with all its relations; nothing is written.

    Raises IncompleteInputsError where they cannot be.
    """
    stopwatch = Stopwatch()
    with _database() as db, memory.held(db, state, is_only_read=True):
        manifest, faults = _loaded(db, day, inputs, stopwatch)
        if manifest is None or faults:
            told = "; ".join(fault.explanation for fault in faults)
            raise IncompleteInputsError(f"{inputs} cannot be judged: {told}")
        _set_parameters(db, manifest)
        judge(db, DuckDBEngine(db), stopwatch, memory.recall(db, state, day))
        yield db


@contextmanager
def loaded(
    day: date, inputs: Path, stopwatch: Stopwatch
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Manifest | None, list[SourceFault]]]:
    """Read a day's sources, judge nothing, and lend them with what is wrong."""
    with _database() as db:
        yield db, *_loaded(db, day, inputs, stopwatch)


@contextmanager
def _database(
    memory_limit: str | None = None, *, spill_under: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine of this run alone, and a folder for what does not fit in its memory."""
    with spilling(spill_under) as spill, duckdb.connect() as db:
        db.execute(f"set temp_directory = {quoted(str(spill))}")
        db.execute(f"set max_temp_directory_size = '{SPILL_LIMIT}'")
        if memory_limit:
            _bound(db, memory_limit)
        for name, value in SETTINGS.items():
            db.execute(f"set {name} = {value}")
        yield db


def _bound(db: duckdb.DuckDBPyConnection, memory_limit: str) -> None:
    try:
        db.execute(f"set memory_limit = {quoted(memory_limit)}")
    except duckdb.Error as error:
        raise WrongUsageError(
            f"--memory-limit {memory_limit} is no size; write 500MB or 2GB"
        ) from error


def _reconcile(
    db: duckdb.DuckDBPyConnection,
    engine: Engine,
    stopwatch: Stopwatch,
    *,
    day: date,
    inputs: Path,
    output: Path,
    state: Path | None,
) -> Outcome:
    manifest, faults = _loaded(db, day, inputs, stopwatch)
    with stopwatch.part("quarantine"):
        quarantine.judge(db, manifest.files if manifest else {})
        quarantine.write(db, output)
    digest = None
    if manifest is None or faults:
        outcome = _refuse(db, day, manifest, faults, output)
    else:
        _set_parameters(db, manifest)
        remembered = memory.recall(db, state, day)
        digest = remembered.digest
        run_id = _run_id(day, manifest, engine, digest)
        judge(db, engine, stopwatch, remembered)
        lineage = trace(db, run_id)
        with stopwatch.part("write"):
            outcome = _conclude(db, manifest, run_id, lineage, output)
        if state is not None:
            with stopwatch.part("remember"):
                memory.remember(
                    db,
                    day=day,
                    run_id=run_id,
                    verdict=outcome.verdict,
                    replaces=lineage.replaces,
                    changes=json.dumps(lineage.changes),
                    is_further=lineage.is_further,
                )
    record = evidence.Record(
        day=day,
        manifest=manifest,
        inputs=inputs,
        output=output,
        state_digest=digest,
        keeps_state=state is not None,
        settings=SETTINGS,
        engine=engine,
    )
    with stopwatch.part("evidence"):
        return replace(outcome, last_link=evidence.write(record))


def _loaded(
    db: duckdb.DuckDBPyConnection, day: date, inputs: Path, stopwatch: Stopwatch
) -> tuple[Manifest | None, list[SourceFault]]:
    """Read all sources into typed tables; answer the manifest and what is wrong."""
    manifest, faults = _announced(inputs, day)
    db.execute(_text(scripts(STEPS)[0]))  # the words that everything else uses
    _set_clocks(db, day, manifest)
    if manifest is not None:
        faults += load_sources(db, manifest, stopwatch)
    discrepancies.create(db, faults)
    return manifest, faults


def _announced(inputs: Path, day: date) -> tuple[Manifest | None, list[SourceFault]]:
    """The manifest, and what is wrong with it."""
    try:
        return read_manifest(inputs, day)
    except SourceMissingError as error:
        return None, [SourceFault("SOURCE_MISSING", "manifest.json", str(error))]
    except SourceCorruptError as error:
        return None, [SourceFault("SOURCE_CORRUPT", "manifest.json", str(error))]


def load_sources(
    db: duckdb.DuckDBPyConnection, manifest: Manifest, stopwatch: Stopwatch
) -> list[SourceFault]:
    """Create one typed table per source; what cannot be used is told, all of it at once."""
    faults = []
    for source, file in sorted(manifest.files.items()):
        with stopwatch.part(f"read {source} ({file.rows:,} rows)"):
            try:
                check_file(file, manifest.business_date)
                LOADERS[source](db, file)
            except SourceMissingError as error:
                faults.append(SourceFault("SOURCE_MISSING", source, str(error)))
            except SourceCorruptError as error:
                faults.append(SourceFault("SOURCE_CORRUPT", source, str(error)))
    return faults


def _refuse(
    db: duckdb.DuckDBPyConnection,
    day: date,
    manifest: Manifest | None,
    faults: list[SourceFault],
    output: Path,
) -> Outcome:
    """Say what is wrong with the inputs, and nothing else; there is nothing to compute."""
    desk = DuckDBEngine(db)
    desk.execute(FOUND.stem, _text(FOUND))
    for rule in rules():
        if rule.phase == "sources":
            discrepancies.run_rule(desk, rule)
    run_id = _run_id(day, manifest, desk, "")
    writers.write_tables(db, output, is_complete=False)
    document = summary.incomplete(db, day, manifest, run_id)
    writers.write_json(output / "summary.json", document)
    writers.write_json(output / "changes.json", UNRELATED.document)
    proposal.write_none(output)
    alerts.write(
        db,
        output,
        day=day,
        verdict="INCOMPLETE",
        run_id=run_id,
        changes=UNRELATED.changes,
    )
    notes = tuple(f"{fault.code}: {fault.explanation}" for fault in faults)
    return Outcome("INCOMPLETE", 2, run_id, _counts(document), notes)


def _conclude(
    db: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    run_id: str,
    lineage: Lineage,
    output: Path,
) -> Outcome:
    writers.write_tables(db, output, is_complete=True)
    [(open_count,)] = db.execute(
        f"select count(*) from reported where {summary.OPEN}"
    ).fetchall()
    verdict = "EXCEPTIONS" if open_count else "RECONCILED"
    document = summary.complete(db, manifest, run_id, verdict, lineage.replaces)
    not_possible = tuple(document["not_possible"])
    writers.write_json(output / "summary.json", document)
    writers.write_json(output / "changes.json", lineage.document)
    proposal.write(db, output, manifest.business_date)
    alerts.write(
        db,
        output,
        day=manifest.business_date,
        verdict=verdict,
        run_id=run_id,
        changes=lineage.changes,
        not_possible=not_possible,
    )
    return Outcome(
        verdict,
        document["exit_status"],
        run_id,
        _counts(document),
        notes=tuple(document["not_judged"]),
        not_possible=not_possible,
    )


def _counts(document: Mapping[str, Any]) -> dict[str, int]:
    return {code: entry["count"] for code, entry in document["discrepancies"].items()}


def _set_clocks(
    db: duckdb.DuckDBPyConnection, day: date, manifest: Manifest | None
) -> None:
    """The run's moments as macros, so that every query reads like a sentence."""
    starts_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    ends_at = starts_at + timedelta(days=1)
    as_of = manifest.as_of if manifest else ends_at
    for name, moment in (("day_start", starts_at), ("day_end", ends_at), ("as_of", as_of)):
        db.execute(f"create macro {name}() as {_moment(moment)}")


def _set_parameters(db: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
    """What else the manifest says, as macros and small tables."""
    files = sorted(manifest.files.values(), key=lambda file: file.source)
    for name, values in {
        "interval_start": {file.source: _moment(file.interval_start) for file in files},
        "interval_end": {file.source: _moment(file.interval_end) for file in files},
        "source_account": {file.source: quoted(file.account) for file in files},
    }.items():
        cases = " ".join(
            f"when {quoted(source)} then {value}" for source, value in values.items()
        )
        db.execute(f"create macro {name}(source) as case source {cases} end")
    db.execute(_text(PARAMETERS))
    insert(db, "own_addresses", [(address.lower(),) for address in manifest.own_addresses])
    insert(db, "positions", [astuple(position) for position in manifest.positions])
    if manifest.offset_ranges is None:
        db.execute(
            "insert into offset_ranges"
            ' select topic, "partition", min("offset"), max("offset")'
            " from escrow_events group by all"
        )
    insert(db, "offset_ranges", [astuple(span) for span in manifest.offset_ranges or ()])
    db.execute(
        "insert into transitions select coalesce(state, ''), event, next_state"
        f" from read_csv({quoted(str(TRANSITIONS))}, all_varchar = true, header = true)"
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _run_id(day: date, manifest: Manifest | None, engine: Engine, remembered: str) -> str:
    """A hash of inputs, parameters, code version and what earlier days left."""
    parts = {
        "day": day.isoformat(),
        "manifest": manifest.sha256 if manifest else None,
        "inputs": sorted((f.source, f.sha256) for f in manifest.files.values())
        if manifest
        else [],
        "code": code_version(),
        "engine": dict(engine.versions),
        "remembered": remembered,
    }
    return (
        RUN_ID + hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
    )


def _moment(moment: datetime) -> str:
    return f"timestamp '{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"
