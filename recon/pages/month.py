"""The month's texts: how it stands, how each day ended, and who signs it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from html import escape
from urllib.parse import quote

from recon.pages.amounts import in_words
from recon.pages.days import Days, day_of, link_to, open_ids, signatures
from recon.pages.html import Html, Table, definitions
from recon.pages.run import Run
from recon.results import but_not_proved, not_possible


def month_banner(days: Days) -> Html:
    """How the month stands: never green while a day lacks its run or its inputs."""
    tone, mark, verdict = _verdict(days)
    last = days.runs[-1]
    both = sum(len(signatures(run)) > 1 for run in days.runs)
    how = (
        f"{_count(days, 'RECONCILED')} of {len(days.dates)} days reconciled,"
        f" {_count(days, 'EXCEPTIONS')} with exceptions, {_count(days, 'INCOMPLETE')} with"
        f" incomplete inputs, {len(days.missing)} without a run."
    )
    left = f"{len(last.open):,} discrepancies are open after {day_of(last)}{_sums(last)}."
    signed = f"{both} of {len(days.runs)} runs are signed by a preparer and a reviewer."
    lines = [how, left, signed]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return Html(
        f"<h1>Month end, {days.first:%B %Y}</h1>"
        f'<div class="banner {tone}" role="status"><div class="verdict">'
        f'<span class="mark">{mark}</span> {escape(verdict)}</div><ul>{items}</ul></div>'
    )


def _verdict(days: Days) -> tuple[str, str, str]:
    incomplete = _count(days, "INCOMPLETE")
    if days.missing or incomplete:
        return (
            "caution",
            "?",
            f"NOT COMPLETE: {len(days.missing) + incomplete} days are not reconciled",
        )
    if days.runs[-1].open:
        count = len(days.runs[-1].open)
        said = "ITEM IS" if count == 1 else "ITEMS ARE"
        return "bad", "✕", f"{count:,} OPEN {said} CARRIED"
    if unproved := sum(bool(_not_possible(run)) for run in days.runs):
        return "caution", "!", f"NOT PROVED: {unproved} days lack a position for a proof"
    return "good", "✓", "NOTHING IS CARRIED INTO THE NEXT MONTH"


def _not_possible(run: Run) -> list[str]:
    return not_possible(run.summary["proofs"])


def _count(days: Days, verdict: str) -> int:
    return sum(run.summary["verdict"] == verdict for run in days.runs)


def _sums(run: Run) -> str:
    sums: dict[str, int] = defaultdict(int)
    for row in run.open:
        if row["currency"] and row["difference_minor"] is not None:
            sums[row["currency"]] += abs(int(row["difference_minor"]))
    told = ", ".join(in_words(minor, currency) for currency, minor in sorted(sums.items()))
    return f", differences of {told} in all" if told else ""


def month_scope(days: Days) -> Html:
    """Which days, which runs, and the one hash that stands for all of them."""
    versions = {str(run.summary.get("rule_set", {}).get("version")) for run in days.runs}
    missing = ", ".join(map(str, days.missing)) or "none"
    entries = [
        ("Period", f"{days.first} to {days.last}, days of 24 hours UTC"),
        ("Runs", f"{len(days.runs)}; of each day the one that counts"),
        ("Days without a run", escape(missing)),
        ("Rule sets", ", ".join(f"<code>{escape(v)}</code>" for v in sorted(versions))),
        ("Tolerance", "none: amounts agree to the minor unit or they are reported"),
        ("Hash of all", f"<code>{month_sha256(days)}</code>"),
    ]
    return Html(definitions(entries))


def month_sha256(days: Days) -> str:
    """A hash of the hashes of all summaries, one a line in the order of the days."""
    lines = "".join(f"{run.summary_sha256}\n" for run in days.runs)
    return hashlib.sha256(lines.encode()).hexdigest()


def calendar(days: Days) -> Table:
    """Every day of the month: how it ended, what came and went, and who signed."""
    made = {day_of(run): run for run in days.runs}
    known: set[str] = set()
    rows = []
    for day in days.dates:
        run = made.get(day)
        rows.append(_day(days, run) if run else {"Day": str(day)} | NO_RUN)
        if run:
            rows[-1] |= _flow(known, run)
            known = open_ids(run)
    return Table(rows, "Day by day; a day's name leads to its figures")


NO_RUN = {
    "Ended": "NO RUN",
    **dict.fromkeys(("Open", "New", "Gone")),
    "Signed by": None,
    "Run": None,
}


def _day(days: Days, run: Run) -> dict[str, object]:
    place = quote(link_to(run, days.folder, _page(run)))
    signed = ", ".join(signature["name"] for signature in signatures(run))
    return {
        "Day": Html(f'<a href="./{place}">{day_of(run)}</a>'),
        "Ended": run.summary["verdict"]
        + but_not_proved(run.summary.get("not_possible", ())),
        "Open": None,
        "New": None,
        "Gone": None,
        "Signed by": signed or "nobody",
        "Run": run.summary["run_id"][:12],
    }


def _page(run: Run) -> str:
    page = "daily_reconciliation.html"
    return page if (run.folder / page).is_file() else "summary.json"


def _flow(before: set[str], run: Run) -> dict[str, int]:
    now = open_ids(run)
    return {"Open": len(now), "New": len(now - before), "Gone": len(before - now)}


def month_sign_off(days: Days) -> Html:
    """Empty lines for two different people, and the hash that they sign."""
    line = "<tr><td>{}</td><td></td><td></td><td></td></tr>"
    people = "".join(line.format(who) for who in ("Preparer", "Reviewer (somebody else)"))
    warning = (
        "<p><strong>Not to be signed: days are missing or incomplete.</strong></p>"
        if days.missing or _count(days, "INCOMPLETE")
        else ""
    )
    return Html(
        f"{warning}<p>The signature stands for the summaries of {len(days.runs)} runs, in"
        f" all <code>{month_sha256(days)}</code> (SHA-256 of the SHA-256 of each"
        " <code>summary.json</code>, one a line in the order of the days).</p>"
        '<table class="signoff"><thead><tr><th></th><th>Name</th><th>Signature</th>'
        f"<th>Date and time</th></tr></thead><tbody>{people}</tbody></table>"
    )


def month_confirmed(days: Days) -> Html:
    """The last line, reached only where every assertion before it held."""
    return Html(
        '<p class="right">✓ Checked to the minor unit: the discrepancies of each of'
        f" {len(days.runs)} days are those of its summary.json, balances and open items"
        " roll forward, and no day is left out. Hash of all"
        f" <code>{month_sha256(days)}</code>.</p>"
    )
