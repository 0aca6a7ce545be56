"""The notebook's tables: every amount is an exact decimal in a column of objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

import pandas as pd

from recon.notebook_advice import next_step
from recon.notebook_amounts import in_major_units, percent
from recon.notebook_html import Html, Table, moment
from recon.notebook_run import Record, Run
from recon.rulebook import Rule, rules

RAILS = {"STRIPE": "Stripe", "CUSTODIAN": "Custodian", None: "Bank"}
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
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
# Ageing as auditors read it: up to so many days.
AGES_D = (
    (1, "0 to 1 d"),
    (3, "2 to 3 d"),
    (7, "4 to 7 d"),
    (30, "8 to 30 d"),
    (60, "31 to 60 d"),
)
OLDER = ((90, "61 to 90 d"), (10**9, "over 90 d"))


def frame(rows: Iterable[Record], columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a frame of objects: pandas never turns an amount into a float."""
    cells = [[row[column] for column in columns] for row in rows]
    return pd.DataFrame(cells, columns=list(columns), dtype=object)


def rail_name(rail: str | None) -> str:
    """STRIPE as Stripe; what belongs to no rail is the bank's."""
    return RAILS.get(rail, rail or "")


def amounts(record: Record, **columns: str) -> dict[str, Any]:
    """Columns of major units, each from a field of minor units of the record's currency."""
    currency = record["currency"]
    return {
        name: in_major_units(record.get(field), currency) for name, field in columns.items()
    }


def roll_forward(run: Run) -> Table:
    """Opening + activity + payouts = closing, for every account and currency."""
    kinds = ("roll_forward", "bank")
    rows = [
        {
            "Account": f"{rail_name(proof['rail'])} {proof['account']}",
            **amounts(
                proof,
                Opening="opening_minor",
                Activity="activity_minor",
                Payouts="payouts_minor",
                Closing="closing_minor",
                Difference="difference_minor",
                Unexplained="unexplained_minor",
            ),
            "Currency": proof["currency"],
            "Result": result(proof),
        }
        for proof in run.summary["proofs"]
        if proof["kind"] in kinds
    ]
    columns = ("Account", "Opening", "Activity", "Payouts", "Closing", "Difference")
    return Table(
        frame(rows, (*columns, "Unexplained", "Currency", "Result")),
        "Opening + activity + payouts = closing, as each export states it",
        run.none("No balance was proved."),
    )


def itemised(run: Run) -> Table:
    """The single rows of an export against the total that its summary states."""
    rows = [
        {
            "Account": f"{rail_name(proof['rail'])} {proof['account']}",
            "Total of": _itemised_field(proof).removesuffix("_minor"),
            **amounts(
                {**proof, "stated_minor": _stated(proof)},
                Items=_itemised_field(proof),
                Stated="stated_minor",
                Difference="difference_minor",
                Unexplained="unexplained_minor",
            ),
            "Currency": proof["currency"],
            "Result": result(proof),
        }
        for proof in run.summary["proofs"]
        if proof["kind"] == "itemised"
    ]
    columns = ("Account", "Total of", "Items", "Stated", "Difference", "Unexplained")
    return Table(
        frame(rows, (*columns, "Currency", "Result")),
        "The items add up to what the summary states",
        run.none("No items were added up."),
    )


def _itemised_field(proof: Record) -> str:
    return "activity_minor" if proof["activity_minor"] is not None else "payouts_minor"


def _stated(proof: Record) -> int | None:
    if proof["difference_minor"] is None:
        return None
    return int(proof[_itemised_field(proof)] + proof["difference_minor"])


