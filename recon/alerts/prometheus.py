"""The day for Prometheus: a file that node_exporter's textfile collector serves.

Its figures say of which day they are, so an alert can tell a day that is missing from one
that is fine. They are the same whenever the run is made again.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from recon.alerts.findings import Findings
from recon.weight import SEVERITIES

VERDICTS = ("RECONCILED", "EXCEPTIONS", "INCOMPLETE")
DISCREPANCIES = "escrow_reconciliation_discrepancies"
VERDICT = "escrow_reconciliation_verdict"
NOT_PROVED = "escrow_reconciliation_proofs_not_possible"
DAY = "escrow_reconciliation_business_date_timestamp_seconds"


def text(findings: Findings) -> str:
    """Write the figures in Prometheus' text format."""
    open_by = dict.fromkeys(SEVERITIES, 0)
    for finding in findings.open:
        open_by[finding.severity] += 1
    day = datetime.combine(findings.business_date, time(), UTC)
    return "".join(
        [
            _family(DISCREPANCIES, "Open discrepancies by severity"),
            *(f'{DISCREPANCIES}{{severity="{s}"}} {n}\n' for s, n in open_by.items()),
            _family(VERDICT, "1 for the verdict of the last run, 0 for the others"),
            *(
                f'{VERDICT}{{verdict="{v}"}} {int(v == findings.verdict)}\n'
                for v in VERDICTS
            ),
            _family(NOT_PROVED, "Proofs for which the inputs state no position"),
            f"{NOT_PROVED} {len(findings.not_possible)}\n",
            _family(DAY, "Midnight UTC of the business day that was reconciled last"),
            f"{DAY} {int(day.timestamp())}\n",
        ]
    )


def _family(name: str, says: str) -> str:
    return f"# HELP {name} {says}\n# TYPE {name} gauge\n"
