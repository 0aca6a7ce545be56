"""DuckDB executes the scripts in the database where the sources were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True, slots=True)
class DuckDBEngine:
    """The run's own database."""

    db: duckdb.DuckDBPyConnection

    @property
    def versions(self) -> Mapping[str, str]:
        """What decides a result beside the scripts."""
        return {"duckdb": duckdb.__version__}

    def execute(self, name: str, script: str) -> None:  # noqa: ARG002 - others keep it
        """Execute a script."""
        self.db.execute(script)

    def give(self) -> None:
        """Everything is there already."""

    def ran(self) -> Mapping[str, str]:
        """The scripts ran as they are."""
        return {}
