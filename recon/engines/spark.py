"""Spark executes the scripts, on one machine or many; relations come and go as Parquet.

What the run's database has read is handed over when a script first names it; when all
scripts have run the database takes back what they created.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import duckdb
from py4j.protocol import Py4JError
from pyspark.sql import SparkSession
from sqlglot import exp

from recon.engines.port import Wanted
from recon.engines.spark_dialect import (
    NUMBERED,
    ROWID,
    Macro,
    created_name,
    is_recursive,
    macro,
    named_tables,
    statements,
    translated,
)
from recon.engines.spark_session import session
from recon.sources.shape import quoted

# What Spark infers of the first round of a recursive query it takes for true of all.
AROUND_ROUNDS = (
    ("SET spark.sql.constraintPropagation.enabled = false",),
    ("RESET spark.sql.constraintPropagation.enabled",),
)


@contextmanager
def opened(db: duckdb.DuckDBPyConnection, wanted: Wanted) -> Iterator[SparkEngine]:
    """Lend an engine of this run alone."""
    if wanted.work is not None:
        wanted.work.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="recon_", dir=wanted.work) as folder,
        ExitStack() as lent,
    ):
        yield SparkEngine(db, wanted, Path(folder).resolve(), lent)


@dataclass
class SparkEngine:
    """A database of Spark's for one run, in a folder of its own."""

    db: duckdb.DuckDBPyConnection
    wanted: Wanted
    folder: Path
    lent: ExitStack
    created: dict[str, exp.Create] = field(default_factory=dict)
    """The tables and views of the scripts, in their order."""
    given: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)

    @property
    def versions(self) -> Mapping[str, str]:
        """What decides a result beside the scripts."""
        return {
            "duckdb": duckdb.__version__,
            "spark": version("pyspark"),
            "sqlglot": version("sqlglot"),
        }

    @cached_property
    def spark(self) -> SparkSession:
        """The session, begun when the first script comes, with a database of this run."""
        spark = self.lent.enter_context(session(self.wanted))
        name = self.folder.name
        spark.sql(f"create database {name} location '{self.folder}'")
        self.lent.callback(_taken_away, spark, name)
        spark.sql(f"use {name}")
        return spark

    @cached_property
    def macros(self) -> Mapping[str, Macro]:
        """The run's macros."""
        return macros_of(self.db)

    def execute(self, name: str, script: str) -> None:
        """Execute a script, and hand over before what it names of the run's database."""
        texts = []
        for statement in statements(script):
            for table in sorted(named_tables(statement) - {*self.created, *self.given}):
                self._hand_over(table)
            text = translated(statement, self.macros, self._columns)
            before, after = AROUND_ROUNDS if is_recursive(statement) else ((), ())
            for line in (*before, text, *after):
                self.spark.sql(line)
                texts.append(f"{line};\n")
            if isinstance(statement, exp.Create):
                self.created[created_name(statement)] = statement
        self.texts.append("\n".join([f"-- {name}\n", *texts]))

    def give(self) -> None:
        """Leave in the run's database the tables that Spark has written, and the views."""
        for name, statement in self.created.items():
            if statement.args["kind"] == "VIEW":
                self.db.execute(statement.sql(dialect="duckdb"))
                continue
            files = quoted(str(self.folder / name / "*.parquet"))
            self.db.execute(f"create table {name} as from read_parquet({files})")

    def ran(self) -> Mapping[str, str]:
        """The scripts as Spark executed them, in their order."""
        return {"spark.sql": "\n\n".join(self.texts)}

    def _columns(self, query: str) -> list[str]:
        return self.spark.sql(query).columns

    def _hand_over(self, name: str) -> None:
        """Copy a relation of the run's database to where Spark reads it."""
        is_there = self.db.execute(
            "select 1 from information_schema.tables"
            " where table_catalog = current_database() and table_name = ?",
            [name],
        ).fetchall()
        if not is_there:  # a query that the statement itself names
            return
        folder = self.folder / name
        folder.mkdir()
        shown = f"{ROWID}, *" if name in NUMBERED else "*"
        target = quoted(str(folder / "0.parquet"))
        self.db.execute(f"copy (select {shown} from {name}) to {target} (format parquet)")
        self.spark.sql(f"create table {name} using parquet location '{folder}'")
        self.given.add(name)


def _taken_away(spark: SparkSession, name: str) -> None:
    """Drop a run's database, unless Spark itself has gone, as after an interrupt."""
    with suppress(Py4JError, OSError):
        spark.sql("use default")
        spark.sql(f"drop database {name} cascade")


def macros_of(db: duckdb.DuckDBPyConnection) -> dict[str, Macro]:
    """The macros of a database; one without parameters is its value."""
    found = db.execute(
        "select function_name, parameters, macro_definition from duckdb_functions()"
        " where function_type = 'macro' and not internal"
    ).fetchall()
    return {
        name: macro(parameters, body if parameters else _value(db, name))
        for name, parameters, body in found
    }


def _value(db: duckdb.DuckDBPyConnection, name: str) -> str:
    """What a macro without parameters stands for, as a literal."""
    [(value,)] = db.execute(f"select {name}()").fetchall()
    match value:
        case datetime():
            return f"timestamp '{value}'"
        case timedelta():
            return f"interval '{value // timedelta(seconds=1)}' second"
        case _:
            return str(value)
