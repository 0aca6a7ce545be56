"""Does an investigation say what the run has published? To the minor unit."""

from __future__ import annotations

from recon.pages.case import Case


def tells_what_the_run_found(case: Case) -> bool:
    """The story's findings are, to the minor unit, those that the run has published."""
    if case.story is None:
        return True
    told = {
        line["id"]: line["amount_minor"]
        for line in case.story.lines
        if line["kind"] == "finding"
    }
    return all(
        told.get(row["discrepancy_id"]) == _whole(row["difference_minor"])
        for row in case.found
        if row["subject"] == case.story.subject
    )


def pairs_are_the_runs(case: Case) -> bool:
    """Every pair of the story is in the run's matches with the same amounts."""
    published = {
        (row["row_key"], _whole(row["booked_minor"]), _whole(row["row_minor"]))
        for row in case.matches
    }
    return case.story is None or all(
        (pair["movement_key"], pair["amount_minor"], pair["row_amount_minor"]) in published
        for pair in case.story.pairs
    )


def differences_follow(case: Case) -> bool:
    """Actual less expected is the difference, wherever both are known."""
    return all(
        row["actual_minor"] - row["expected_minor"] == row["difference_minor"]
        for row in case.found
        if row["actual_minor"] is not None and row["expected_minor"] is not None
    )


def _whole(minor: object) -> int | None:
    return None if minor is None else int(str(minor))
