"""The notebook's texts: verdict, scope, files of the run and the sign-off."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from urllib.parse import quote

from recon.pages.amounts import grouped, in_words
from recon.pages.days import signatures
from recon.pages.html import Html, definitions, moment, texts
from recon.pages.links import to_file
from recon.pages.run import Record, Run
from recon.results import but_not_proved, not_possible

REPORT_FILES = ("daily_reconciliation.ipynb", "daily_reconciliation.html")
EXPECTED_SOURCES = 6


def banner(run: Run) -> Html:
    """The verdict: a colour, a mark and a word, and what it rests on."""
    tone, mark, verdict = _verdict(run)
    items = "".join(f"<li>{escape(line)}</li>" for line in _reasons(run))
    return Html(
        f"<h1>Daily reconciliation, {texts(run.summary['business_date'])}</h1>"
        f'<div class="banner {tone}" role="status"><div class="verdict">'
        f'<span class="mark">{mark}</span> {escape(verdict)}</div><ul>{items}</ul></div>'
    )


def _verdict(run: Run) -> tuple[str, str, str]:
    match run.summary["verdict"]:
        case "RECONCILED" if not _impossible(run):
            return "good", "✓", "RECONCILED"
        case "RECONCILED":
            return "caution", "!", f"RECONCILED{_but(run)}"
        case "EXCEPTIONS":
            return "bad", "✕", f"EXCEPTIONS: {_times(len(run.open))} open{_but(run)}"
        case _:
            return "caution", "?", "INCOMPLETE INPUT: this day is not reconciled"


def _but(run: Run) -> str:
    return but_not_proved(_impossible(run))


def _reasons(run: Run) -> list[str]:
    if run.summary["verdict"] == "INCOMPLETE":
        return [
            "Nothing was judged. Until the inputs are complete the day counts as open.",
            *(f"{row['code']}: {row['explanation']}" for row in run.open),
        ]
    if not run.open:
        return [*_impossible(run), "No discrepancy is open; every difference is explained."]
    return [*_impossible(run), *_by_currency(run)]


def _by_currency(run: Run) -> list[str]:
    lines = []
    for currency in sorted({row["currency"] for row in run.open if row["currency"]}):
        differences = [
            int(row["difference_minor"] or 0)
            for row in run.open
            if row["currency"] == currency
        ]
        absolute = in_words(sum(map(abs, differences)), currency)
        net = in_words(sum(differences), currency, sign=True)
        lines.append(f"{absolute} in {_times(len(differences))} ({net} net)")
    if silent := sum(row["currency"] is None for row in run.open):
        lines.append(f"{_times(silent)} without an amount")
    return lines


def _times(count: int) -> str:
    return f"{count:,} {'discrepancy' if count == 1 else 'discrepancies'}"


def _impossible(run: Run) -> list[str]:
    return not_possible(run.summary["proofs"])


def scope(run: Run) -> Html:
    """Which day, judged when, by which rules."""
    summary = run.summary
    rule_set = summary.get("rule_set", {})
    rules = len(rule_set.get("codes", ()))
    as_of = "not stated"
    if summary.get("as_of"):
        as_of = f"{moment(summary['as_of'])} UTC: age and lateness are judged as of then"
    entries = [
        ("Business date", f"{texts(summary['business_date'])}, 00:00 to 24:00 UTC"),
        ("Cut-off", as_of),
        ("Run", f"<code>{texts(summary['run_id'])}</code>"),
        ("Rule set", f"<code>{texts(rule_set.get('version'))}</code>, {rules} rules"),
        ("Tolerance", "none: amounts agree to the minor unit or they are reported"),
        ("Inputs", f"{len(summary['inputs'])} of {EXPECTED_SOURCES} announced"),
        ("Replaces", _replaced(run)),
    ]
    entries += [
        (f"Parameter {name}", texts(value))
        for name, value in sorted(summary.get("parameters", {}).items())
    ]
    return Html(definitions(entries))


def _replaced(run: Run) -> str:
    """The earlier run of this day, and what this one says otherwise."""
    replaced, path = run.summary.get("replaces"), run.folder / "changes.json"
    if not replaced:
        return "nothing: it is the first run of the day"
    changes = json.loads(path.read_bytes())["discrepancies"] if path.is_file() else {}
    told = ", ".join(f"{len(rows)} {kind}" for kind, rows in sorted(changes.items()))
    return f"<code>{texts(replaced)}</code> ({told}: {to_file('changes.json')})"


def how_many_are_new(run: Run) -> Html:
    """What came up in this run and what was carried into it."""
    counts = run.summary["discrepancies"].values()
    new = sum(entry.get("new", entry["count"]) for entry in counts)
    carried = sum(entry.get("carried", 0) for entry in counts)
    return Html(
        f"<p>{new:,} new in this run, {carried:,} carried from earlier days,"
        f" {len(run.settled):,} settled.</p>"
    )


def files(run: Run) -> Html:
    """Links to everything that the run has written."""
    items = "".join(
        f'<li><a href="./{quote(path.as_posix())}">{escape(path.as_posix())}</a>'
        f' <span class="note">{_size(run.folder / path)}</span></li>'
        for path in run.files
        if path.as_posix() not in REPORT_FILES
    )
    return Html(f'<ul class="files">{items}</ul>')


def _size(path: Path) -> str:
    return f"{grouped(max(1, path.stat().st_size // 1024))} kB"


def sign_off(run: Run) -> Html:
    """Empty lines for two different people, and the hash that they sign."""
    line = "<tr><td>{}</td><td></td><td></td><td></td></tr>"
    people = "".join(line.format(who) for who in ("Preparer", "Reviewer (somebody else)"))
    warning = (
        ""
        if run.is_judged
        else "<p><strong>Not to be signed: nothing was judged.</strong></p>"
    )
    return Html(
        f"{warning}{_signed(run)}<p>The signature stands for the figures in"
        f" <code>summary.json</code>, SHA-256 <code>{run.summary_sha256}</code>.</p>"
        '<table class="signoff"><thead><tr><th></th><th>Name</th><th>Signature</th>'
        f"<th>Date and time</th></tr></thead><tbody>{people}</tbody></table>"
    )


def _signed(run: Run) -> str:
    """Who has signed with `python -m recon sign`, as far as it went."""
    rows = "".join(
        f"<li>{escape(entry['role'])} <strong>{escape(entry['name'])}</strong>,"
        f" {moment(entry['signed_at'])} UTC{_note(entry)}; link"
        f" <code>{escape(entry['link'])}</code></li>"
        for entry in signatures(run)
    )
    if rows:
        return f"<p>Signed:</p><ul>{rows}</ul>"
    return "<p>Nobody has signed yet: <code>python -m recon sign</code>, or by hand.</p>"


def _note(entry: Record) -> str:
    settled = len(entry.get("settled") or {})
    note = f": {escape(entry['note'])}" if entry.get("note") else ""
    return f"{note}{f', settles {settled}' if settled else ''}"


def confirmed(run: Run) -> Html:
    """The last line, reached only where every assertion before it held."""
    return Html(
        '<p class="right">✓ Checked to the minor unit: verdict, discrepancies,'
        " items in transit and proofs on this page are those of summary.json,"
        f" run <code>{texts(run.summary['run_id'])}</code>.</p>"
    )
