"""Reconcile a built day and read back what the run left behind."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from recon.run import reconcile
from tests.recon.day import Day
from tests.recon.folder import write


@dataclass
class Result:
    """What a run left behind."""

    folder: Path
    exit_status: int

    @property
    def summary(self) -> dict:
        return json.loads((self.folder / "summary.json").read_text())

    def table(self, name: str) -> list[dict]:
        db = duckdb.connect()
        db.execute("set TimeZone = 'UTC'")
        columns = db.execute(f"describe from '{self.folder / name}.parquet'").fetchall()
        shown = ", ".join(
            f'"{name}"::varchar as "{name}"' if "TIME" in kind else f'"{name}"'
            for name, kind, *_ in columns
        )
        cursor = db.execute(f"select {shown} from '{self.folder / name}.parquet'")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @property
    def found(self) -> list[dict]:
        return [row for row in self.table("discrepancies") if row["state"] != "RESOLVED"]

    @property
    def codes(self) -> list[str]:
        return sorted(row["code"] for row in self.found)

    def proof(self, kind: str, rail: str | None = "STRIPE", currency: str = "USD") -> dict:
        [proof] = [
            proof
            for proof in self.summary["proofs"]
            if (proof["kind"], proof["rail"], proof["currency"]) == (kind, rail, currency)
            and proof.get("part") != "payouts"
        ]
        return proof


def run(day: Day, folder: Path, state: Path | None = None, name: str = "out") -> Result:
    """Write a day's inputs and reconcile it."""
    inputs = write(day, folder / f"{name}-in-{day.date}")
    return run_folder(day, inputs, folder / f"{name}-{day.date}", state)


def run_folder(day: Day, inputs: Path, output: Path, state: Path | None = None) -> Result:
    """Reconcile inputs that are already written."""
    outcome = reconcile(date.fromisoformat(day.date), inputs, output, state)
    return Result(output, outcome.exit_status)


def only(result, code, **expected):
    """The one discrepancy of the day; everything else must be explained by it."""
    assert result.codes == [code]
    [row] = result.found
    for name, value in expected.items():
        assert row[name] == value, (name, row[name], value)
    return row
