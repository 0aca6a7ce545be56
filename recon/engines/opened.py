"""Lend a run the engine that it wants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from recon.engines.duckdb import DuckDBEngine
from recon.engines.port import Engine, Wanted


@contextmanager
def opened(db: duckdb.DuckDBPyConnection, wanted: Wanted) -> Iterator[Engine]:
    """Lend an engine that works for the database of a run."""
    if wanted.name == "duckdb":
        yield DuckDBEngine(db)
        return
    from recon.engines import spark  # noqa: PLC0415 - an optional dependency

    with spark.opened(db, wanted) as engine:
        yield engine
