"""Write what a run has found: tables for machines, and one summary for everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from recon.sources.shape import quoted

SCRIPTS = Path(__file__).parent / "publishing"
# A higher level takes a second more for a million rows, and a twentieth off the file.
PARQUET = "(format parquet, compression zstd, compression_level 1)"
TIMES = ("occurred_at", "first_seen")


def write_tables(db: duckdb.DuckDBPyConnection, output: Path, *, is_complete: bool) -> None:
    """Write discrepancies, matches and items in transit, in an order that never varies."""
    if not is_complete:
        db.execute((SCRIPTS / "unpublished.sql").read_text(encoding="utf-8"))
    db.execute((SCRIPTS / "published.sql").read_text(encoding="utf-8"))
    for name in ("discrepancies", "matches", "in_transit", "suggestions"):
        target = quoted(str(output / f"{name}.parquet"))
        db.execute(f"copy (from out_{name}) to {target} {PARQUET}")
    times = ", ".join(
        f"strftime({time} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') as {time}"
        for time in TIMES
    )
    target = quoted(str(output / "discrepancies.csv"))
    rows = f"select * replace ({times}) from out_discrepancies"
    db.execute(f"copy ({rows}) to {target} (format csv, header)")
    target = quoted(str(output / "suggestions.csv"))
    db.execute(f"copy (from out_suggestions) to {target} (format csv, header)")


def write_json(path: Path, document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write a document with its keys in the order given: equal runs give equal bytes."""
    path.write_text(
        json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
