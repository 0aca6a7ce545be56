"""What an investigation shows: facts, timeline, pairs, failed gates and the days so far."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go

from recon.pages.advice import next_step
from recon.pages.ageing import age_in_words, is_escalated
from recon.pages.amounts import in_major_units, in_words
from recon.pages.case import Case
from recon.pages.figures import BELOW, MARGIN_PX, TOTAL, Picture, styled
from recon.pages.html import Html, Table, definitions, moment, texts
from recon.pages.links import to_file, way_to
from recon.pages.rows import amounts, rail_name
from recon.pages.run import Record, Run
from recon.rulebook import Rule, rules

SIDES = {
    "event": "we booked",
    "row": "the provider shows",
    "finding": "the reconciliation finds",
}
FATES = {
    "settled": "agrees",
    "matched": "agrees",
    "history": "of an earlier day",
    "missing": "has no row",
    "unbooked": "has no event",
    "further": "one too many",
    "in_transit": "in transit",
    "early": "in transit",
    "duplicate": "booked twice",
    "ambiguous": "several bookings fit",
    "contradicted": "the provider says failed",
    "contradicts_failure": "we say failed",
    "unconfirmed": "not final for too long",
    "own": "our own money",
    "idle": "moved nothing",
    "covered": "told by a graver finding",
    "restated": "changed since it was final",
}
GATES = {
    "reference": "the provider's reference",
    "our reference": "our own reference",
    "amount": "the amount",
    "escrow": "the escrow",
    "outcome": "the outcome",
}
LANES = {"event": "circle", "row": "square", "finding": "x"}
LANE_PX = 74


def case_banner(case: Case) -> Html:
    """What it is about, how grave it is, and in one sentence what is wrong."""
    is_open = [row for row in case.found if row["state"] != "RESOLVED"]
    if not case.found:
        tone, mark, verdict = "good", "✓", "NO DISCREPANCY names it on this day"
    elif not is_open:
        tone, mark, verdict = "good", "✓", "SETTLED"
    else:
        codes = ", ".join(sorted({row["code"] for row in is_open}))
        tone, mark, verdict = "bad", "✕", f"OPEN: {codes}"
    lines = "".join(
        f"<li>{escape(row['severity'])}, {escape(age_in_words(row['age_hours']))} old:"
        f" {escape(row['explanation'])}</li>"
        for row in case.found
    )
    return Html(
        f"<h1>Investigation of {texts(case.subject)}</h1>"
        f'<div class="banner {tone}" role="status"><div class="verdict">'
        f'<span class="mark">{mark}</span> {escape(verdict)}</div><ul>{lines}</ul></div>'
    )


def case_facts(case: Case) -> Html:
    """Everything that the run states of each discrepancy, and what its code means."""
    book = {rule.code: rule for rule in rules()}
    return Html("".join(_facts(row, book.get(row["code"])) for row in case.found))


def _facts(row: Record, rule: Rule | None) -> str:
    currency = row["currency"]
    entries = [
        ("Means", f"{escape(rule.title)}. {escape(rule.reason)}" if rule else "not known"),
        ("Owner", escape(rule.owner) if rule else "not known"),
        ("Rail", escape(rail_name(row["rail"]))),
        ("Expected", in_words(row["expected_minor"], currency)),
        ("Actual", in_words(row["actual_minor"], currency)),
        ("Difference", in_words(row["difference_minor"], currency, sign=True)),
        ("Caused", f"{moment(row['occurred_at']) or 'not stated'} UTC"),
        ("First seen", f"{moment(row['first_seen'])} UTC"),
        ("Provider ref", f"<code>{texts(row['provider_ref'])}</code>"),
        ("Event", f"<code>{texts(row['event_id'])}</code>"),
        ("Nearest candidate", texts(row["nearest_candidate"])),
        ("Id", f"<code>{texts(row['discrepancy_id'])}</code>"),
    ]
    return f"<h3>{escape(row['code'])}</h3>{definitions(entries)}"


def what_to_do(case: Case) -> Html:
    """The next step of each open one, and how it is settled when it is done."""
    items = []
    for row in case.found:
        if row["state"] == "RESOLVED":
            continue
        late = " It is to be escalated." if is_escalated(row) else ""
        command = (
            f'python -m recon sign {case.run.folder} --as preparer --name "…"'
            f' --settle {row["discrepancy_id"]}="what was done"'
        )
        items.append(
            f"<li><strong>{escape(row['code'])}</strong>: {escape(next_step(row['code']))}"
            f"{late}<br>Then <code>{escape(command)}</code>, and somebody else"
            " reviews.</li>"
        )
    return Html(f"<ol>{''.join(items)}</ol>" if items else "<p>Nothing is left to do.</p>")


def timeline(case: Case) -> Table:
    """All that happened, in the order of time."""
    rows = [
        {
            "When (UTC)": str(line["moment"])[:19],
            "Who": SIDES[line["kind"]],
            "What": line["what"],
            "Reference": line["provider_ref"],
            "Amount": in_major_units(line["amount_minor"], line["currency"]),
            "Currency": line["currency"],
            "Result": FATES.get(line["fate"] or "", line["fate"]),
            "Where": line["place"],
        }
        for line in (case.story.lines if case.story else ())
    ]
    return Table(
        rows,
        "Signs are the provider's: money in is positive, money out negative",
        "No record of the day names it.",
        codes=("Reference",),
    )


def timeline_picture(case: Case) -> Picture | Html:
    """Who said what when? A lane for each side; what stands alone lacks its other half."""
    lines = case.story.lines if case.story else []
    if not lines:
        return Html('<p class="none">No record of the day names it.</p>')
    figure = go.Figure()
    for kind, symbol in LANES.items():
        of_kind = [line for line in lines if line["kind"] == kind]
        figure.add_trace(
            go.Scatter(
                x=[str(line["moment"]) for line in of_kind],
                y=[SIDES[kind]] * len(of_kind),
                mode="markers",
                marker={
                    "symbol": symbol,
                    "size": 13,
                    "color": BELOW if kind == "finding" else TOTAL,
                },
                customdata=[f"{line['what']} {line['amount'] or ''}" for line in of_kind],
                hovertemplate="%{x}<br>%{customdata}<extra></extra>",
                showlegend=False,
            )
        )
    counts = {kind: sum(line["kind"] == kind for line in lines) for kind in LANES}
    title = (
        f"{_times(counts['event'], 'event')} of ours against"
        f" {_times(counts['row'], 'row')} of the provider:"
        f" {_times(counts['finding'], 'finding')}"
    )
    figure.update_layout(
        title={"text": f"<b>{title}</b>", "font_size": 14, "x": 0, "xref": "container"},
        title_pad_l=10,
    )
    figure.update_yaxes(
        categoryorder="array", categoryarray=[*SIDES.values()], autorange="reversed"
    )
    made = styled(figure, LANE_PX * len(LANES))
    made.update_xaxes(title_text="time, UTC", type="date", tickformat=None)
    return Picture("timeline", made.update_layout(margin_t=MARGIN_PX["t"]))


def _times(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def case_pairs(case: Case) -> Table:
    """Which booking was matched with which row, and by what."""
    rows = [
        {
            "Matched by": pair["rule"],
            "Movement": pair["kind"],
            "Reference": pair["provider_ref"],
            "Our event": pair["event_id"],
            "Provider's row": pair["movement_key"],
            "Booked": in_major_units(pair["amount_minor"], pair["currency"]),
            "At the provider": in_major_units(pair["row_amount_minor"], pair["currency"]),
            "Currency": pair["currency"],
        }
        for pair in (case.story.pairs if case.story else ())
    ]
    return Table(
        rows,
        "Booked and found at the provider",
        "Nothing of it is matched.",
        codes=("Reference", "Our event", "Provider's row"),
    )


def failed_gates(case: Case) -> Table:
    """What keeps each unmatched record apart from the nearest one of the other side."""
    rows = [
        {
            "Our booking": gate["booked_ref"] or gate["event_id"],
            "Nearest row": gate["row_ref"] or gate["movement_key"],
            "Kept apart by": GATES.get(gate["gate"], gate["gate"]),
            "We say": gate["booked"],
            "The provider says": gate["row"],
        }
        for gate in (case.story.gates if case.story else ())
    ]
    return Table(
        rows,
        "Every condition that an unmatched record and its nearest candidate fail",
        "Nothing that is unmatched has a candidate on the other side.",
        codes=("Our booking", "Nearest row"),
    )


def case_days(case: Case) -> Table:
    """What each day's run said of it."""
    ids = {row["discrepancy_id"] for row in case.found}
    rows = [
        {
            "Day": _to_day(case, run),
            "Code": row["code"],
            "State": row["state"],
            **amounts(
                row,
                {
                    "Expected": "expected_minor",
                    "Actual": "actual_minor",
                    "Difference": "difference_minor",
                },
            ),
            "Currency": row["currency"],
            "Age": age_in_words(row["age_hours"]),
            "Run": run.summary["run_id"][:12],
        }
        for run in (case.days.runs if case.days else ())
        for row in run.discrepancies
        if row["discrepancy_id"] in ids
    ]
    return Table(
        rows,
        "Day by day, as each run said it",
        "No earlier days are known here: give the folder of all days with --history."
        if case.days is None
        else "No run of the days before tells of it.",
    )


