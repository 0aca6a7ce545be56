"""The day's discrepancies for machines: a file per receiver, each with its JSON Schema."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from recon.alerts import (
    alertmanager,
    events,
    pagerduty,
    prometheus,
    slack,
    spreadsheet,
    webhook,
    workbook,
)
from recon.alerts.findings import read
from recon.writers import write_json

SCHEMAS = Path(__file__).parent / "schemas"
NAMES = (
    *("alertmanager.json", "pagerduty.json", "slack.json"),
    *("discrepancies.csv", "discrepancies.xlsx", "reconciliation.prom"),
    *("events.jsonl", "webhook.jsonl"),
)


def write(
    db: duckdb.DuckDBPyConnection,
    output: Path,
    *,
    day: date,
    verdict: str,
    run_id: str,
    changes: Mapping[str, Any],
    not_possible: tuple[str, ...] = (),
) -> None:
    """Write `alerts/` for a run that has just published its discrepancies."""
    findings = read(
        db,
        business_date=day,
        verdict=verdict,
        run_id=run_id,
        changes=changes,
        not_possible=not_possible,
    )
    folder = output / "alerts"
    folder.mkdir(exist_ok=True)
    write_json(folder / "alertmanager.json", alertmanager.alerts(findings))
    write_json(folder / "pagerduty.json", pagerduty.events(findings))
    write_json(folder / "slack.json", slack.message(findings))
    table = spreadsheet.table(findings)
    (folder / "discrepancies.csv").write_text(table, encoding="utf-8", newline="")
    (folder / "events.jsonl").write_text(events.lines(findings), encoding="utf-8")
    (folder / "webhook.jsonl").write_text(webhook.lines(findings), encoding="utf-8")
    workbook.write(findings, folder / "discrepancies.xlsx")
    (folder / "reconciliation.prom").write_text(prometheus.text(findings), encoding="utf-8")
    for schema in schemas():
        shutil.copyfile(schema, folder / schema.name)


def schemas() -> list[Path]:
    """What promises the shape of each file."""
    return sorted(SCHEMAS.glob("*.schema.json"))


def files() -> list[str]:
    """Every file of `alerts/`, relative to the run's folder."""
    return sorted(f"alerts/{name}" for name in (*NAMES, *(s.name for s in schemas())))
