"""Where archived events lie: one chain of Parquet files for each partition.

A file is named by its first offset and says in its footer where the next one begins, so
the chain itself is the only record of progress. A file appears whole or not at all: it is
written under another name, synced, and linked to its own only if nobody was first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from toolkit.core.ports import Partition

READABLE = pa.schema(
    [
        pa.field("topic", pa.string(), nullable=False),
        pa.field("partition", pa.int32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("event_type", pa.string(), nullable=False),
        pa.field("aggregate_id", pa.string(), nullable=False),
        pa.field("aggregate_version", pa.int64()),
        pa.field("occurred_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("correlation_id", pa.string(), nullable=False),
        pa.field("causation_id", pa.string()),
        pa.field("payload", pa.string(), nullable=False),
        pa.field("ce_source", pa.string(), nullable=False),
    ]
)
UNREADABLE = pa.schema(
    [
        pa.field("topic", pa.string(), nullable=False),
        pa.field("partition", pa.int32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("key", pa.string()),
        pa.field("payload", pa.binary()),
        pa.field("problem", pa.string(), nullable=False),
    ]
)
SIDE = "unreadable"  # beside the topics, so that no reader of a topic meets it
NEXT = b"next_offset"
UNFINISHED = ".unfinished"
DIGITS = 20  # an offset is 64 bits; zero padded, names sort as numbers do

Rows = Sequence[Mapping[str, Any]]


class Overtaken(Exception):  # noqa: N818 - the name says what happened
    """Somebody else has written this part of the chain. Look again where to go on."""


def resume(root: Path, partition: Partition) -> int:
    """Clear away what a crash left behind, and answer the offset to go on at."""
    goes_on_at = next_offset(root, partition)
    for folder in (_folder(root, partition), _folder(root / SIDE, partition)):
        for leftover in folder.glob(f"*{UNFINISHED}"):
            leftover.unlink(missing_ok=True)
    for orphan in _chain(_folder(root / SIDE, partition)):
        if int(orphan.stem) >= goes_on_at:
            orphan.unlink()
    return goes_on_at


def next_offset(root: Path, partition: Partition) -> int:
    """Read where the chain ends; a partition never archived begins at 0."""
    chain = _chain(_folder(root, partition))
    if not chain:
        return 0
    metadata = pq.read_metadata(chain[-1]).metadata or {}
    if NEXT not in metadata:
        raise ValueError(
            f"{chain[-1]} does not say where the next file begins: it is no file of this "
            "archive. Move it elsewhere and start again"
        )
    return int(metadata[NEXT])


def event_count(root: Path) -> int:
    """Count the events that are archived; one that came twice is counted once."""
    ids: set[str] = set()
    for file in root.glob("*/*/*.parquet"):
        if file.parts[-3] != SIDE:
            ids.update(pq.read_table(file, columns=["event_id"])["event_id"].to_pylist())
    return len(ids)


def append(
    root: Path,
    partition: Partition,
    *,
    first: int,
    goes_on_at: int,
    readable: Rows,
    unreadable: Rows = (),
) -> None:
    """Write the part of the chain that begins at `first`.

    The side file goes first and the chain's own file is what counts: a crash between the
    two leaves an orphan, which `resume` removes. Raises Overtaken when the chain does not
    end at `first` any more.
    """
    if next_offset(root, partition) != first:
        raise Overtaken(f"{partition} no longer ends at {first}")
    name = f"{first:0{DIGITS}}.parquet"
    if unreadable:
        side = _folder(root / SIDE, partition)
        _written(side, UNREADABLE, unreadable, goes_on_at).replace(side / name)
        _sync(side)
    folder = _folder(root, partition)
    unfinished = _written(folder, READABLE, readable, goes_on_at)
    try:
        os.link(unfinished, folder / name)  # unlike a rename, this never replaces
    except FileExistsError as error:
        raise Overtaken(f"{folder / name} exists") from error
    finally:
        unfinished.unlink(missing_ok=True)
    _sync(folder)


def _folder(root: Path, partition: Partition) -> Path:
    return root / partition.topic / str(partition.number)


def _chain(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _written(folder: Path, schema: pa.Schema, rows: Rows, goes_on_at: int) -> Path:
    """Write a whole file to disk, under a name that no reader looks for."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(list(rows), schema.with_metadata({NEXT: str(goes_on_at)}))
    with NamedTemporaryFile(dir=folder, suffix=UNFINISHED, delete=False) as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    return Path(file.name)


def _sync(folder: Path) -> None:
    """Make the names in a folder last, as the bytes do already."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
