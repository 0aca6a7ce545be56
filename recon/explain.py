"""The whole story of one escrow: its events, rows, pairs, findings and failed gates."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from recon.faults import WrongUsageError
from recon.records import records
from recon.run import judged

STORY = Path(__file__).parent / "explaining" / "story.sql"
# An id may be a discrepancy's, an escrow's, an event's, a provider's or one of ours.
SUBJECT = """
    select distinct subject from (
        select subject, provider_ref from reported
        where starts_with(discrepancy_id, $id) or event_id = $id
        union all
        select escrow, null from day_events
        where $id in (escrow, event_id, provider_ref, dispute_ref, payment_id, transfer_id,
            refund_id)
        union all
        select subject, provider_ref
        from movement_fates join every_subject using (movement_id)
        where $id in (provider_ref, movement_key, our_ref, subject)
    )
    where subject is not null
    order by all
"""

# What might belong to it, whichever side it stands on.
SUGGESTED = """
    with told as (
        select provider_ref from told_bookings
        union all
        select coalesce(provider_ref, movement_key) from told_movements
    )
    select kind, explanation from suggestions
    where subject = $1
        or list_has_any(
            list_append(candidates, reference), (select list(provider_ref) from told)
        )
    order by kind, suggestion_id
"""


@dataclass(frozen=True, slots=True)
class Story:
    """What one subject has been through; amounts in minor units, signed as at the provider.

    `lines` are in the order of time. `gates` tell, of each unmatched record and its nearest
    on the other side, every condition that keeps the two apart. `suggestions` close none.
    """

    subject: str
    lines: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    gates: list[dict[str, Any]]
    suggestions: list[dict[str, Any]]

    @property
    def document(self) -> dict[str, Any]:
        """The story for machines."""
        return asdict(self)


def explain(day: date, inputs: Path, state: Path | None, id: str) -> Story:
    """Judge a day again and tell all that belongs to an id.

    Raises WrongUsageError where the day has no such id, or several subjects fit it.
    """
    with judged(day, inputs, state) as db:
        return _story(db, _subject(db, id))


def _subject(db: duckdb.DuckDBPyConnection, id: str) -> str:
    found = [row["subject"] for row in records(db, SUBJECT.replace("$id", "$1"), [id])]
    if not found:
        raise WrongUsageError(
            f"nothing of this day is called {id!r}; give the id of a discrepancy, escrow,"
            " event or row of a provider"
        )
    if len(found) > 1:
        raise WrongUsageError(
            f"{id!r} belongs to several: {', '.join(found[:5])}; give one"
        )
    [subject] = found
    return str(subject)


def _story(db: duckdb.DuckDBPyConnection, subject: str) -> Story:
    for statement in db.extract_statements(STORY.read_text(encoding="utf-8")):
        is_asked = "subject" in statement.named_parameters
        db.execute(statement, {"subject": subject} if is_asked else {})
    lines = records(
        db,
        "select * replace (moment::varchar as moment),"
        " in_words(amount_minor, currency) as amount from story",
    )
    pairs, gates = (records(db, f"from {name}") for name in ("pairs_told", "gates"))
    suggestions = records(db, SUGGESTED, [subject])
    return Story(subject, lines, pairs, gates, suggestions)
