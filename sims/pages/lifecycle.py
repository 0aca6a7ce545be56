"""The page of a study: what is held, what leaves, what it costs, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from recon.pages.amounts import in_major_units
from recon.pages.html import Html, Table, definitions, texts
from sims.pages.kept import Kept, Row
from sims.pages.words import banner, paragraph
from sims.stress import changed
from sims.studies.measures import MEASURES

RAILS = {"STRIPE": "by card", "CUSTODIAN": "on chain"}


def study_banner(run: Kept) -> Html:
    """What was asked, and what is clear of the first thing that it shows."""
    question = run.told["question"]
    first = question["shows"][0]
    lines = [_says(row) for row in _rows(run, [first]) if row["difference"] is not None]
    lines = [line for line in lines if line] or ["There is nothing to compare."]
    clear = sum("no clear" not in line for line in lines)
    tone = "good" if clear == len(lines) else "caution"
    said = f"{clear} of {len(lines)} differences are clear: {MEASURES[first]}"
    return banner(" ".join(question["question"].split()), tone, said, lines)


def scenarios(run: Kept) -> Table:
    """What is different in each."""
    return Table(
        [
            {"Scenario": name, "What is different": changed(given)}
            for name, given in run.told["question"]["scenarios"].items()
        ],
        "The first is what the others are compared with",
    )


def figures(run: Kept) -> Table:
    """What the file asks to see, with intervals and differences."""
    return _table(run, run.told["question"]["shows"], "What was asked")


def money(run: Kept) -> Table:
    """All amounts, asked for or not."""
    names = [name for name in MEASURES if name.endswith("_minor")]
    rest = [name for name in names if name not in run.told["question"]["shows"]]
    return _table(run, rest, "All other amounts of the study")


def counts(run: Kept) -> Table:
    """How many escrows went which way."""
    names = [name for name in MEASURES if not name.endswith("_minor")]
    return _table(run, names, "Escrows, disputes and chargebacks")


def how_sure(run: Kept) -> Html:
    """What the figures rest on."""
    told, question = run.told, run.told["question"]
    code = f"{texts(told['commit'])}, {told['configuration']}"
    days = f"{question['lasts_days']} from {question['first_day']}"
    return Html(
        definitions(
            [
                ("days looked at", days),
                ("contracts a day", f"{question['escrows_per_day']:g} in the mean"),
                ("replications", f"{told['replications']} of each scenario"),
                ("start", "in steady state: stories that are going on were drawn"),
                ("seed", str(told["seed"])),
                ("commit, configuration", code),
                ("checklist for a reviewer", '<a href="./stress.md">stress.md</a>'),
            ]
        )
    )


def study_verdict(run: Kept) -> Html:
    """Everything that is clear, in sentences."""
    said = [
        _says(row)
        for row in _rows(run, run.told["question"]["shows"])
        if row["difference"] is not None
    ]
    clear = [line for line in said if line and "no clear" not in line]
    items = "".join(f"<li>{texts(line)}</li>" for line in clear)
    return Html(f"<ul>{items}</ul>") if items else paragraph("Nothing differs clearly.")


def means_are_the_results(run: Kept) -> bool:
    """Every mean of the summary is that of the replications, rounded to the minor unit."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for row in run["results"]:
        sums.setdefault(_key(row), []).append(row["value"])
    return all(
        abs(row["mean"] - Decimal(sum(sums[_key(row)])) / len(sums[_key(row)]))
        <= Decimal("0.5")
        for row in run["summary"]
    )


def days_are_the_results(run: Kept) -> bool:
    """What is held at the end is what the last day ended with, in every replication."""
    last = run.told["question"]["lasts_days"] - 1
    ends = {
        (row["scenario"], row["replication"], row["rail"]): row["held_minor"]
        for row in run["days"]
        if row["day"] == last
    }
    stated = {
        (row["scenario"], row["replication"], row["rail"]): row["value"]
        for row in run["results"]
        if row["measure"] == "held_end_minor"
    }
    return ends == stated


def shows_every_scenario(table: Table, run: Kept) -> bool:
    shown = {row["Scenario"] for row in table.rows}
    return shown == set(run.told["question"]["scenarios"])


def study_confirmed(run: Kept) -> Html:
    return paragraph(
        f"Confirmed: {len(run['summary']):,} figures are the means of"
        f" {len(run['results']):,} results, to the minor unit."
    )


def _table(run: Kept, measures: Sequence[str], caption: str) -> Table:
    rows = [
        {
            "Measure": f"{MEASURES[row['measure']]}, {RAILS[row['rail']]}",
            "Scenario": row["scenario"],
            "Currency": row["currency"] if _is_amount(row) else "",
            "Mean": _shown(row, "mean"),
            "Low": _shown({**row, "low": max(row["low"], 0)}, "low"),  # none is below zero
            "High": _shown(row, "high"),
            "Difference": _shown(row, "difference"),
            "From": _shown(row, "difference_low"),
            "To": _shown(row, "difference_high"),
        }
        for row in _rows(run, measures)
    ]
    return Table(
        rows, f"{caption}; Low to High and From to To hold the true ones with 95 %"
    )


def _rows(run: Kept, measures: Sequence[str]) -> Iterator[Row]:
    """The summary's rows, measure by measure; what never happens on a rail is left out."""
    for measure in measures:
        for rail in RAILS:
            rows = [
                r for r in run["summary"] if (r["measure"], r["rail"]) == (measure, rail)
            ]
            if any(row["mean"] for row in rows):
                yield from rows


def _says(row: Row) -> str:
    name = f"{row['scenario']}, {RAILS[row['rail']]}: {MEASURES[row['measure']]}"
    low, high = row["difference_low"], row["difference_high"]
    if low <= 0 <= high:
        return f"{name}: no clear difference ({_range(row)})"
    side = "more" if row["difference"] > 0 else "less"
    much = _shown({**row, "difference": abs(row["difference"])}, "difference")
    return f"{name}: {much:,f} {_unit(row)}{side} ({_range(row)})"


def _range(row: Row) -> str:
    ends = (_shown(row, "difference_low"), _shown(row, "difference_high"))
    return " to ".join(f"{end:+,f}" if end is not None else "" for end in ends)


def _unit(row: Row) -> str:
    return f"{row['currency']} " if _is_amount(row) else ""


def _shown(row: Row, name: str) -> Decimal | None:
    """An amount in major units, or a count; both exactly."""
    if row[name] is None:
        return None
    if not _is_amount(row):
        return Decimal(row[name])
    return in_major_units(row[name], row["currency"])


def _is_amount(row: Row) -> bool:
    return bool(row["measure"].endswith("_minor"))


def _key(row: Row) -> tuple[str, str, str]:
    return row["scenario"], row["measure"], row["rail"]
