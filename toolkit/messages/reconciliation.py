"""What a reconciliation tells the rest of the house."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from toolkit.core.message import Event, record


class Verdict(StrEnum):
    RECONCILED = "RECONCILED"
    EXCEPTIONS = "EXCEPTIONS"
    INCOMPLETE = "INCOMPLETE"


class Severity(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


@record
class DiscrepancyTotal:
    """How often one class occurred, and what its differences sum to, signed."""

    code: str
    count: int
    difference_minor: int
    currency: str


@record
class ReconciliationEvent(Event):
    topic = "reconciliation.events.v1"

    business_date: str  # ISO 8601

    @property
    def key(self) -> str:
        return self.business_date


@record
class ReconciliationCompleted(ReconciliationEvent):
    run_id: str
    verdict: Verdict
    totals: tuple[DiscrepancyTotal, ...]


@record
class DiscrepancyDetected(ReconciliationEvent):
    discrepancy_id: str
    code: str
    severity: Severity
    subject: str
    provider_ref: str | None = None
    expected_minor: int | None = None
    actual_minor: int | None = None
    currency: str | None = None
    first_seen: datetime


@record
class DiscrepancyResolved(ReconciliationEvent):
    discrepancy_id: str
    code: str
    severity: Severity
    subject: str
    provider_ref: str | None = None
    expected_minor: int | None = None
    actual_minor: int | None = None
    currency: str | None = None
    first_seen: datetime
    resolution: str
    actor_id: str
