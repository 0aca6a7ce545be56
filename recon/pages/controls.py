"""The daily notebook's controls, what each one found, and what is handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from recon.evidence.verify import compare
from recon.pages.html import Html, Table
from recon.pages.links import to_code, to_file
from recon.pages.proofs import NOT_POSSIBLE
from recon.pages.run import Run


@dataclass(frozen=True, slots=True)
class Control:
    """A question that every run answers, and the codes that say no."""

    asks: str
    codes: tuple[str, ...]
    looked_at: str


CONTROLS = (
    Control(
        "Is every input there, whole and unaltered?",
        ("SOURCE_MISSING", "SOURCE_CORRUPT"),
        "all",
    ),
    Control("Is no event missing in its sequence?", ("SEQUENCE_GAP",), "escrow_events"),
    Control(
        "Does every escrow move as its state allows, and in time?",
        ("ILLEGAL_TRANSITION", "OVERDUE_TRANSITION"),
        "escrow_events",
    ),
    Control(
        "Did no more leave an escrow than came in?",
        ("NEGATIVE_ESCROW_BALANCE", "REFUND_NOT_CLAWED_BACK"),
        "escrow_events",
    ),
    Control(
        "Is every movement there once, at the provider and in our books?",
        ("DUPLICATE_AT_PROVIDER", "DUPLICATE_EVENT"),
        "movements",
    ),
    Control(
        "Has every booking its row, and every row its booking?",
        ("MISSING_AT_PROVIDER", "MISSING_IN_LEDGER", "CHARGEBACK_UNBOOKED", "AMBIGUOUS"),
        "movements",
    ),
    Control(
        "Do both sides say the same amount, currency, fee and outcome?",
        (
            "AMOUNT_MISMATCH",
            "CURRENCY_MISMATCH",
            "FEE_VARIANCE",
            "STATUS_MISMATCH",
            "UNCONFIRMED_BEYOND_SLA",
        ),
        "movements",
    ),
    Control(
        "Did money take the right rail, token and address?",
        ("WRONG_RAIL", "WRONG_TOKEN", "WRONG_DESTINATION"),
        "movements",
    ),
    Control(
        "Are the provider's rows sound, known, and as they were?",
        ("ARITHMETIC_BREAK", "UNKNOWN_CATEGORY", "PROVIDER_RESTATEMENT"),
        "movements",
    ),
    Control("Do the exports tie out?", ("BALANCE_PROOF_BREAK",), "proofs"),
    Control(
        "Does the bank show what was paid out, and nothing else?",
        ("PAYOUT_NOT_DEPOSITED", "DEPOSIT_UNEXPLAINED"),
        "bank_statement",
    ),
    Control(
        "Is client money whole?",
        ("SAFEGUARDING_SHORTFALL", "SAFEGUARDING_EXCESS"),
        "proofs",
    ),
)
MOVEMENTS = ("stripe_activity", "custodian_transactions")
OTHER = "What else do the rules of this version ask?"
NOT_SEEN = (
    "Dead letters, parked messages, the journal's own sums and corrections by hand are no"
    " part of these files: <code>python -m toolkit status</code> tells them, and the"
    " operators sign for them."
)
EXPORTS = {
    "alerts/discrepancies.xlsx": "every discrepancy, for a spreadsheet: typed, filtered",
    "alerts/discrepancies.csv": "the same as text, exact decimals in major units",
    "discrepancies.parquet": "the same for programs, in minor units",
    "matches.parquet": "every pair with the rule and the evidence that made it",
    "journal_proposal.csv": "balanced lines that would book what is new: a proposal",
    "quarantine.csv": "cells that are not what their column should hold, each with why",
    "in_transit.parquet": "what is timing and no break",
    "summary.json": "the figures of this page, which the signature stands for",
    "evidence/chain.json": "what an auditor starts from: python -m recon verify",
}


def controls(run: Run) -> Table:
    """Each question, what was looked at, and how many times the answer was no."""
    found: dict[str, int] = {}
    for row in run.open:
        found[row["code"]] = found.get(row["code"], 0) + 1
    known = {code for control in CONTROLS for code in control.codes}
    others = tuple(sorted(set(found) - known))
    asked = [*CONTROLS, *([Control(OTHER, others, "all")] if others else [])]
    return Table(
        [_control(run, control, found) for control in asked],
        "Every discrepancy answers one of these questions with no",
    )


def _control(run: Run, control: Control, found: Mapping[str, int]) -> dict[str, object]:
    hits = [code for code in control.codes if found.get(code)]
    judged = run.is_judged or "SOURCE_MISSING" in control.codes
    passed = "holds" if judged else "not judged"
    if "SEQUENCE_GAP" in control.codes and run.summary.get("not_judged"):
        passed = "NOT JUDGED"
    if control.looked_at == "proofs" and _is_unproved(run, control):
        passed = NOT_POSSIBLE
    return {
        "Control": control.asks,
        "Looked at": _looked_at(run, control.looked_at),
        "Exceptions": sum(found[code] for code in hits),
        "Codes": Html(" ".join(to_code(code).text for code in hits)),
        "Result": "EXCEPTIONS" if hits else passed,
    }


def _is_unproved(run: Run, control: Control) -> bool:
    """Whether a proof that would answer the question could not be made."""
    is_about_money = "SAFEGUARDING_SHORTFALL" in control.codes
    return any(
        proof["difference_minor"] is None
        and (proof["kind"] == "safeguarding") == is_about_money
        for proof in run.summary["proofs"]
    )


def _looked_at(run: Run, what: str) -> str:
    rows = {entry["source"]: entry["rows"] or 0 for entry in run.summary["inputs"]}
    match what:
        case "all":
            return f"{len(rows)} files, {sum(rows.values()):,} rows"
        case "proofs":
            return f"{len(run.summary['proofs'])} equations"
        case "movements":
            return f"{sum(rows.get(source, 0) for source in MOVEMENTS):,} rows"
        case source:
            return f"{rows.get(source, 0):,} rows"


def evidence_holds(run: Run) -> Html:
    """Whether the files are still what the run wrote, by its own chain of hashes."""
    if not (run.folder / "evidence" / "chain.json").is_file():
        said = '<span class="wrong">The run has left no evidence.</span>'
    else:
        compared = list(compare(run.folder, None, None))
        faults = [escape(entry.name) for entry in compared if entry.is_fault]
        same = sum(entry.status == "same" for entry in compared)
        said = (
            f"All {same} files of the run are what it wrote: the chain of hashes follows."
        )
        if faults:
            said = f'<span class="wrong">ALTERED since the run: {", ".join(faults)}.</span>'
    return Html(f"<p>{said}</p><p class='note'>{NOT_SEEN}</p>")


def are_all_controlled(table: Table, run: Run) -> bool:
    """The exceptions of all controls are all that is open."""
    exceptions: int = sum(row["Exceptions"] for row in table.rows)
    return exceptions == len(run.open)


def exports(run: Run) -> Html:
    """What goes to whom: each file of the run that a person or a program takes along."""
    items = "".join(
        f"<li>{to_file(name)} <span class='note'>{escape(what)}</span></li>"
        for name, what in EXPORTS.items()
        if (run.folder / name).is_file()
    )
    printed = "<li>this page, printed or saved as PDF: it is laid out for A4</li>"
    return Html(f"<ul>{items}{printed}</ul>")
