"""Two runs side by side: what they found, and what they were given."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from recon.faults import WrongUsageError
from recon.records import records
from recon.sources.shape import quoted

ITEMS = {
    "discrepancies": (
        "discrepancy_id",
        "code, subject, provider_ref, state, currency, difference_minor",
    ),
    "in_transit": (
        "concat_ws(' ', kind, rail, subject, provider_ref, occurred_at::varchar)",
        "kind, subject, provider_ref, currency, amount_minor",
    ),
    "matches": ("match_id", "rule, subject, provider_ref, currency, difference_minor"),
}


def compare(old: Path, new: Path) -> dict[str, Any]:
    """What is different, by part. Empty parts are left out, so two equal runs give none.

    Raises WrongUsageError where a folder is no run's.
    """
    was, now = _summary(old), _summary(new)
    parts: dict[str, Any] = {
        "heading": _changed(was, now, ("business_date", "verdict", "run_id", "as_of")),
        "rule_set": _changed(was["rule_set"], now["rule_set"], ("version",)),
        "inputs": _inputs(was, now),
        "proofs": _by(was["proofs"], now["proofs"], _proof),
    }
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        for name in ITEMS:
            parts[name] = _items(db, old, new, name)
    return {name: part for name, part in parts.items() if part}


def _summary(run: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads((run / "summary.json").read_bytes())
        assert document["run_id"]
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise WrongUsageError(
            f"{run} is no run: its summary.json cannot be read; give the --output of a run"
        ) from error
    return document


def _changed(was: Mapping[str, Any], now: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return {n: [was.get(n), now.get(n)] for n in names if was.get(n) != now.get(n)}


def _inputs(was: Mapping[str, Any], now: Mapping[str, Any]) -> Any:
    return _by(was["inputs"], now["inputs"], lambda entry: str(entry["source"]))


def _proof(proof: Mapping[str, Any]) -> str:
    return " ".join(str(proof.get(n) or "") for n in ("kind", "part", "rail", "currency"))


def _by(was: Any, now: Any, name: Callable[[Mapping[str, Any]], str]) -> Any:
    """Pair entries by their name, and answer those that differ."""
    before, after = ({name(entry): entry for entry in side} for side in (was, now))
    return {
        key: [before.get(key), after.get(key)]
        for key in sorted(before | after)
        if before.get(key) != after.get(key)
    }


def _items(db: duckdb.DuckDBPyConnection, old: Path, new: Path, name: str) -> Any:
    """Rows of a table that only one side has, or that both have and tell differently."""
    key, shown = ITEMS[name]
    was, now = (
        f"select {key} as item, * from {quoted(str(run / f'{name}.parquet'))}"
        for run in (old, new)
    )
    query = f"""
        with was as ({was}), now as ({now})
        select 'gone' as change, item, {shown} from was anti join now using (item)
        union all select 'appeared', item, {shown} from now anti join was using (item)
        union all
        select 'changed', item, {shown} from now
        where item in (select item from was) and item not in (
            select item from (from was intersect from now)
        )
        order by change desc, item
    """
    return records(db, query)
