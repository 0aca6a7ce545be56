"""What a run cost the database: bytes of its log, transactions, and what it keeps."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

ASKED = """
    select (pg_current_wal_insert_lsn() - '0/0')::bigint,
      (select sum(xact_commit)::bigint from pg_stat_database),
      pg_database_size(current_database())
"""
NAMES = ("wal_bytes", "commits", "kept_bytes")


@dataclass(frozen=True, slots=True)
class Spent:
    """The server's own counters at a moment."""

    counters: tuple[int, ...] | None

    @classmethod
    def until_now(cls, dsn: str | None) -> Spent:
        if dsn is None:
            return cls(None)
        with psycopg.connect(dsn, autocommit=True) as connection:
            row = connection.execute(ASKED).fetchone()
        assert row
        return cls(tuple(int(value) for value in row))

    def since(self, dsn: str | None) -> dict[str, int]:
        """Say what was spent since; nothing where the database cannot be asked."""
        now = Spent.until_now(dsn)
        if self.counters is None or now.counters is None:
            return {}
        gone = zip(NAMES, self.counters, now.counters, strict=True)
        return {name: after - before for name, before, after in gone}