def safeguarding(run: Run) -> Table:
    """What each rail holds against what is owed to the escrows and what is our own."""
    rows = [
        {
            "Rail": rail_name(proof["rail"]),
            **amounts(
                {**proof, "explained_minor": explained_minor(proof)},
                Held="closing_minor",
                Owed="owed_minor",
                Own="own_funds_minor",
                Difference="difference_minor",
                Waiting="in_transit_minor",
                Explained="explained_minor",
                Unexplained="unexplained_minor",
            ),
            "Currency": proof["currency"],
            "Result": result(proof),
        }
        for proof in run.summary["proofs"]
        if proof["kind"] == "safeguarding"
    ]
    columns = ("Rail", "Held", "Owed", "Own", "Difference", "Waiting", "Explained")
    named = frame(rows, (*columns, "Unexplained", "Currency", "Result")).rename(
        columns={
            "Owed": "Owed to escrows",
            "Own": "Own funds",
            "Waiting": "In transit",
            "Explained": "By discrepancies",
        }
    )
    return Table(
        named,
        "Held less owed to escrows less own funds = difference"
        " = in transit + by discrepancies + unexplained",
        run.none("Nothing was compared."),
    )


def explained_minor(proof: Record) -> int:
    """What the named discrepancies account for."""
    return sum(int(cause["effect_minor"]) for cause in proof["explained_by"])


def result(proof: Record) -> str:
    """How a proof ended, in words."""
    match proof["difference_minor"], proof["unexplained_minor"]:
        case None, _:
            return "not possible"
        case 0, 0:
            return "agrees"
        case _, 0:
            return "explained"
        case _:
            return "DOES NOT AGREE"


def bridge(run: Run) -> Table:
    """Every difference of a proof, taken apart until nothing or the unexplained is left."""
    rows: list[Record] = []
    totals: list[int] = []
    for proof in run.summary["proofs"]:
        if proof["difference_minor"]:
            totals.append(len(rows))
            rows += _steps(proof)
            totals.append(len(rows) - 1)
    return Table(
        frame(rows, ("Difference", "Reference", "Amount", "Currency")),
        "Every difference, explained down to what is left",
        run.none("No proof shows a difference: there is nothing to explain."),
        codes=("Reference",),
        totals=totals,
    )


def _steps(proof: Record) -> list[Record]:
    name = f"{rail_name(proof['rail'])}, {proof['kind'].replace('_', '-')}"
    steps = [(f"{name}: difference", proof["account"], proof["difference_minor"])]
    if proof.get("in_transit_minor"):
        steps.append(("in transit", None, proof["in_transit_minor"]))
    steps += [
        (cause["code"], cause["provider_ref"] or cause["subject"], cause["effect_minor"])
        for cause in proof["explained_by"]
    ]
    steps.append(("left unexplained", None, proof["unexplained_minor"]))
    return [
        {
            "Difference": step,
            "Reference": reference,
            "Amount": in_major_units(minor, proof["currency"]),
            "Currency": proof["currency"],
        }
        for step, reference, minor in steps
    ]


def match_rates(run: Run) -> Table:
    """Of the bookings that should have their row by now, how many have it."""
    rows = [
        {
            "Rail": rail_name(rate["rail"]),
            "Matched": rate["matched"],
            "Expected": rate["expected"],
            "Share by count": percent(rate["rate_by_count"]),
            **amounts(rate, Value="matched_minor", Total="expected_minor"),
            "Share by value": percent(rate["rate_by_value"]),
            "Currency": rate["currency"],
        }
        for rate in run.summary.get("match_rates", ())
    ]
    columns = ("Rail", "Matched", "Expected", "Share by count", "Value", "Total")
    named = frame(rows, (*columns, "Share by value", "Currency")).rename(
        columns={"Value": "Value matched", "Total": "Value expected"}
    )
    return Table(
        named,
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
            "Currency": pair["currency"],
        }
        for pair in run.pairs
    ]
    columns = ("Rail", "Matched by", "Movement", "Pairs", "Value booked", "Currency")
    return Table(
        frame(rows, columns),
        "Every pair, also of bookings of the day before, by the rule that made it",
        run.none("No pairs were made."),
    )