def _to_day(case: Case, run: Run) -> Html:
    """A link to the figures of a run."""
    way = way_to(case.run, run.folder / "summary.json")
    return Html(to_file(way, run.summary["business_date"]))


def case_settled(case: Case) -> Table:
    """Who has settled it, who approved, and why."""
    rows = [
        {
            "Settled for": line["business_date"],
            "By": line["resolved_by"],
            "Approved by": line["approved_by"],
            "Reason": line["reason"],
            "Id": line["discrepancy_id"],
        }
        for line in case.settled
    ]
    return Table(rows, "Settled by people", "Nobody has settled it.", codes=("Id",))


def case_evidence(case: Case) -> Html:
    """Links to what this page rests on."""
    folder = case.run.folder
    codes = {row["code"].lower() for row in case.found}
    scripts = sorted(
        path.relative_to(folder).as_posix()
        for code in codes
        for path in (folder / "evidence" / "sql").glob(f"*_rules_{code}.sql")
    )
    said = {
        "discrepancies.csv": "every discrepancy of the run",
        "matches.parquet": "every pair of the run",
        "summary.json": "verdict, proofs and inputs",
        "evidence/inputs.json": "hashes and control totals of the inputs",
        "evidence/chain.json": "the chain that verify recomputes",
        "daily_reconciliation.html": "the page of the day",
        **dict.fromkeys(scripts, "the rule that found it"),
    }
    items = "".join(
        f"<li>{to_file(name)} <span class='note'>{what}</span></li>"
        for name, what in said.items()
        if (folder / name).is_file()
    )
    return Html(f"<ul>{items}</ul>")


def case_sign_off(case: Case) -> Html:
    """Empty lines for what was decided, and by whom."""
    line = "<tr><td>{}</td><td></td><td></td><td></td></tr>"
    people = "".join(
        line.format(who) for who in ("Looked into by", "Approved by (somebody else)")
    )
    return Html(
        "<p>What was decided, in one sentence:</p>"
        '<table class="signoff"><tbody><tr><td></td><td></td></tr></tbody></table>'
        '<table class="signoff"><thead><tr><th></th><th>Name</th><th>Signature</th>'
        f"<th>Date and time</th></tr></thead><tbody>{people}</tbody></table>"
        f"<p class='note'>Run <code>{texts(case.run.summary['run_id'])}</code>, SHA-256 of"
        f" its summary <code>{case.run.summary_sha256}</code>.</p>"
    )


def case_confirmed(case: Case) -> Html:
    """The last line, reached only where every assertion before it held."""
    return Html(
        '<p class="right">✓ Checked to the minor unit: findings and pairs on this page are'
        f" those of run <code>{texts(case.run.summary['run_id'])}</code>, and its inputs"
        " are the ones that were judged again.</p>"
    )
