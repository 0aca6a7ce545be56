"""Gather a day's inputs from event archive, exports and APIs, and write their manifest."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from recon.exported import counted
from recon.faults import (
    IncompleteInputsError,
    SourceCorruptError,
    SourceMissingError,
    WrongUsageError,
)
from recon.manifest import SOURCES, Position, file_sha256
from recon.pulling.stripe_account import StripeAccess
from recon.pulling.stripe_report import Pulled, pull
from recon.sources import custodian_transactions, escrow_events
from recon.sources.shape import quoted

EXTRACT = Path(__file__).parent / "collecting" / "extract.sql"
EXPORTS = {
    "stripe_activity": "stripe_activity.csv",
    "stripe_summary": "stripe_summary.csv",
    "stripe_payouts": "stripe_payouts.csv",
    "custodian_transactions": "custodian_transactions.csv",
    "bank_statement": "bank_statement.xml",
}
NO_STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Id>no-activity-{day}</Id>{balances}</Stmt></BkToCstmrStmt></Document>
"""
NO_BALANCE = (
    "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
    '<Amt Ccy="USD">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>'
)


@dataclass(frozen=True, slots=True)
class Collection:
    """What to gather, and what only the caller can know."""

    day: date
    archive: Path
    exports: Path
    output: Path
    as_of: datetime
    accounts: Mapping[str, str]
    positions: tuple[Position, ...]
    own_addresses: tuple[str, ...]
    without: frozenset[str]
    written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the manifest says further of a source: how its file is written."""
    stripe: StripeAccess | None = None

    @property
    def starts_at(self) -> datetime:
        """Midnight of the day, UTC."""
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)

    @property
    def ends_at(self) -> datetime:
        """Midnight of the next day."""
        return self.starts_at + timedelta(days=1)


def collect(collection: Collection) -> list[str]:
    """Write the folder of inputs and give the sources that are missing in it.

    What is pulled comes first: a provider that refuses leaves the folder as it was.
    """
    collection.output.mkdir(parents=True, exist_ok=True)
    for left in collection.output.glob(".pulled-*"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".pulled-", dir=collection.output) as folder:
        pulled: Mapping[str, Pulled] = {}
        if collection.stripe:
            span = (collection.starts_at, collection.ends_at)
            pulled = pull(collection.stripe, *span, Path(folder))
        return _gather(collection, pulled, Path(folder))


def _gather(
    collection: Collection, pulled: Mapping[str, Pulled], pulled_folder: Path
) -> list[str]:
    files, ranges = [], []
    db = duckdb.connect()
    try:
        db.execute("set TimeZone = 'UTC'")
        db.execute("set autoinstall_known_extensions = false")
        ranges = _extract(db, collection)
        rows = db.execute("select count(*) from extract").fetchall()[0][0]
        files.append(_entry(collection, "escrow_events", "escrow_events.parquet", rows))
    finally:
        db.close()
    for source in EXPORTS:
        folder = pulled_folder if source in pulled else collection.exports
        export = _export(source, folder)
        if _place(collection, source, export):
            entry = _exported(collection, source, export.name)
            files.append(entry | (_of_pull(pulled[source]) if source in pulled else {}))
    _write_manifest(collection, files, ranges)
    present = {entry["source"] for entry in files}
    return [source for source in SOURCES if source not in present]


def _extract(db: duckdb.DuckDBPyConnection, collection: Collection) -> list[dict[str, Any]]:
    """Write the events, ordered by topic, partition and offset; give the day's ranges."""
    pattern = collection.archive / "*" / "*" / "*.parquet"
    if not any(collection.archive.glob("*/*/*.parquet")):
        raise SourceMissingError(
            f"{collection.archive} holds no <topic>/<partition>/<first offset>.parquet;"
            " give --archive the folder of the event archive"
        )
    scan = (
        f"read_parquet({quoted(str(pattern))},"
        " union_by_name = true, hive_partitioning = false)"
    )
    found = {row[0] for row in db.execute(f"describe from {scan}").fetchall()}
    columns = [*escrow_events.REQUIRED, *(["ce_source"] if "ce_source" in found else [])]
    missing = [column for column in columns if column not in found]
    if missing:
        raise WrongUsageError(
            f"{collection.archive}: no column {missing[0]!r} in the archive"
        )
    names = ", ".join(f'"{column}"' for column in columns)
    db.execute(f"create view archive as select {names} from {scan}")
    moments = {"day_start": collection.starts_at, "day_end": collection.ends_at}
    for statement in db.extract_statements(EXTRACT.read_text(encoding="utf-8")):
        db.execute(statement, {name: moments[name] for name in statement.named_parameters})
    target = quoted(str(collection.output / "escrow_events.parquet"))
    db.execute(f"copy extract to {target} (format parquet, compression zstd)")
    ranges = db.execute("from day_ranges").fetchall()
    keys = ("topic", "partition", "first_offset", "last_offset")
    return [dict(zip(keys, span, strict=True)) for span in ranges]