def discrepancies(run: Run) -> Table:
    """Everything that is open, the gravest and the oldest first."""
    return Table(
        frame((_discrepancy(row) for row in _by_weight(run.open)), DISCREPANCY),
        codes=("Id", "Subject", "Provider ref", "Event"),
    )


DISCREPANCY = (
    *("Severity", "Code", "Rail", "Subject", "Provider ref", "Event", "Expected", "Actual"),
    *("Difference", "Currency", "Age h", "State", "First seen", "Explanation", "Nearest"),
    *("Next step", "Id"),
)


def _discrepancy(row: Record) -> Record:
    return {
        "Severity": row["severity"],
        "Code": row["code"],
        "Rail": row["rail"],
        "Subject": row["subject"],
        "Provider ref": row["provider_ref"],
        "Event": row["event_id"],
        **amounts(
            row,
            Expected="expected_minor",
            Actual="actual_minor",
            Difference="difference_minor",
        ),
        "Currency": row["currency"],
        "Age h": row["age_hours"],
        "State": row["state"],
        "First seen": row["first_seen"],
        "Explanation": row["explanation"],
        "Nearest": row["nearest_candidate"],
        "Next step": next_step(row["code"]),
        "Id": row["discrepancy_id"],
    }


def _by_weight(rows: Iterable[Record]) -> list[Record]:
    return sorted(
        rows, key=lambda row: (SEVERITIES.index(row["severity"]), -row["age_hours"])
    )


def findings(table: Table) -> Table:
    """The discrepancies as a reader takes them in: what, how much, what to do."""
    rows = [
        {
            "Severity": Html(
                f'<span class="severity {cells["Severity"]}">{cells["Severity"]}</span>'
            ),
            "What": Html(_finding(cells)),
            **{
                name: cells[name]
                for name in ("Expected", "Actual", "Difference", "Currency")
            },
            "Age": age_in_words(cells["Age h"]),
        }
        for cells in table.frame.to_dict("records")
    ]
    columns = ("Severity", "What", "Expected", "Actual", "Difference", "Currency", "Age")
    return Table(frame(rows, columns), when_empty="No discrepancy is open.")


def _finding(cells: Record) -> str:
    where = " · ".join(
        f"{name} <code>{escape(str(value))}</code>"
        for name, value in (
            (rail_name(cells["Rail"]) if cells["Rail"] else "subject", cells["Subject"]),
            ("provider ref", cells["Provider ref"]),
            ("event", cells["Event"]),
            ("nearest candidate", cells["Nearest"]),
        )
        if value
    )
    again = "" if cells["State"] == "OPEN" else f" ({escape(cells['State'].lower())})"
    return (
        f'<div class="finding"><strong>{escape(cells["Code"])}</strong>{again}<br>'
        f"{escape(cells['Explanation'])}"
        f'<div class="next">Next: {escape(cells["Next step"])}</div>'
        f'<div class="where">{where}</div></div>'
    )


def age_in_words(hours: int) -> str:
    """29 as 29 h, 80 as 3 d 8 h."""
    days, rest = divmod(int(hours), 24)
    return f"{hours} h" if days < 2 else f"{days} d {rest} h"


def by_code(run: Run) -> Table:
    """What is open by code, rail and currency, as the summary counts it."""
    book = {rule.code: rule for rule in rules()}
    rows = [
        {
            "Code": code,
            "What it means": _title(book.get(code)),
            "Owner": rule.owner if (rule := book.get(code)) else None,
            "Rail": group["rail"],
            "Count": group["count"],
            **amounts(group, Difference="difference_minor", Absolute="absolute_minor"),
            "Currency": group["currency"],
        }
        for code, entry in run.summary["discrepancies"].items()
        for group in entry["rails"]
    ]
    columns = ("Code", "What it means", "Owner", "Rail", "Count", "Difference", "Absolute")
    return Table(
        frame(rows, (*columns, "Currency")),
        "By code, with differences added up with and without their sign",
        "No discrepancy is open.",
    )


