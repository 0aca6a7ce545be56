"""The notebook's proofs: do the balances tie out, and what explains what does not?"""

from __future__ import annotations

from recon.pages.amounts import in_major_units
from recon.pages.html import Html, Table
from recon.pages.links import to_finding, to_rows
from recon.pages.rows import amounts, rail_name
from recon.pages.run import Record, Run

# Which export holds the rows that an account's movements are the sum of.
ROWS = {"STRIPE": "stripe_activity", "CUSTODIAN": "custodian_transactions"}


NOT_POSSIBLE = "NOT POSSIBLE"


def roll_forward(run: Run) -> Table:
    """Opening + activity + payouts = closing, for every account and currency."""
    kinds = ("roll_forward", "bank")
    rows = [
        {
            "Account": f"{rail_name(proof['rail'])} {proof['account']}",
            **amounts(
                proof,
                {
                    "Opening": "opening_minor",
                    "Activity": "activity_minor",
                    "Payouts": "payouts_minor",
                    "Closing": "closing_minor",
                    "Difference": "difference_minor",
                    "Unexplained": "unexplained_minor",
                },
            ),
            "Currency": proof["currency"],
            "Result": result(proof),
            "Rows": to_rows(run, ROWS.get(proof["rail"], "bank_statement")),
        }
        for proof in run.summary["proofs"]
        if proof["kind"] in kinds
    ]
    return Table(
        rows,
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
                {
                    "Items": _itemised_field(proof),
                    "Stated": "stated_minor",
                    "Difference": "difference_minor",
                    "Unexplained": "unexplained_minor",
                },
            ),
            "Currency": proof["currency"],
            "Result": result(proof),
            "Rows": to_rows(run, f"stripe_{_itemised_field(proof).removesuffix('_minor')}"),
        }
        for proof in run.summary["proofs"]
        if proof["kind"] == "itemised"
    ]
    return Table(
        rows,
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
                {
                    "Held": "closing_minor",
                    "Owed to escrows": "owed_minor",
                    "Own funds": "own_funds_minor",
                    "Difference": "difference_minor",
                    "In transit": "in_transit_minor",
                    "By discrepancies": "explained_minor",
                    "Unexplained": "unexplained_minor",
                },
            ),
            "Currency": proof["currency"],
            "Result": result(proof),
        }
        for proof in run.summary["proofs"]
        if proof["kind"] == "safeguarding"
    ]
    return Table(
        rows,
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
            return NOT_POSSIBLE
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
        rows,
        "Every difference, explained down to what is left",
        run.none("No proof shows a difference: there is nothing to explain."),
        codes=("Reference",),
        totals=totals,
    )


def _steps(proof: Record) -> list[Record]:
    name = f"{rail_name(proof['rail'])}, {proof['kind'].replace('_', '-')}"
    steps: list[tuple[str, str | Html | None, int]] = [
        (f"{name}: difference", proof["account"], proof["difference_minor"])
    ]
    if proof.get("in_transit_minor"):
        steps.append(("in transit", None, proof["in_transit_minor"]))
    steps += [
        (cause["code"], _reference(cause), cause["effect_minor"])
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


def _reference(cause: Record) -> str | Html | None:
    """What explains a step: a link to where the page tells it."""
    text = cause["provider_ref"] or cause["subject"]
    known = cause.get("discrepancy_id")
    return to_finding(known, text or cause["code"]) if known else text
