"""The notebook's tables of what was read, what was matched and what is in transit."""

from __future__ import annotations

from recon.pages.amounts import in_major_units, percent
from recon.pages.html import Html, Table, moment
from recon.pages.links import to_file, to_rows
from recon.pages.rows import amounts, rail_name
from recon.pages.run import Record, Run

RULES = {
    "provider_ref": "the provider's reference",
    "reversed_transfer": "the reference of the transfer it reverses",
    "trace_id": "the end-to-end id at the bank",
}
WAITING = {
    "EVENT": "booked, the provider's row is still to come",
    "ROW": "at the provider, our booking is still to come",
    "PAYOUT": "paid out, on its way to the bank",
}


def match_rates(run: Run) -> Table:
    """Of the bookings that should have their row by now, how many have it."""
    rows = [
        {
            "Rail": rail_name(rate["rail"]),
            "Matched": rate["matched"],
            "Expected": rate["expected"],
            "Share by count": percent(rate["rate_by_count"]),
            **amounts(
                rate,
                {"Value matched": "matched_minor", "Value expected": "expected_minor"},
            ),
            "Share by value": percent(rate["rate_by_value"]),
            "Currency": rate["currency"],
        }
        for rate in run.summary.get("match_rates", ())
    ]
    return Table(
        rows,
        "Bookings of the day that should have a row by now",
        run.none("Nothing was matched."),
    )


def pairs(run: Run) -> Table:
    """The pairs by the rule that made them."""
    rows = [
        {
            "Rail": rail_name(pair["rail"]),
            "Matched by": RULES.get(pair["rule"], pair["rule"]),
            "Movement": pair["kind"].replace("_", " "),
            "Pairs": pair["match_id_count"],
            "Value booked": in_major_units(pair["booked_minor_sum"], pair["currency"]),
            "Value on the other side": in_major_units(
                pair["row_minor_sum"], pair["currency"]
            ),
            "Currency": pair["currency"],
        }
        for pair in run.pairs
    ]
    return Table(
        rows,
        "Every pair, one booking to one row, also of the day before, by what made it; the"
        " other side of a payout is the bank",
        run.none("No pairs were made."),
    )


def in_transit(run: Run) -> Table:
    """Timing, not breaks: what the other side will show tomorrow."""
    rows = [
        {
            "What": WAITING.get(row["kind"], row["kind"]),
            "Rail": row["rail"],
            "Since (UTC)": moment(row["occurred_at"]),
            "Subject": row["subject"],
            "Provider ref": row["provider_ref"],
            "Amount": in_major_units(row["amount_minor"], row["currency"]),
            "Currency": row["currency"],
            "Kind": row["kind"],
        }
        for row in run.in_transit
    ]
    return Table(
        rows,
        when_empty=run.none("Nothing is in transit."),
        codes=("Subject", "Provider ref"),
    )


def inputs(run: Run) -> Table:
    """The files that were compared: what the manifest announced and what was read."""
    faults = {row["subject"]: row["code"] for row in run.open if row["code"] in FAULTS}
    rows = [
        {
            "Source": entry["source"],
            "File": _file(run, entry),
            "Account": entry["account"],
            "Rows": entry["rows"],
            "In quarantine": entry.get("quarantined_rows"),
            "SHA-256": entry["sha256"],
            "State": FAULTS.get(faults.get(entry["source"], ""), "read"),
        }
        for entry in run.summary["inputs"]
    ]
    named = {row["Source"] for row in rows}
    rows += [
        {"Source": source}
        | dict.fromkeys(("File", "Account", "Rows", "In quarantine", "SHA-256"))
        | {"State": FAULTS[code]}
        for source, code in faults.items()
        if source not in named
    ]
    return Table(
        rows,
        "Input files, as the manifest announces them",
        "No input could be read.",
        codes=("File", "Account", "SHA-256"),
    )


def _file(run: Run, entry: Record) -> Html | str:
    """The file's name, and a link where it is still beside the run."""
    rows = to_rows(run, entry["source"])
    return rows if isinstance(rows, Html) else str(entry["path"])


FAULTS = {"SOURCE_MISSING": "MISSING", "SOURCE_CORRUPT": "CORRUPT"}


def quarantine(run: Run) -> Table:
    """Rows that are not what their source should hold; they were judged all the same."""
    rows = [
        {
            "Source": group["source"],
            "Column": group["column_name"],
            "Rows": group["rows"],
            "Why it matters": group["reason"],
            "Cells": Html(to_file("quarantine.csv", "which ones")),
        }
        for group in run.summary.get("quarantine", ())
    ]
    return Table(
        rows,
        "In quarantine: rows that fall short of what their source should hold. None is left"
        " out: the proofs count it, and the rules say what it means",
        "No row is in quarantine: every one holds what its source should."
        if "quarantine" in run.summary
        else "This run looked at no expectations.",
    )


def control_totals(run: Run) -> Table:
    """The sum of every file's amounts, to tell one file from another."""
    rows = [
        {
            "Source": entry["source"],
            "Control total": total,
            "Unit": currency,
        }
        for entry in run.summary["inputs"]
        for currency, total in entry.get("control_totals", {}).items()
    ]
    return Table(
        rows,
        "Control totals: the sum of each file's amounts, in minor units",
        run.none("No control totals are stated."),
    )