def _title(rule: Rule | None) -> str:
    return rule.title if rule else "a code of another version of the rules"


def ageing(run: Run) -> Table:
    """How long the open ones have been open, by count and by value."""
    rows = []
    for currency in sorted({row["currency"] or "" for row in run.open}):
        of_currency = [row for row in run.open if (row["currency"] or "") == currency]
        for name in [name for _, name in (*AGES_D, *OLDER)]:
            aged = [row for row in of_currency if _bucket(row["age_hours"]) == name]
            if aged:
                rows.append(_aged(name, currency, aged))
    columns = ("Age", "Count", "Absolute difference", "Currency")
    return Table(frame(rows, columns), "How long they have been open", "Nothing ages.")


def _aged(name: str, currency: str, rows: Sequence[Record]) -> Record:
    minor = sum(abs(int(row["difference_minor"] or 0)) for row in rows)
    return {
        "Age": name,
        "Count": len(rows),
        "Absolute difference": in_major_units(minor, currency or None),
        "Currency": currency or "without an amount",
    }


def _bucket(hours: int) -> str:
    return next(name for days, name in (*AGES_D, *OLDER) if hours // 24 <= days)


def settled(run: Run) -> Table:
    """What this run found settled."""
    return Table(
        frame((_discrepancy(row) for row in _by_weight(run.settled)), SETTLED),
        "Settled since the last run",
        run.none("Nothing was settled since the last run."),
        codes=("Subject", "Provider ref"),
    )


SETTLED = (
    "Code",
    "Rail",
    "Subject",
    "Provider ref",
    "Difference",
    "Currency",
    "Explanation",
)


def in_transit(run: Run) -> Table:
    """Timing, not breaks: what the other side will show tomorrow."""
    rows = [
        {
            "What": WAITING.get(row["kind"], row["kind"]),
            "Rail": row["rail"],
            "Since": _instant(row["occurred_at"]),
            "Subject": row["subject"],
            "Provider ref": row["provider_ref"],
            "Amount": in_major_units(row["amount_minor"], row["currency"]),
            "Currency": row["currency"],
            "Kind": row["kind"],
        }
        for row in run.in_transit
    ]
    columns = ("Kind", "What", "Rail", "Since", "Subject", "Provider ref", "Amount")
    return Table(
        frame(rows, (*columns, "Currency")),
        when_empty=run.none("Nothing is in transit."),
        codes=("Subject", "Provider ref"),
    )


def _instant(value: datetime | None) -> str:
    return moment(value)


def inputs(run: Run) -> Table:
    """The files that were compared: what the manifest announced and what was read."""
    faults = {row["subject"]: row["code"] for row in run.open if row["code"] in FAULTS}
    rows = [
        {
            "Source": entry["source"],
            "File": entry["path"],
            "Account": entry["account"],
            "Rows": entry["rows"],
            "SHA-256": entry["sha256"],
            "State": FAULTS.get(faults.get(entry["source"], ""), "read"),
        }
        for entry in run.summary["inputs"]
    ]
    named = {row["Source"] for row in rows}
    rows += [
        dict.fromkeys(("File", "Account", "Rows", "SHA-256"))
        | {"Source": source, "State": FAULTS[code]}
        for source, code in faults.items()
        if source not in named
    ]
    columns = ("Source", "File", "Account", "Rows", "SHA-256", "State")
    return Table(
        frame(rows, columns),
        "Input files, as the manifest announces them",
        "No input could be read.",
        codes=("File", "Account", "SHA-256"),
    )


FAULTS = {"SOURCE_MISSING": "MISSING", "SOURCE_CORRUPT": "CORRUPT"}


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
        frame(rows, ("Source", "Control total", "Unit")),
        "Control totals: the sum of each file's amounts, in minor units",
        run.none("No control totals are stated."),
    )