def _of_pull(pulled: Pulled) -> dict[str, Any]:
    """What a manifest says further of a file that a provider's API gave."""
    return {
        "origin": pulled.origin,
        "interval_start": _iso(pulled.interval_start),
        **({"control_totals": pulled.control_totals} if pulled.control_totals else {}),
    }


def _place(collection: Collection, source: str, export: Path) -> bool:
    """Copy an export, or write an empty one where the caller says that nothing happened."""
    target = collection.output / export.name
    if source in collection.without:
        if export.exists():
            raise WrongUsageError(
                f"{export} is there, but you say that there was no activity"
            )
        target.write_text(_nothing(collection, source), encoding="utf-8")
        return True
    if not export.is_file():
        target.unlink(missing_ok=True)
        return False
    draft = target.with_name(f".{export.name}")
    shutil.copyfile(export, draft)
    draft.replace(target)
    return True


def _nothing(collection: Collection, source: str) -> str:
    if source == "custodian_transactions":
        return ",".join(custodian_transactions.REQUIRED) + "\r\n"
    balances = "".join(NO_BALANCE.format(code=code) for code in ("OPBD", "CLBD"))
    return NO_STATEMENT.format(day=collection.day, balances=balances)


def _export(source: str, folder: Path) -> Path:
    """The export by its usual name, or the only file that has its name and another end."""
    usual = folder / EXPORTS[source]
    others = [path for path in sorted(folder.glob(f"{source}.*")) if path != usual]
    if usual.is_file() or not others:
        return usual
    if len(others) > 1:
        raise WrongUsageError(
            f"{folder} holds {', '.join(path.name for path in others)}; leave one of them"
        )
    return others[0]


def _exported(collection: Collection, source: str, name: str) -> dict[str, Any]:
    """The manifest's entry of an export, counted by the readers of a run."""
    said = dict(collection.written.get(source, {}))
    path = collection.output / name
    try:
        rows, first = counted(source, path, said)
    except SourceCorruptError as error:
        raise IncompleteInputsError(
            f"{error}; if the file is written in another way, say so with --as {source}:…"
        ) from error
    since = datetime(first.year, first.month, first.day, tzinfo=UTC) if first else None
    return _entry(collection, source, name, rows, since) | said


def _entry(
    collection: Collection, source: str, name: str, rows: int, since: datetime | None = None
) -> dict[str, Any]:
    return {
        "source": source,
        "path": name,
        "account": collection.accounts[source],
        "timezone": "Etc/UTC",
        "interval_start": _iso(min(collection.starts_at, since or collection.starts_at)),
        "interval_end": _iso(collection.ends_at),
        "sha256": file_sha256(collection.output / name),
        "rows": rows,
    }


def _write_manifest(
    collection: Collection, files: list[dict[str, Any]], ranges: list[dict[str, Any]]
) -> None:
    positions = [
        {name: value for name, value in asdict(position).items() if value is not None}
        for position in collection.positions
    ]
    manifest: dict[str, Any] = {
        "business_date": collection.day.isoformat(),
        "as_of": _iso(collection.as_of),
        "files": files,
        "offset_ranges": ranges,
        "own_addresses": list(collection.own_addresses),
    }
    if positions:
        manifest["positions"] = positions
    text = json.dumps(manifest, indent=2) + "\n"
    (collection.output / "manifest.json").write_text(text, encoding="utf-8")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
