"""What waits in the databases: for whoever is on call, and for whoever waits for quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg import IsolationLevel
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


@dataclass(frozen=True, slots=True)
class Status:
    """Everything at one moment, so that its numbers agree.

    `balances` sums the journal: each provider and own account, and all escrows together. A
    debit is above zero, in minor units; the sums of a currency are zero together.
    """

    services: dict[str, Waiting]
    balances: list[dict[str, Any]]

    @property
    def said(self) -> int:
        """How many events there are."""
        return sum(service.events for service in self.services.values())

    @property
    def is_quiet(self) -> bool:
        return all(service.is_quiet for service in self.services.values())

    def shown(self) -> dict[str, dict[str, int]]:
        """What waits as plain numbers, for JSON."""
        return {name: asdict(service) for name, service in self.services.items()}


def status(dsn: str, schemas: Sequence[str]) -> Status:
    """Read in one transaction what waits, service by service, and what the journal says."""
    with psycopg.connect(dsn) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        services = {schema: _waiting(connection, schema) for schema in schemas}
        rows = connection.execute(BALANCES).fetchall()
    names = ("account", "currency", "minor")
    return Status(services, [dict(zip(names, row, strict=True)) for row in rows])


def _waiting(connection: psycopg.Connection[Any], schema: str) -> Waiting:
    row = connection.execute(SQL(COUNTS).format(schema=Identifier(schema))).fetchone()
    assert row
    return Waiting(*row)
