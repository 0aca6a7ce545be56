"""The pages' three-way tie: booked by us, moved at the provider, arrived."""

from __future__ import annotations

from collections.abc import Iterable

from recon.pages.amounts import in_major_units
from recon.pages.days import Days
from recon.pages.html import Html, Table
from recon.pages.links import to_finding
from recon.pages.rows import rail_name
from recon.pages.run import Record, Run

LINES = {
    "charge": "payments in",
    "refund": "refunds",
    "refund_failure": "refunds that came back",
    "transfer": "transfers to sellers",
    "transfer_reversal": "transfers taken back",
    "dispute": "chargebacks",
    "dispute_reversal": "chargebacks won",
    "in": "payments in",
    "out": "payments out",
    "payouts": "payouts to the bank",
}
OURS, ARRIVED = "us and the provider", "the provider and bank or chain"
REASONS = {
    "IN_TRANSIT": "on its way and within its time",
    "EARLIER_DAY": "one side is of another day",
    "OWN_MONEY": "own money: no booking is expected",
    "CAME_BACK": "failed and came back",
    "NOT_COVERED": "outside the time that the other file covers",
    "RETURNED": "a foreign token that was returned",
}
LEFT = "LEFT OVER: nothing names it"
SUMS = ("Booked by us", "At provider", "Difference", "Unexplained")


def three_way(run: Run) -> Table:
    """Line by line: three sums, their differences, and what nothing accounts for."""
    rows = [
        {
            "Line": name_of(line),
            "Booked by us": _major(line, "booked_minor"),
            "At provider": _major(line, "provider_minor"),
            "Difference": _major(line, "difference_minor"),
            "Arrived": _major(line, "arrived_minor"),
            "Not arrived": _major(line, "arrival_difference_minor"),
            "Left over": in_major_units(_left(line), line["currency"]),
            "Currency": line["currency"],
            "Result": _result(line),
        }
        for line in _lines(run)
    ]
    return Table(
        rows,
        "Gross sums, with fees in a line of their own; payouts are all those of the export",
        run.none("This run made no three-way tie."),
    )


def made_of(run: Run) -> Table:
    """Every difference of the three-way tie, taken apart into its reasons."""
    rows = [
        {
            "Line": name_of(line),
            "Between": OURS if part["leg"] == "provider" else ARRIVED,
            "Why": _why(part),
            "Records": part["rows"],
            "Amount": in_major_units(part["amount_minor"], line["currency"]),
            "Currency": line["currency"],
        }
        for line in _lines(run)
        for part in line["made_of"]
    ]
    return Table(
        rows,
        "What the differences are made of",
        run.none("Nothing differs: all three sides say the same."),
    )


def conversions(run: Run) -> Table:
    """What was booked in one currency and moved in another; no rate is assumed."""
    rows = [
        {
            "Rail": rail_name(each["rail"]),
            "Movements": to_finding(each["discrepancy_ids"][0], f"{each['rows']:,}"),
            "Booked": in_major_units(each["booked_minor"], each["booked_currency"]),
            "In": each["booked_currency"],
            "Moved": in_major_units(each["provider_minor"], each["provider_currency"]),
            "As": each["provider_currency"],
        }
        for each in run.summary.get("conversions", ())
    ]
    return Table(
        rows,
        "Booked in one currency, moved in another",
        run.none("No movement changed its currency on the way."),
    )


def month_three_way(days: Days) -> Table:
    """The month's sums of every line but payouts, whose exports overlap from day to day."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for line in (line for run in days.runs for line in _lines(run)):
        if line["line"] != "payouts":
            key = (line["rail"], line["line"], line["currency"])
            total = sums.setdefault(key, [0, 0, 0, 0, 0])
            figures = (
                *(line["booked_minor"], line["provider_minor"], line["difference_minor"]),
                *(line["unexplained_minor"], int(_left(line) > 0)),
            )
            for place, figure in enumerate(figures):
                total[place] += figure
    rows = [
        {
            "Line": f"{rail_name(rail)}: {LINES.get(line, line)}",
            **{
                name: in_major_units(minor, currency)
                for name, minor in zip(SUMS, minors, strict=True)
            },
            "Days with a rest": left,
            "Currency": currency,
        }
        for (rail, line, currency), (*minors, left) in sums.items()
    ]
    return Table(
        rows,
        "Booked by us against the provider, all days of the month added up",
        "No day of the month made a three-way tie.",
    )


def ties_follow(table: Table, parts: Table) -> bool:
    """Provider less booked is the difference, and its parts add up to it on either leg."""
    for row in table.rows:
        mine = [
            part
            for part in parts.rows
            if (part["Line"], part["Currency"]) == (row["Line"], row["Currency"])
        ]
        for whole, between in (("Difference", OURS), ("Not arrived", ARRIVED)):
            amount = sum(part["Amount"] for part in mine if part["Between"] == between)
            if (row[whole] or 0) != amount:
                return False
        booked = row["Booked by us"]
        if booked is not None and row["At provider"] - booked != row["Difference"]:
            return False
    return True


def name_of(line: Record) -> str:
    """A line as finance calls it."""
    return f"{rail_name(line['rail'])}: {LINES.get(line['line'], line['line'])}"


def _left(line: Record) -> int:
    """What nothing names, on both legs and without its sign: none makes up for another."""
    lefts = [part for part in line["made_of"] if part["reason"] is None]
    return sum(abs(int(part["amount_minor"])) for part in lefts)


def _lines(run: Run) -> Iterable[Record]:
    lines: Iterable[Record] = run.summary.get("three_way", ())
    return lines


def _major(line: Record, field: str) -> object:
    return in_major_units(line[field], line["currency"])


def _result(line: Record) -> str:
    if _left(line):
        return "DOES NOT AGREE"
    differs = line["difference_minor"] or line["arrival_difference_minor"]
    return "explained" if differs else "agrees"


def _why(part: Record) -> Html | str:
    reason = part["reason"]
    if reason is None:
        return LEFT
    if part["discrepancy_ids"]:
        return to_finding(part["discrepancy_ids"][0], reason)
    return REASONS.get(reason, str(reason))
