"""Suggest what might belong together; a person decides, and no verdict rests on it."""

from __future__ import annotations

import hashlib
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from recon.records import records
from recon.suggesting.sums import Sums, sums_to

LEFT = Path(__file__).parent / "left.sql"
ALIKE = Path(__file__).parent / "alike.sql"
WHOLES = """
    select side, record_id, subject, reference, rail, currency, amount_minor,
        part_reference, part_minor
    from left_over join parts using (side, record_id)
    order by side, record_id, place
"""


def suggest(db: duckdb.DuckDBPyConnection) -> None:
    """Create `suggestions` from `left_over`; what is looked at is bounded."""
    db.execute(ALIKE.read_text(encoding="utf-8"))
    parts = records(db, WHOLES)
    for _, group in groupby(parts, key=lambda part: (part["side"], part["record_id"])):
        wholes = list(group)
        sums = sums_to(
            abs(wholes[0]["amount_minor"]), [part["part_minor"] for part in wholes]
        )
        if sums.ways:
            _insert(db, wholes, sums)


def _insert(db: duckdb.DuckDBPyConnection, parts: list[dict[str, Any]], sums: Sums) -> None:
    """Write down the first way; that there may be others is said beside it."""
    whole, [way, *others] = parts[0], sums.ways
    names = sorted(parts[place]["part_reference"] for place in way)
    is_only = not others and sums.is_complete
    digest = hashlib.sha256("|".join(["SUM", whole["record_id"], *names]).encode())
    doubt = "" if is_only else " Other sums may fit as well."
    db.execute(
        "insert into suggestions values (?, 'SUM', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            f"sug_{digest.hexdigest()[:24]}",
            whole["side"],
            whole["subject"],
            whole["reference"],
            names,
            whole["rail"],
            whole["currency"],
            whole["amount_minor"],
            is_only,
            f"{', '.join(names)} add up to {whole['reference']}.{doubt}",
        ],
    )
