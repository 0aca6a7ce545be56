"""List every row of a source that falls short of its suite of expectations, and say why.

A suite is a query over the source as text: one scan answers whether anything falls short,
and only where something does a second one finds the rows. Nothing is taken out of the
inputs: what a bad row means is for the readers and the rules to say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from recon.manifest import InputFile
from recon.records import records
from recon.sources.shape import name, quoted
from recon.writers import PARQUET

SUITES = Path(__file__).parent / "expectations"
NAMES = ("quarantine.csv", "quarantine.parquet")
TABLE = (
    "create table quarantine (source varchar, path varchar, row bigint,"
    " column_name varchar, value varchar, expectation varchar, reason varchar)"
)
# When a row falls short of an expectation. An empty cell is only the first one's business.
SHORTFALLS: Mapping[str, str] = {
    "expect_column_values_to_not_be_null": "{column} is null",
    "expect_column_values_to_match_regex": "not regexp_matches({column}::varchar, {regex})",
    "expect_column_values_to_be_in_set": "not list_contains({value_set}, {column})",
    "expect_column_values_to_be_unique": "{column} in (select {column} from {source}_text"
    " group by {column} having count(*) > 1)",
}
# What a spreadsheet takes for the start of a formula, in either width.
FORMULA = "^ *[-=+@\t\r\n\uff0d\uff1d\uff0b\uff20]"
# Whether any row does, where that is cheaper to ask than which one.
ANY_SHORTFALL: Mapping[str, str] = {
    "expect_column_values_to_be_unique": "count({column}) > count(distinct {column})",
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a column of a source has to hold, and why."""

    type: str
    column: str
    reason: str
    regex: str
    value_set: tuple[str, ...]

    def sql(self, template: str, source: str) -> str:
        """A template with this expectation's own words."""
        return template.format(
            source=source,
            column=name(self.column),
            regex=quoted(self.regex),
            value_set=list(self.value_set),
        )

    def shortfall(self, source: str) -> str:
        """The condition under which a row falls short."""
        return self.sql(SHORTFALLS[self.type], source)

    def any_shortfall(self, source: str) -> str:
        """The condition under which any row does, as an aggregate."""
        asked = ANY_SHORTFALL.get(self.type)
        return self.sql(asked, source) if asked else f"bool_or({self.shortfall(source)})"


@cache
def suites() -> Mapping[str, Mapping[str, Any]]:
    """Every suite by its source, in the form of Great Expectations."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(SUITES.glob("*.json"))
    }


def expectations(source: str) -> tuple[Expectation, ...]:
    """What is expected of a source's columns."""
    return tuple(
        Expectation(
            type=entry["type"],
            column=entry["kwargs"]["column"],
            reason=entry["meta"]["reason"],
            regex=entry["kwargs"].get("regex", ""),
            value_set=tuple(str(value) for value in entry["kwargs"].get("value_set", ())),
        )
        for entry in suites()[source]["expectations"]
    )


def judge(db: duckdb.DuckDBPyConnection, files: Mapping[str, InputFile]) -> None:
    """Create `quarantine` with every cell that falls short, and `looked_at` by source."""
    db.execute(TABLE)
    db.execute("create table looked_at (source varchar, rows bigint)")
    for source, file in sorted(files.items()):
        rows = _set_aside(db, source, file.name)
        if rows is not None:
            db.execute("insert into looked_at values (?, ?)", [source, rows])


def counts(db: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Of every source that has cells: its rows, and how many of them are in quarantine."""
    found = db.execute(
        "select source, any_value(rows), count(distinct row) from looked_at"
        " left join quarantine using (source) group by source order by source"
    ).fetchall()
    return {source: (rows, aside) for source, rows, aside in found}


def reasons(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """How many rows of each source fall short of what, and why that matters."""
    return records(
        db,
        "select source, column_name, expectation, reason, count(*) as rows"
        " from quarantine group by all order by all",
    )


def _set_aside(db: duckdb.DuckDBPyConnection, source: str, path: str) -> int | None:
    """List the cells of a source that fall short; give its rows, none if it has no cells.

    What no reader can take apart into cells is refused as a whole, and not by its rows.
    """
    expected = expectations(source)
    asked = ", ".join(each.any_shortfall(source) for each in expected)
    try:
        [(rows, *short)] = db.execute(
            f"select count(*), {asked} from {source}_text"
        ).fetchall()
    except duckdb.Error:
        return None
    failed = [each for each, is_short in zip(expected, short, strict=True) if is_short]
    if failed:
        _list(db, source, path, failed)
    return int(rows)


def _list(
    db: duckdb.DuckDBPyConnection, source: str, path: str, failed: list[Expectation]
) -> None:
    """Number the rows in the order of the file, and keep every cell with its reason."""
    columns = ", ".join(dict.fromkeys(name(each.column) for each in failed))
    falls_short = " or ".join(each.shortfall(source) for each in failed)
    db.execute(
        f"create temp table {source}_short as select *"
        f" from (select row_number() over () as row, {columns} from {source}_text)"
        f" where {falls_short}"
    )
    for each in failed:
        db.execute(
            "insert into quarantine"
            f" select ?, ?, row, ?, {name(each.column)}::varchar, ?, ?"
            f" from {source}_short where {each.shortfall(source)}",
            [source, path, each.column, each.type, each.reason],
        )


def write(db: duckdb.DuckDBPyConnection, output: Path) -> None:
    """In an order that never varies; a cell that starts a formula gets an apostrophe."""
    rows = "from quarantine order by source, row, column_name, expectation"
    table, parquet = NAMES
    target = quoted(str(output / parquet))
    db.execute(f"copy ({rows}) to {target} {PARQUET}")
    formula = f"regexp_matches(value, {quoted(FORMULA)})"
    safe = f"case when {formula} then '''' || value else value end"
    target = quoted(str(output / table))
    db.execute(
        f"copy (select * replace ({safe} as value) {rows}) to {target} (format csv, header)"
    )
