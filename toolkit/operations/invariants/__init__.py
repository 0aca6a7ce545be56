"""What must always be true of the platform's databases: one query each, and no rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from toolkit.assembly import SCHEMAS
from toolkit.core.message import record
from toolkit.infra.settings import Settings
from toolkit.operations.ends import DONE, WAITING

QUERIES = Path(__file__).parent
EACH = "each"  # the folder of those that are asked of every service's own schema
ROWS_MAX = 20  # of one query: enough to see what is wrong


@record
class Violation:
    """One row that should not be there."""

    invariant: str
    service: str | None
    row: dict[str, Any]

    def __str__(self) -> str:
        where = f" ({self.service})" if self.service else ""
        return f"{self.invariant}{where}: {json.dumps(self.row, default=str)}"


def violations(
    dsn: str, services: Sequence[str], folders: Iterable[Path] = (QUERIES,)
) -> list[Violation]:
    """Ask every query of these folders, and answer what they find."""
    found = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        for folder in folders:
            for query in sorted(folder.glob("*.sql")):
                found += _asked(connection, query, None)
            for query in sorted((folder / EACH).glob("*.sql")):
                for service in services:
                    found += _asked(connection, query, service)
    return found


def run(settings: Settings) -> int:
    """Print each violation on a line; the exit status says whether there was one."""
    found = violations(settings.postgres_dsn.get_secret_value(), list(SCHEMAS))
    for violation in found:
        print(violation)
    return WAITING if found else DONE


def _asked(
    connection: psycopg.Connection[Any], query: Path, service: str | None
) -> list[Violation]:
    schema = SQL("set search_path to {}").format(Identifier(service or "pg_catalog"))
    connection.execute(schema)
    answer = connection.execute(query.read_bytes())
    names = [column.name for column in answer.description or ()]
    return [
        Violation(
            invariant=query.stem, service=service, row=dict(zip(names, row, strict=True))
        )
        for row in answer.fetchmany(ROWS_MAX)
    ]
