"""What waits in the databases: for whoever is on call, and for whoever waits for quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

COUNTS = """
    select
      (select count(*) from {schema}.events),
      (select count(*) from {schema}.outbox),
      (select count(*) from {schema}.agenda where performs),
      (select count(*) from {schema}.agenda where not performs),
      (select count(*) from {schema}.dead_letters where resolved_at is null),
      (select count(*) from {schema}.parked)
"""
BALANCES = """
    select split_part(account, ':', 1) || case
        when account like 'escrow:%' then '' else ':' || split_part(account, ':', 2) end,
      currency, sum(minor)::bigint
    from payments.journal group by 1, 2 order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One service: what it has said, and what it has still to say, do or look into."""

    events: int
    outbox: int
    calls: int
    timers: int
    dead_letters: int
    parked: int

    @property
    def is_quiet(self) -> bool:
        """Nothing to be said, asked or looked into; timers may wait."""
        return not (self.outbox or self.calls or self.dead_letters or self.parked)


def waiting(dsn: str, schemas: Sequence[str]) -> dict[str, Waiting]:
    """Count what waits, service by service."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = {}
        for schema in schemas:
            row = connection.execute(
                SQL(COUNTS).format(schema=Identifier(schema))
            ).fetchone()
            assert row
            found[schema] = Waiting(*row)
        return found


def balances(dsn: str) -> list[dict[str, Any]]:
    """Sum the journal: each provider and own account, and all escrows together.

    A debit is above zero, in minor units; the sums of a currency are zero together.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        rows = connection.execute(BALANCES).fetchall()
    return [dict(zip(("account", "currency", "minor"), row, strict=True)) for row in rows]


def shown(found: dict[str, Waiting]) -> dict[str, dict[str, int]]:
    """The same as plain numbers, for JSON."""
    return {name: asdict(service) for name, service in found.items()}
