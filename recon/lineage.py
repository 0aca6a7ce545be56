"""A day that is run again is a run of its own: it names the one it replaces."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import duckdb

from recon.memory import SCRIPTS
from recon.records import records

KINDS = ("appeared", "changed", "gone")


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a run stands among the runs of its day. `is_further` when it is a new one."""

    replaces: str | None
    changes: dict[str, Any]
    is_further: bool

    @property
    def document(self) -> dict[str, Any]:
        """What `changes.json` says."""
        return {"replaces": self.replaces, "discrepancies": self.changes}


UNRELATED = Lineage(None, {kind: [] for kind in KINDS}, is_further=True)


def trace(db: duckdb.DuckDBPyConnection, run_id: str) -> Lineage:
    """Compare with the day's last run; a repetition says what that one said."""
    db.execute((SCRIPTS / "changes.sql").read_text(encoding="utf-8"))
    earlier = records(
        db,
        "select run_id, replaces, changes from replaced_runs order by number desc limit 1",
    )
    if not earlier:
        return UNRELATED
    [last] = earlier
    if last["run_id"] == run_id:
        return Lineage(last["replaces"], json.loads(last["changes"]), is_further=False)
    changes = {
        kind: records(
            db,
            "select * exclude (change) from changes where change = ?"
            " order by code, subject, discrepancy_id",
            [kind],
        )
        for kind in KINDS
    }
    return Lineage(last["run_id"], changes, is_further=True)
