"""What every alert is made of: the day's verdict and its discrepancies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, overload

import duckdb

from recon.pages.amounts import in_major_units
from recon.weight import weight

QUERY = Path(__file__).parent / "findings.sql"
AMOUNTS = ("expected_minor", "actual_minor", "difference_minor")
MOMENTS = ("occurred_at", "first_seen_at")


@dataclass(frozen=True, slots=True)
class Finding:
    """One discrepancy."""

    discrepancy_id: str
    code: str
    severity: str
    owner: str
    rule: str
    rail: str | None
    subject: str | None
    provider_ref: str | None
    event_id: str | None
    expected_minor: int | None
    actual_minor: int | None
    difference_minor: int | None
    currency: str | None
    occurred_at: datetime | None
    first_seen_at: datetime
    age_hours: int
    state: str
    explanation: str
    nearest_candidate: str | None
    severity_before: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to settle it."""
        return self.state != "RESOLVED"

    @property
    def weight(self) -> tuple[int, Decimal, int, str]:
        """Sorts the worst first: by severity, then amount, then age."""
        worst = weight(self.severity, self.difference_minor, self.currency)
        return *worst, -self.age_hours, self.discrepancy_id


@dataclass(frozen=True, slots=True)
class Findings:
    """A day as the alerts tell it."""

    business_date: date
    as_of: datetime
    verdict: str
    run_id: str
    all: tuple[Finding, ...]
    gone: tuple[Finding, ...] = ()
    """What an earlier run of this very day told and this one no longer finds."""
    not_possible: tuple[str, ...] = ()
    """Proofs that could not be made, in a sentence each, whatever the verdict."""

    @property
    def open(self) -> tuple[Finding, ...]:
        """Those that somebody still has to settle."""
        return tuple(finding for finding in self.all if finding.is_open)


def read(
    db: duckdb.DuckDBPyConnection,
    *,
    business_date: date,
    verdict: str,
    run_id: str,
    changes: Mapping[str, Any],
    not_possible: tuple[str, ...],
) -> Findings:
    """The discrepancies of a run that has just published them."""
    [(as_of,)] = db.execute("select as_of()").fetchall()
    cursor = db.execute(QUERY.read_text(encoding="utf-8"))
    names = [column[0] for column in cursor.description or ()]
    found = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return Findings(
        business_date=business_date,
        as_of=as_of.replace(tzinfo=UTC),
        verdict=verdict,
        run_id=run_id,
        all=tuple(_finding(row) for row in found),
        gone=tuple(
            _gone(change)
            for change in changes["gone"]
            if change["was_state"] in {"OPEN", "REOPENED"}
        ),
        not_possible=not_possible,
    )


def _finding(row: dict[str, Any]) -> Finding:
    """Whole minor units become integers, and moments know that they are UTC."""
    for name in AMOUNTS:
        row[name] = None if row[name] is None else int(row[name])
    for name in MOMENTS:
        row[name] = None if row[name] is None else row[name].replace(tzinfo=UTC)
    return Finding(**row)


def _gone(change: Mapping[str, Any]) -> Finding:
    """As settled: whoever was alerted by the earlier run must hear of it."""
    minor, first_seen = change["was_minor"], datetime.fromisoformat(change["first_seen"])
    return Finding(
        discrepancy_id=change["discrepancy_id"],
        code=change["code"],
        severity=change["severity"],
        rail=change["rail"],
        subject=change["subject"],
        provider_ref=change["provider_ref"],
        currency=change["currency"],
        event_id=None,
        expected_minor=None,
        actual_minor=None,
        occurred_at=None,
        difference_minor=None if minor is None else int(minor),
        owner="",
        rule="",
        first_seen_at=first_seen.replace(tzinfo=UTC),
        age_hours=0,
        state="RESOLVED",
        explanation="An earlier run of this day found it; this run, which replaces it,"
        " does not.",
        nearest_candidate=None,
    )


def major(minor: int | None, currency: str | None) -> str | None:
    """Minor units as an exact decimal in major units: 12300 of USD as 123.00."""
    amount = in_major_units(minor, currency)
    return None if amount is None else f"{amount:f}"


@overload
def rfc3339(moment: datetime) -> str: ...
@overload
def rfc3339(moment: None) -> None: ...
def rfc3339(moment: datetime | None) -> str | None:
    """A moment as machines exchange it: 2026-11-20T12:00:00Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shortened(text: str, limit: int) -> str:
    """A text that keeps to a receiver's limit, and shows where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
