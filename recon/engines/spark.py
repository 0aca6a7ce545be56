"""Spark executes the scripts, on one machine or many; relations come and go as Parquet.

What the run's database has read is handed over when a script first names it; when all
scripts have run the database takes back what they created.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from sqlglot import exp

from recon.engines.port import Wanted
from recon.engines.spark_dialect import (
    NUMBERED,
    ROWID,
    Macro,
    created_name,
    macro,
    named_tables,
    statements,
    translated,
)
from recon.faults import WrongUsageError
from recon.sources.shape import quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What the rules rest on; none of it may be otherwise.
MEANING = {
    "spark.sql.ansi.enabled": "true",  # what does not fit is an error, never null
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.caseSensitive": "false",
    "spark.sql.cteRecursionRowLimit": "-1",
    "spark.sql.cteRecursionLevelLimit": "-1",
}
# How it works where nobody has said otherwise, on this machine.
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.sql.shuffle.partitions": "2",
    "spark.log.level": "ERROR",
}


@contextmanager
def opened(db: duckdb.DuckDBPyConnection, wanted: Wanted) -> Iterator[SparkEngine]:
    """Lend an engine of this run alone; the session is ended if it was begun for it."""
    _demand(wanted)
    if wanted.work is not None:
        wanted.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="recon-spark-", dir=wanted.work) as folder:
        engine = SparkEngine(db, wanted.master, Path(folder).resolve())
        try:
            yield engine
        finally:
            engine.close()


def _demand(wanted: Wanted) -> None:
    """Say what is missing before a run begins."""
    for package in ("pyspark", "sqlglot"):
        if importlib.util.find_spec(package) is None:
            raise WrongUsageError(
                f"--engine spark needs {package}, which is not installed;"
                " install it with: pip install 'escrow-platform[spark]'"
            )
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else shutil.which("java")
    if java is None or not Path(java).is_file():
        raise WrongUsageError(
            f"--engine spark needs Java 17 or newer and there is none at {java or 'PATH'};"
            " install a JRE and set JAVA_HOME to its folder"
        )
    if not wanted.master.startswith("local") and wanted.work is None:
        raise WrongUsageError(
            f"--spark-master {wanted.master} works on other machines: give --spark-work,"
            " a folder that they and this one share"
        )


def session(master: str) -> SparkSession:
    """A session with the meaning that the rules rest on; one that is there is taken."""
    with warnings.catch_warnings():
        # Of pandas, from which nothing is taken here.
        warnings.simplefilter("ignore", FutureWarning)
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional dependency
    logging.getLogger("SQLQueryContextLogger").disabled = True
    builder = SparkSession.builder.appName("recon").master(master)
    for name, value in {**(LOCAL if master.startswith("local") else {}), **MEANING}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@dataclass
class SparkEngine:
    """A database of Spark's for one run, in a folder of its own."""

    db: duckdb.DuckDBPyConnection
    master: str
    folder: Path
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
        """The session, begun when the first script comes."""
        self.is_guest = _is_running()
        spark = session(self.master)
        spark.sql(f"create database {self._database} location '{self.folder}'")
        spark.sql(f"use {self._database}")
        return spark

    @cached_property
    def macros(self) -> Mapping[str, Macro]:
        """The run's macros; one without parameters is its value."""
        found = self.db.execute(
            "select function_name, parameters, macro_definition from duckdb_functions()"
            " where function_type = 'macro' and not internal"
        ).fetchall()
        return {
            name: macro(parameters, body if parameters else self._value(name))
            for name, parameters, body in found
        }

    def execute(self, name: str, script: str) -> None:
        """Execute a script, and hand over before what it names of the run's database."""
        texts = []
        for statement in statements(script):
            for table in sorted(named_tables(statement) - {*self.created, *self.given}):
                self._hand_over(table)
            text = translated(statement, self.macros, self._columns)
            self.spark.sql(text)
            texts.append(f"{text};\n")
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

    def close(self) -> None:
        """Take the database away, and end a session that was begun for it."""
        if "spark" not in self.__dict__:
            return
        self.spark.sql("use default")
        self.spark.sql(f"drop database {self._database} cascade")
        if not self.is_guest:
            self.spark.stop()

    @property
    def _database(self) -> str:
        return self.folder.name.replace("-", "_")

    def _columns(self, query: str) -> list[str]:
        return self.spark.sql(query).columns

    def _value(self, name: str) -> str:
        """What a macro without parameters stands for, as a literal."""
        [(value,)] = self.db.execute(f"select {name}()").fetchall()
        match value:
            case datetime():
                return f"timestamp '{value}'"
            case timedelta():
                return f"interval '{value // timedelta(seconds=1)}' second"
            case _:
                return str(value)

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


def _is_running() -> bool:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional dependency

    return SparkSession.getActiveSession() is not None
