"""Is every cent where it should be, and everything that was promised there?

The platform's own invariants are asked of its databases, and beside them what only those
who drove it know: which contracts were accepted, who paid how much, and what people were
shown. An event that was lost on the way shows here, however fast all answers were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg

from toolkit.assembly import SCHEMAS
from toolkit.operations import invariants

SHOWN = "select contract_id, escrow_id, state from projections.escrows"
PAID = """
    select substring(account from 8),
      coalesce(-sum(minor) filter (where minor < 0), 0)::bigint
    from payments.journal where account like 'escrow:%' group by 1
"""
ENDED = ("RELEASED", "REFUNDED", "CANCELLED")
FINDINGS_MAX = 50


def findings(dsn: str, opened: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say everything that is not as it must be; no sentence is a sound platform."""
    broken = [str(found) for found in invariants.violations(dsn, list(SCHEMAS))]
    with psycopg.connect(dsn, autocommit=True) as connection:
        shown = {row[0]: (row[1], row[2]) for row in connection.execute(SHOWN)}
        paid = {row[0]: row[1] for row in connection.execute(PAID)}
    return [*broken, *kept(opened, shown, paid)][:FINDINGS_MAX]


def kept(
    opened: Iterable[Mapping[str, Any]],
    shown: Mapping[str, tuple[str, str]],
    paid: Mapping[str, int],
) -> Iterable[str]:
    """Compare what people know with what the databases say."""
    for person in opened:
        contract = person["contract_id"]
        if not person["accepted"]:
            continue
        if contract not in shown:
            yield f"lost: contract {contract} was accepted, and there is no escrow of it"
            continue
        escrow_id, state = shown[contract]
        if person["shown"] in ENDED and state != person["shown"]:
            yield (
                f"taken back: the escrow of {contract} was shown {person['shown']}, "
                f"and is {state}"
            )
        booked = paid.get(escrow_id, 0)
        # Who could not be told in the end may have paid all the same.
        due = person["amount_minor"] if person["paid"] else booked
        if booked != due:
            yield f"money: {due} minor units were paid for {contract}, {booked} are booked"
