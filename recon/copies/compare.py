"""Say whether the archive, the event tables and the topics hold the same events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from recon.clock import Progress
from recon.copies import event_table, topics
from recon.faults import SourceMissingError
from recon.records import records
from recon.sources.shape import quoted
from recon.spill import spilling

ROOM = Path(__file__).parent
ARCHIVE, EVENT_TABLES, TOPICS = "archive", "event_tables", "topics"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)
COLUMNS = pa.schema(
    [
        ("topic", pa.string()),
        ("aggregate_id", pa.string()),
        ("aggregate_version", pa.int64()),
        ("event_id", pa.string()),
        ("event_type", pa.string()),
        ("occurred_at", pa.timestamp("us", tz="UTC")),
        ("correlation_id", pa.string()),
        ("causation_id", pa.string()),
        ("payload", pa.string()),
        ("value_sha256", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Places:
    """Which copies to compare; at least two. What opens a place is never printed."""

    archive: Path | None = None
    dsn: str | None = field(default=None, repr=False)
    kafka: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Compared:
    """How many events each copy holds, and its differences."""

    counts: Mapping[str, int]
    differences: Sequence[Mapping[str, Any]]
    differences_total: int


def compare(
    places: Places, named: Sequence[str], day: date | None, limit: int, to: Path | None
) -> Compared:
    """Compare neighbours among the copies; `to` is a CSV for all differences."""
    start, stop = BEGINNING, END
    if day:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        stop = start + timedelta(days=1)
    with _opened() as db:
        copies = _read(db, places, named, start, stop)
        counts = {
            copy: _count(db, f"select count(distinct event_id) from {copy}")
            for copy in copies
        }
        _differences(db, copies)
        query = (
            "from differences order by one, other, topic, aggregate_id, aggregate_version,"
            " event_id, kind"
        )
        if to:
            db.execute(f"copy ({query}) to {quoted(str(to))} (format csv, header)")
        total = _count(db, "select count(*) from differences")
        return Compared(counts, records(db, f"{query} limit {limit}"), total)


@contextmanager
def _opened() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that may spill to the disk, with what SQL itself cannot say."""
    with spilling() as folder, duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute("set autoinstall_known_extensions = false")
        db.execute(f"set temp_directory = {quoted(str(folder))}")
        db.create_function("is_same_json", is_same_json, ["varchar", "varchar"], "boolean")
        yield db


def is_same_json(one: str, other: str) -> bool:
    """Compare texts that differ, by what they mean."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def _read(
    db: duckdb.DuckDBPyConnection,
    places: Places,
    named: Sequence[str],
    start: datetime,
    stop: datetime,
) -> list[str]:
    """Make a table of each copy, and name those that there are."""
    copies = []
    if places.dsn:
        _fill(db, EVENT_TABLES, event_table.read(places.dsn, named, start, stop))
        copies.append(EVENT_TABLES)
    if places.archive:
        _read_archive(db, places.archive, named, start, stop)
        copies.append(ARCHIVE)
    if places.kafka:
        _fill(db, TOPICS, topics.read(places.kafka, named, start, stop))
        copies.append(TOPICS)
    return copies


def _fill(
    db: duckdb.DuckDBPyConnection, copy: str, batches: Iterable[list[tuple[Any, ...]]]
) -> None:
    progress, count = Progress(), 0
    db.execute((ROOM / "schema.sql").read_text(encoding="utf-8").format(copy=copy))
    for batch in batches:
        if batch:
            columns = [
                pa.array(c, f.type)
                for c, f in zip(zip(*batch, strict=True), COLUMNS, strict=True)
            ]
            db.register("batch", pa.Table.from_arrays(columns, schema=COLUMNS))
            db.execute(f"insert into {copy} from batch")
            db.unregister("batch")
        count += len(batch)
        progress.tell(f"{copy.replace('_', ' ')}: {count:,} events")


def _read_archive(
    db: duckdb.DuckDBPyConnection,
    folder: Path,
    named: Sequence[str],
    start: datetime,
    stop: datetime,
) -> None:
    if not any(folder.glob("*/*/*.parquet")):
        raise SourceMissingError(
            f"{folder} holds no <topic>/<partition>/<first offset>.parquet;"
            " give --archive the folder of the event archive"
        )
    columns = ", ".join(COLUMNS.names[:-1])
    scan = (
        f"read_parquet({quoted(str(folder / '*' / '*' / '*.parquet'))},"
        " union_by_name = true, hive_partitioning = false)"
    )
    db.execute((ROOM / "schema.sql").read_text(encoding="utf-8").format(copy=ARCHIVE))
    try:
        db.execute(
            f"insert into {ARCHIVE} select {columns}, null from {scan}"
            " where list_contains($topics, topic) and occurred_at >= $start"
            " and occurred_at < $stop",
            {"topics": list(named), "start": start, "stop": stop},
        )
    except duckdb.Error as error:
        raise SourceMissingError(
            f"{folder} cannot be read ({str(error).splitlines()[0]});"
            " see that it is the event archive and whole"
        ) from error


def _differences(db: duckdb.DuckDBPyConnection, copies: Sequence[str]) -> None:
    """Each copy against the next; contradictions within a copy are told once."""
    db.execute(
        "create table differences (one varchar, other varchar, kind varchar, topic varchar,"
        " aggregate_id varchar, aggregate_version bigint, event_id varchar,"
        " differs_in varchar)"
    )
    script = (ROOM / "compare.sql").read_text(encoding="utf-8")
    fields = "kind, topic, aggregate_id, aggregate_version, event_id, differs_in"
    for number, (one, other) in enumerate(pairwise(copies)):
        db.execute(f"create or replace temp view one as from {one}")
        db.execute(f"create or replace temp view other as from {other}")
        db.execute(script)
        names = {"one": one, "other": other}
        db.execute(
            f"insert into differences select $one, $other, {fields} from unequal", names
        )
        db.execute(
            "insert into differences select case copy when 'one' then $one else $other end,"
            f" null, {fields} from contradictions where copy = 'other' or $is_first",
            names | {"is_first": number == 0},
        )


def _count(db: duckdb.DuckDBPyConnection, query: str) -> int:
    [(count,)] = db.execute(query).fetchall()
    return int(count)
