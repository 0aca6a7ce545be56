"""Does the month's page say what the summaries of its days say? To the minor unit."""

from __future__ import annotations

from recon.pages.checks import stated_discrepancies, totals
from recon.pages.days import Days
from recon.pages.discrepancies import discrepancies
from recon.pages.html import Table

BY = ("Code", "Rail", "Currency")
ROLLED = ("Opening", "Activity", "Payouts", "Differences of days", "Gaps between days")


def days_say_what_they_state(days: Days) -> bool:
    """Of every day: its discrepancies are, by code, rail and currency, its summary's."""
    return all(
        totals(discrepancies(run), BY, "Difference") == stated_discrepancies(run)
        for run in days.runs
    )


def is_month_rolled_forward(table: Table) -> bool:
    """From the first opening through all that moved to the last closing."""
    return all(row["Closing"] == sum(row[name] for name in ROLLED) for row in table.rows)


def are_items_rolled_forward(table: Table, days: Days) -> bool:
    """Start + found - settled = end, and the end is what the last run has open."""
    ends = sum(row["At the end"] for row in table.rows)
    return ends == len(days.runs[-1].open) and all(
        row["At the start"] + row["Found"] - row["Settled"] == row["At the end"]
        for row in table.rows
    )


def shows_every_day(table: Table, days: Days) -> bool:
    """No day of the month goes unseen, also one without a run."""
    without = [row for row in table.rows if row["Ended"] == "NO RUN"]
    return len(table.rows) == len(days.dates) and len(without) == len(days.missing)
