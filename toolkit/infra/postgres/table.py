"""One table of states: a row an aggregate, its version, and typed columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from toolkit.core.errors import Conflict
from toolkit.core.message import Envelope
from toolkit.core.ports import Versioned
from toolkit.infra.postgres.columns import Column, bigints, booleans, moments, texts
from toolkit.infra.postgres.store import Connection

KINDS: dict[str, Callable[[Iterable[Any]], Column]] = {
    "text": texts,
    "bigint": bigints,
    "boolean": booleans,
    "timestamptz": moments,
    "jsonb": texts,
}

LOAD = "select {names} from {table} where {key} = any(%s) order by {key} for update"

# A row that is not there and a row that has moved on look alike: neither is written.
CREATE = """
    with created as (
      insert into {table} ({names}) select {values}
      from unnest({parameters}) as given ({names})
      on conflict do nothing returning 1
    )
    select count(*) from created
"""
CHANGE = """
    with changed as (
      update {table} set {updates}
      from unnest({parameters}, %(found)s::bigint[]) as given ({names}, found)
      where {table}.{key} = given.{key} and {table}.version = given.found
      returning 1
    )
    select count(*) from changed
"""

Row = Mapping[str, Any]


class StateTable:
    """Statements for a table whose first column is its key and whose second the version."""

    def __init__(self, name: str, columns: Mapping[str, str]) -> None:
        self.columns = dict(columns)
        key, _, *rest = self.columns
        shown = [f"{c}::text" if k == "jsonb" else c for c, k in self.columns.items()]
        sent = {c: "text" if k == "jsonb" else k for c, k in self.columns.items()}
        given = [f"{c}::jsonb" if k == "jsonb" else c for c, k in self.columns.items()]
        self.key = key
        self.load_sql = LOAD.format(table=name, key=key, names=", ".join(shown))
        parts = {
            "table": name,
            "key": key,
            "names": ", ".join(self.columns),
            "values": ", ".join(given),
            "parameters": ", ".join(f"%({c})s::{k}[]" for c, k in sent.items()),
            "updates": ", ".join(
                f"{c} = given.{c}{'::jsonb' if self.columns[c] == 'jsonb' else ''}"
                for c in ("version", *rest)
            ),
        }
        self.create_sql, self.change_sql = CREATE.format(**parts), CHANGE.format(**parts)

    async def load(self, connection: Connection, keys: Sequence[str]) -> list[Row]:
        """Lock and read the rows of these keys, in order of key."""
        async with connection.pipeline():  # its end is a sync: see PostgresTransaction
            answer = await connection.execute(self.load_sql, [texts(keys)], binary=True)
        return [
            dict(zip(self.columns, row, strict=True)) for row in await answer.fetchall()
        ]

    async def save(
        self, connection: Connection, rows: Sequence[Row], found: Mapping[str, int]
    ) -> None:
        """Write rows whose version is still the one found, or raise Conflict."""
        new = [row for row in rows if not found[row[self.key]]]
        old = [row for row in rows if found[row[self.key]]]
        asked = [(self.create_sql, self._columns(new))] if new else []
        if old:
            versions = {"found": bigints(found[row[self.key]] for row in old)}
            asked.append((self.change_sql, {**self._columns(old), **versions}))
        async with connection.pipeline():
            answers = [await connection.execute(*each, binary=True) for each in asked]
        written = [row for answer in answers for row in await answer.fetchall()]
        if sum(count for (count,) in written) < len(rows):
            raise Conflict(f"an aggregate of {len(rows)} has moved on")

    def _columns(self, rows: Sequence[Row]) -> dict[str, Column]:
        return {
            name: KINDS[kind]([row[name] for row in rows])
            for name, kind in self.columns.items()
        }


class Stateless:
    """For a service that remembers nothing but what it has heard."""

    async def load(
        self,
        connection: Connection,  # noqa: ARG002 - a store's shape
        keys: Sequence[str],  # noqa: ARG002
    ) -> Mapping[str, Versioned]:
        return {}

    async def save(
        self,
        connection: Connection,  # noqa: ARG002
        states: Mapping[str, Versioned],
        found: Mapping[str, int],  # noqa: ARG002
        events: Sequence[Envelope],  # noqa: ARG002
    ) -> None:
        assert not states, f"a stateless service has states: {states!r}"
