"""The day in one document: verdict, counts, amounts, match rates, proofs and inputs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from recon import quarantine, tie
from recon.manifest import SOURCES, Manifest
from recon.records import records, whole
from recon.results import not_possible
from recon.rulebook import code_version, rules

OPEN = "state in ('OPEN', 'REOPENED')"
NO_OFFSETS = (
    "No gap in the offsets was looked for: the manifest's offset_ranges are empty;"
    " state those of the day, or leave the key out to judge the whole extract."
)
# Every proof has the same figures; those that an equation does not know are null.
FIGURES = """
    opening_minor, activity_minor, payouts_minor, closing_minor,
    owed_minor, own_funds_minor, in_transit_minor, difference_minor, unexplained_minor
"""
# What may explain a difference: discrepancies of today, and those that today resolves.
CAUSES = """
    create or replace view causes as
    select discrepancy_id, code, subject, provider_ref from found
    union
    select discrepancy_id, code, subject, provider_ref from carried_discrepancies
    anti join found using (discrepancy_id)
"""
# Whose rows an equation adds up; a statement's own figures stand beside them.
ADDED_UP = {
    ("itemised", "activity"): ("stripe_activity",),
    ("itemised", "payouts"): ("stripe_payouts",),
    ("roll_forward", "STRIPE"): ("stripe_summary",),
    ("roll_forward", "CUSTODIAN"): ("custodian_transactions",),
    ("safeguarding", "STRIPE"): ("escrow_events", "stripe_activity", "stripe_summary"),
    ("safeguarding", "CUSTODIAN"): ("escrow_events", "custodian_transactions"),
}
# Amount columns that a reader can add up by himself to tell one file from another.
CONTROL_TOTALS = {
    "escrow_events": "select currency, sum(amount_minor) from escrow_events"
    " where amount_minor is not null group by 1 order by 1",
    "stripe_activity": "select currency, sum(net_minor)"
    " from stripe_activity group by 1 order by 1",
    "stripe_summary": "select currency, sum(net_minor)"
    " from stripe_summary group by 1 order by 1",
    "stripe_payouts": "select currency, sum(net_minor)"
    " from stripe_payouts group by 1 order by 1",
    "custodian_transactions": "select asset, sum(case direction when 'IN' then amount_minor"
    " else -amount_minor end) from custodian_transactions group by 1 order by 1",
    "bank_statement": "select currency, sum(amount_minor) from bank_lines"
    " where kind = 'entry' group by 1 order by 1",
}


def rule_set() -> dict[str, Any]:
    """Which rules judged, and the hash of all code that did."""
    book = rules()
    return {
        "version": code_version()[:16],
        "rules": len(book),
        "codes": [r.code for r in book],
    }


def incomplete(
    db: duckdb.DuckDBPyConnection, day: date, manifest: Manifest | None, run_id: str
) -> dict[str, Any]:
    """The summary of a day whose inputs cannot be used."""
    return {
        **_heading(day, manifest, run_id, "INCOMPLETE", 2),
        "discrepancies": discrepancy_counts(db),
        "proofs": [],
        "inputs": _announced(db, manifest),
        "quarantine": quarantine.reasons(db),
        "rule_set": rule_set(),
        "timings": "timings.json",
    }


def complete(
    db: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    run_id: str,
    verdict: str,
    replaces: str | None,
) -> dict[str, Any]:
    """The summary of a day that was judged."""
    status = 1 if verdict == "EXCEPTIONS" else 0
    proved = proofs(db)
    return {
        **_heading(manifest.business_date, manifest, run_id, verdict, status),
        "not_possible": not_possible(proved),
        "not_judged": _not_judged(db, manifest),
        "replaces": replaces,
        "discrepancies": discrepancy_counts(db),
        "states": dict(
            db.execute(
                "select state, count(*) from reported group by 1 order by 1"
            ).fetchall()
        ),
        "in_transit": _in_transit(db),
        "match_rates": _match_rates(db),
        "proofs": proved,
        "three_way": tie.three_way(db),
        "conversions": tie.conversions(db),
        "inputs": [
            {**entry, "control_totals": _control_totals(db, entry["source"])}
            for entry in _announced(db, manifest)
        ],
        "quarantine": quarantine.reasons(db),
        "rule_set": rule_set(),
        "timings": "timings.json",
    }


def _not_judged(db: duckdb.DuckDBPyConnection, manifest: Manifest) -> list[str]:
    """What no rule could look at, whatever the verdict."""
    of_day = "select count(*) from escrow_events where occurred_at >= day_start()"
    [(events,)] = db.execute(of_day).fetchall()
    if events and manifest.offset_ranges == ():
        return [NO_OFFSETS]
    return []


def _heading(
    day: date, manifest: Manifest | None, run_id: str, verdict: str, status: int
) -> dict[str, Any]:
    return {
        "business_date": day.isoformat(),
        "as_of": manifest.as_of.isoformat().replace("+00:00", "Z") if manifest else None,
        "verdict": verdict,
        "exit_status": status,
        "run_id": run_id,
    }


def _announced(
    db: duckdb.DuckDBPyConnection, manifest: Manifest | None
) -> list[dict[str, Any]]:
    """What the manifest says of each file, and how many of its rows are in quarantine.

    None of a file that has no cells to look at: nobody knows.
    """
    files = manifest.files if manifest else {}
    counts = quarantine.counts(db)
    return [
        {
            "source": source,
            "path": files[source].name,
            "account": files[source].account,
            "sha256": files[source].sha256,
            "rows": files[source].rows,
            "quarantined_rows": counts[source][1] if source in counts else None,
        }
        for source in SOURCES
        if source in files
    ]


def discrepancy_counts(db: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Counts and amounts of what is open, by code and within it by rail and currency."""
    groups = records(
        db,
        f"""
        select code, rail, currency,
            count(*) as count, count(*) filter (where is_new) as new,
            sum(expected_minor) as expected_minor, sum(actual_minor) as actual_minor,
            sum(difference_minor) as difference_minor,
            sum(abs(difference_minor)) as absolute_minor
        from reported where {OPEN}
        group by all order by code, rail nulls last, currency nulls last
        """,
    )
    counts: dict[str, Any] = {}
    for group in groups:
        entry = counts.setdefault(
            group.pop("code"), {"count": 0, "new": 0, "carried": 0, "rails": []}
        )
        new = group.pop("new")
        entry["count"] += group["count"]
        entry["new"] += new
        entry["carried"] += group["count"] - new
        entry["rails"].append(group)
    return counts


