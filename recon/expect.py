"""Hold every row of every source against its suite, and set aside those that fall short.

The suites are Great Expectations' own form. Here each of them is a query over all rows;
`data_docs.py` lets Great Expectations judge a bounded part of them and write its pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from recon.clock import Stopwatch
from recon.faults import SourceFault, WrongUsageError
from recon.run import loaded
from recon.sources.shape import name, quoted
from recon.writers import PARQUET, write_json

SUITES = Path(__file__).parent / "expectations"
QUARANTINE = "create table quarantine (source varchar, path varchar, row bigint,\
 column_name varchar, value varchar, expectation varchar, reason varchar)"
# When a row falls short of an expectation. An empty cell is only the first one's business.
SHORTFALLS: Mapping[str, str] = {
    "expect_column_values_to_not_be_null": "{column} is null",
    "expect_column_values_to_match_regex": "not regexp_matches({column}, {regex})",
    "expect_column_values_to_be_in_set": "not list_contains({value_set}, {column})",
    "expect_column_values_to_be_unique": "{column} is not null"
    " and count(*) over (partition by {column}) > 1",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What the suites found; `faults` are the sources that could not be read at all."""

    rows: Mapping[str, int]
    set_aside: Mapping[str, int]
    faults: tuple[SourceFault, ...]


def suites() -> dict[str, dict[str, Any]]:
    """Every suite by its source."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(SUITES.glob("*.json"))
    }


def check(day: date, inputs: Path, output: Path, *, with_docs: bool) -> Checked:
    """Write `expectations.json` and the quarantine, and on request the data docs."""
    output.mkdir(parents=True, exist_ok=True)
    with loaded(day, inputs, Stopwatch()) as (db, manifest, faults):
        if manifest is None:
            raise WrongUsageError("; ".join(fault.explanation for fault in faults))
        db.execute(QUARANTINE)
        present = [source for source in suites() if _is_there(db, f"{source}_text")]
        names = {source: manifest.files[source].name for source in present}
        rows = {source: _judge(db, source, names[source]) for source in present}
        _write(db, output)
        if with_docs:
            from recon.data_docs import build  # noqa: PLC0415 - seconds that only it needs

            met = build(db, {source: suites()[source] for source in present}, output)
            write_json(output / "data_docs.json", met)
        found = db.execute(
            "select source, count(distinct row) from quarantine group by all order by all"
        ).fetchall()
    checked = Checked(rows, dict(found), tuple(faults))
    document = {
        source: {"rows": rows[source], "set_aside": checked.set_aside.get(source, 0)}
        for source in present
    }
    unread = [fault.explanation for fault in faults]
    write_json(output / "expectations.json", {"sources": document, "refused": unread})
    return checked


def _is_there(db: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = db.execute(
        "select count(*) from information_schema.tables where table_name = ?", [table]
    ).fetchall()
    return bool(found[0][0])


def _judge(db: duckdb.DuckDBPyConnection, source: str, path: str) -> int:
    """Set aside every cell that falls short; give the number of rows looked at."""
    db.execute(
        f"create table {source}_cells as select row_number() over () as row,"
        f" columns(*)::varchar from {source}_text"
    )
    for expectation in suites()[source]["expectations"]:
        kwargs = expectation["kwargs"]
        column = name(kwargs["column"])
        shortfall = SHORTFALLS[expectation["type"]].format(
            column=column,
            regex=quoted(kwargs.get("regex", "")),
            value_set=[str(value) for value in kwargs.get("value_set", ())],
        )
        db.execute(
            f"insert into quarantine select ?, ?, row, ?, cell, ?, ?"
            f" from (select row, {column} as cell, {shortfall} as falls_short"
            f" from {source}_cells) where falls_short",
            [
                *(source, path, kwargs["column"]),
                *(expectation["type"], expectation["meta"]["reason"]),
            ],
        )
    return int(db.execute(f"select count(*) from {source}_cells").fetchall()[0][0])


def _write(db: duckdb.DuckDBPyConnection, output: Path) -> None:
    """In an order that never varies; a cell that starts a formula gets an apostrophe."""
    rows = "from quarantine order by source, row, column_name, expectation"
    target = quoted(str(output / "quarantine.parquet"))
    db.execute(f"copy ({rows}) to {target} {PARQUET}")
    safe = "case when value similar to '[=+@-].*' then '''' || value else value end"
    target = quoted(str(output / "quarantine.csv"))
    db.execute(
        f"copy (select * replace ({safe} as value) {rows}) to {target} (format csv, header)"
    )
