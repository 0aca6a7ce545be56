"""A tiny run's outputs, written by hand to the contract: no reconciliation takes place."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

MINOR = pa.decimal128(38, 0)
MOMENT = pa.timestamp("us", tz="UTC")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SCHEMAS = {
    "discrepancies": {
        **dict.fromkeys(
            ("discrepancy_id", "code", "severity", "rail", "subject"), pa.string()
        ),
        **dict.fromkeys(("provider_ref", "event_id"), pa.string()),
        **dict.fromkeys(("expected_minor", "actual_minor", "difference_minor"), MINOR),
        "currency": pa.string(),
        **dict.fromkeys(("occurred_at", "first_seen"), MOMENT),
        "age_hours": pa.int64(),
        **dict.fromkeys(("state", "explanation", "nearest_candidate", "rule"), pa.string()),
    },
    "matches": {
        **dict.fromkeys(("match_id", "rule", "rail", "kind", "subject"), pa.string()),
        "booked_minor": MINOR,
        "row_minor": MINOR,
        "currency": pa.string(),
    },
    "in_transit": {
        **dict.fromkeys(("kind", "subject", "provider_ref", "rail"), pa.string()),
        "amount_minor": MINOR,
        "currency": pa.string(),
        "occurred_at": MOMENT,
    },
}
SOURCES = (
    *("escrow_events", "stripe_activity", "stripe_summary", "stripe_payouts"),
    *("custodian_transactions", "bank_statement"),
)


def discrepancy(code="AMOUNT_MISMATCH", expected=100_00, actual=99_99, **more):
    """An open discrepancy of one cent."""
    difference = None if expected is None else actual - expected
    return {
        "discrepancy_id": f"dsc_{code}",
        "code": code,
        "severity": "HIGH",
        "rail": "STRIPE",
        "subject": "escrow-1",
        "provider_ref": "ch_1",
        "event_id": "event-1",
        "expected_minor": expected,
        "actual_minor": actual,
        "difference_minor": difference,
        "currency": "USD",
        "occurred_at": NOON,
        "first_seen": NOON,
        "age_hours": 30,
        "state": "OPEN",
        "explanation": "One cent is missing.",
        "nearest_candidate": None,
        "rule": code.lower(),
    } | more


def waiting(minor=5_00, **more):
    """A booking whose row is still to come."""
    return {
        "kind": "EVENT",
        "subject": "escrow-2",
        "provider_ref": "ch_2",
        "rail": "STRIPE",
        "amount_minor": minor,
        "currency": "USD",
        "occurred_at": NOON,
    } | more


def match(minor=100_00, **more):
    """A booking and its row."""
    return {
        "match_id": "mat_1",
        "rule": "provider_ref",
        "rail": "STRIPE",
        "kind": "charge",
        "subject": "escrow-1",
        "booked_minor": minor,
        "row_minor": minor,
        "currency": "USD",
    } | more


def proof(kind="safeguarding", difference=0, **more):
    """A proof that agrees."""
    figures = {
        "roll_forward": {"opening_minor": 10, "activity_minor": 20, "payouts_minor": -5},
        "safeguarding": {
            "owed_minor": 300_00,
            "own_funds_minor": 20_00,
            "in_transit_minor": 0,
        },
        "bank": {"opening_minor": 10, "activity_minor": 15},
        "itemised": {"activity_minor": 25},
    }[kind]
    closing = 320_00 if kind == "safeguarding" else 25
    names = ("opening", "activity", "payouts", "owed", "own_funds", "in_transit")
    return {
        "kind": kind,
        "rail": "STRIPE",
        "account": "acct_1",
        "currency": "USD",
        **{f"{name}_minor": None for name in names},
        **figures,
        "closing_minor": closing + (difference or 0),
        "difference_minor": difference,
        "explained_by": [],
        "unexplained_minor": difference,
    } | more


def run(folder, *, discrepancies=(), in_transit=(), matches=(), proofs=(), **summary):
    """A folder with what a run of these findings writes."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"discrepancies": discrepancies, "matches": matches, "in_transit": in_transit}
    for name, rows in tables.items():
        schema = pa.schema(SCHEMAS[name])
        pq.write_table(
            pa.Table.from_pylist(exact(rows), schema), folder / f"{name}.parquet"
        )
    document = {
        "business_date": "2026-11-19",
        "as_of": "2026-11-20T12:00:00Z",
        "verdict": "EXCEPTIONS" if discrepancies else "RECONCILED",
        "run_id": "run_1",
        "discrepancies": counted(discrepancies),
        "in_transit": [
            {
                "kind": row["kind"],
                "rail": row["rail"],
                "currency": row["currency"],
                "count": 1,
                "amount_minor": row["amount_minor"],
            }
            for row in in_transit
        ],
        "match_rates": [rate()],
        "proofs": list(proofs),
        "inputs": [announced(source) for source in SOURCES],
        "rule_set": {"version": "0123456789abcdef", "codes": ["AMOUNT_MISMATCH"]},
    }
    (folder / "summary.json").write_text(json.dumps(document | summary))
    return folder


def exact(rows):
    """The rows with their amounts as the decimals that Parquet holds."""
    return [
        {
            name: Decimal(cell) if name.endswith("_minor") and cell is not None else cell
            for name, cell in row.items()
        }
        for row in rows
    ]


def counted(discrepancies):
    """The summary's counts, of findings that differ in code, rail or currency."""
    counts = {}
    for row in discrepancies:
        if row["state"] in {"OPEN", "REOPENED"}:
            entry = counts.setdefault(row["code"], {"count": 0, "new": 0, "rails": []})
            entry["count"] += 1
            entry["new"] += 1
            entry["rails"].append(
                {
                    "rail": row["rail"],
                    "currency": row["currency"],
                    "count": 1,
                    "difference_minor": row["difference_minor"],
                    "absolute_minor": abs(row["difference_minor"] or 0),
                }
            )
    return counts


def rate():
    """All but one of four."""
    return {
        "rail": "STRIPE",
        "currency": "USD",
        "matched": 3,
        "expected": 4,
        "matched_minor": 933_80,
        "expected_minor": 1000_00,
        "rate_by_count": "0.7500",
        "rate_by_value": "0.9338",
    }


def announced(source):
    """A file as the manifest names it; its hash is its place in the list."""
    return {
        "source": source,
        "path": f"{source}.csv",
        "account": "acct_1",
        "sha256": f"{SOURCES.index(source):064x}",
        "rows": 12,
        "control_totals": {"USD": 1234},
    }