def _in_transit(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return records(
        db,
        "select kind, rail, currency, count(*) as count, sum(amount_minor) as amount_minor"
        " from in_transit group by all order by all",
    )


def _match_rates(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Bookings of the day that have their row, of those that should have one by now."""
    rates = records(
        db,
        """
        select rail, currency,
            count(*) filter (where movement_id is not null) as matched,
            count(*) as expected,
            coalesce(sum(abs(amount_minor)) filter (where movement_id is not null), 0)
                as matched_minor,
            coalesce(sum(abs(amount_minor)), 0) as expected_minor
        from booking_fates
        where (is_of_day or is_carried) and fate not in ('early', 'in_transit', 'duplicate')
        group by all order by all
        """,
    )
    return [
        {
            **rate,
            "rate_by_count": _rate(rate["matched"], rate["expected"]),
            "rate_by_value": _rate(rate["matched_minor"], rate["expected_minor"]),
        }
        for rate in rates
    ]


def _rate(part: int, whole: int) -> str | None:
    """A share to four places, as text: an exact decimal has no place in a JSON number."""
    if not whole:
        return None
    return str((Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001")))


def _control_totals(db: duckdb.DuckDBPyConnection, source: str) -> dict[str, int | None]:
    return {
        unit: whole(total) for unit, total in db.execute(CONTROL_TOTALS[source]).fetchall()
    }


def proofs(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One entry per equation, with the discrepancies that explain its difference."""
    db.execute(CAUSES)
    equations = [*_tie_outs(db), *_safeguarding(db)]
    counts = quarantine.counts(db)
    for equation in equations:
        kind = equation["kind"]
        which = equation["part"] if kind == "itemised" else equation["rail"]
        sources = ADDED_UP.get((kind, which), ("bank_statement",))
        aside = [counts[source][1] for source in sources if source in counts]
        equation["quarantined_rows"] = sum(aside)
    return equations


def _tie_outs(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    equations = records(
        db,
        f"select kind, rail, account, currency, part, {FIGURES} from tie_outs"
        " order by kind desc, rail desc nulls last, currency, part",
    )
    for equation in equations:
        keys = ("kind", "part", "rail", "currency")
        _explain(db, equation, "explanations", keys)
    return equations


def _safeguarding(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    comparisons = records(
        db,
        f"select 'safeguarding' as kind, rail, account, currency, {FIGURES}"
        " from safeguarding order by rail desc, currency",
    )
    for comparison in comparisons:
        _explain(db, comparison, "effects", ("rail", "currency"))
    return comparisons


def _explain(
    db: duckdb.DuckDBPyConnection, proof: dict[str, Any], table: str, keys: tuple[str, ...]
) -> None:
    """Add which discrepancies account for a difference, and what remains of it."""
    same = " and ".join(f"cause.{key} is not distinct from ?" for key in keys)
    proof["explained_by"] = records(
        db,
        "select code, subject, provider_ref, cause.effect_minor, discrepancy_id"
        f" from {table} as cause join causes using (discrepancy_id) where {same}"
        " order by code, subject, provider_ref, discrepancy_id",
        [proof[key] for key in keys],
    )
    proof["unexplained_minor"] = proof.pop("unexplained_minor")
    proof["is_possible"] = proof["difference_minor"] is not None
