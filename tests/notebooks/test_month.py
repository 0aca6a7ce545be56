"""The month's page leaves no day out, rolls everything forward, and never flatters."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from recon import notebook
from recon.__main__ import main as command
from recon.pages.run import NoRunError
from tests.notebooks import made

FIRST = date(2026, 11, 1)


def day(root, number, *found, activity=20, opening=None, **more):
    """A day of November whose balance opens with 10 and gains 15 a day, if nothing is said."""
    business_date = FIRST + timedelta(days=number - 1)
    opening = 10 + 15 * (number - 1) if opening is None else opening
    rolled = made.proof(
        "roll_forward",
        opening_minor=opening,
        activity_minor=activity,
        closing_minor=opening + activity - 5,
    )
    held = made.proof(difference=more.pop("difference", 0), unexplained_minor=0)
    as_of = f"{business_date + timedelta(days=1)}T12:00:00Z"
    summary = {"business_date": str(business_date), "as_of": as_of} | more
    return made.run(
        root / f"run-{number:02}",
        discrepancies=found,
        proofs=[rolled, held],
        **{"run_id": f"run_{number}"} | summary,
    )


def found(number, since=1, **more):
    """A discrepancy that was first seen at noon after a day."""
    seen = datetime(2026, 11, since + 1, 12, tzinfo=UTC)
    return made.discrepancy(discrepancy_id=f"dsc_{number}", first_seen=seen, **more)


@pytest.fixture
def month(tmp_path):
    """Thirty days: one break is settled, one is carried, and one comes back."""
    for number in range(1, 31):
        rows = []
        if 3 <= number <= 5:
            rows.append(found(1, 3))
        if number >= 10:
            rows.append(found(2, 10, code="FEE_VARIANCE"))
        if number in {12, 18, 24}:
            rows.append(found(100 + number, number, code="STATUS_MISMATCH", actual=99_98))
        day(tmp_path, number, *rows, difference=-3_00 if number == 7 else 0)
    return tmp_path


def load(root):
    return notebook.load_month(root, "2026-11")


def test_a_balance_rolls_from_the_first_opening_to_the_last_closing(month):
    table = notebook.month_roll_forward(load(month))
    [row] = table.rows
    assert (row["Opening"], row["Closing"]) == (Decimal("0.10"), Decimal("4.60"))
    assert row["Result"] == "agrees"
    assert notebook.is_month_rolled_forward(table)


def test_a_day_that_opens_elsewhere_is_shown_and_still_adds_up(month):
    day(month, 15, opening=1000)
    days = load(month)
    gaps = notebook.gaps_between_days(days).rows
    assert [(row["Opened on"], row["Gap"]) for row in gaps] == [
        ("2026-11-15", Decimal("7.80")),
        ("2026-11-16", Decimal("-7.80")),
    ]
    assert notebook.is_month_rolled_forward(notebook.month_roll_forward(days))


def test_what_was_open_found_and_settled_is_what_is_left(month):
    days = load(month)
    table = notebook.open_items(days)
    counts = {
        row["Code"]: (row["At the start"], row["Found"], row["Settled"], row["At the end"])
        for row in table.rows
    }
    assert counts == {
        "AMOUNT_MISMATCH": (0, 1, 1, 0),
        "FEE_VARIANCE": (0, 1, 0, 1),
        "STATUS_MISMATCH": (0, 3, 3, 0),
    }
    assert notebook.are_items_rolled_forward(table, days)


def test_what_an_earlier_month_left_is_open_at_the_start(tmp_path):
    old = found(1)
    old["first_seen"] = datetime(2026, 10, 20, 12, tzinfo=UTC)
    day(tmp_path, 1, old)
    [row] = notebook.open_items(load(tmp_path)).rows
    assert (row["At the start"], row["Found"], row["At the end"]) == (1, 0, 1)


def test_what_comes_back_on_three_days_recurs(month):
    rows = {row["Code"]: row for row in notebook.recurring(load(month)).rows}
    assert (rows["STATUS_MISMATCH"]["On days"], rows["STATUS_MISMATCH"]["Recurs"]) == (
        3,
        "yes",
    )
    assert rows["FEE_VARIANCE"]["Recurs"] == "no", "it was found once and carried along"


def test_a_day_without_a_run_is_named_and_takes_the_verdict_away(month):
    (month / "run-20" / "summary.json").unlink()
    days = load(month)
    calendar = notebook.calendar(days)
    assert calendar.rows[19]["Ended"] == "NO RUN"
    assert notebook.shows_every_day(calendar, days)
    assert "NOT COMPLETE" in notebook.month_banner(days).text
    assert "Not to be signed" in notebook.month_sign_off(days).text


def test_a_month_without_anything_left_is_green(tmp_path):
    for number in range(1, 31):
        day(tmp_path, number)
    banner = notebook.month_banner(load(tmp_path)).text
    assert "banner good" in banner
    assert "30 of 30 days reconciled" in banner


def test_of_a_day_with_two_runs_the_one_that_replaces_counts(month):
    late = day(month, 31 - 1)
    replaced = json.loads((late / "summary.json").read_text())["run_id"]
    made.run(
        month / "late", business_date="2026-11-30", run_id="run_late", replaces=replaced
    )
    assert load(month).runs[-1].summary["run_id"] == "run_late"


def test_the_run_that_latest_names_counts(tmp_path):
    for name in ("run_a", "run_b"):
        made.run(tmp_path / "2026-11-19" / name, run_id=name)
    (tmp_path / "2026-11-19" / "latest").write_text("run_a\n")
    assert load(tmp_path).runs[0].summary["run_id"] == "run_a"


def test_a_complete_run_counts_before_one_that_was_incomplete(tmp_path):
    fault = made.discrepancy("SOURCE_MISSING", None, None, currency=None)
    early = {"discrepancies": [fault], "verdict": "INCOMPLETE", "run_id": "run_early"}
    made.run(tmp_path / "early", **early)
    made.run(tmp_path / "late", run_id="run_late")
    assert [run.summary["run_id"] for run in load(tmp_path).runs] == ["run_late"]


def test_two_runs_of_which_none_counts_are_refused(tmp_path):
    for name in ("run_a", "run_b"):
        made.run(tmp_path / name, run_id=name)
    with pytest.raises(NoRunError, match="none replaces"):
        load(tmp_path)


def test_a_folder_without_the_month_is_refused(tmp_path):
    with pytest.raises(NoRunError, match="no run of 2026-11"):
        load(tmp_path)


def test_the_pictures_answer_in_words_and_without_colour(month):
    days = load(month)
    whole = notebook.safeguarding_trend(days).figure
    assert "whole on 29 of 30 days" in whole.layout.annotations[0].text
    assert "-3.00 USD" in whole.layout.annotations[0].text
    assert whole.data[0].marker.pattern.shape[6] == "/"
    trend = notebook.open_trend(days).figure
    assert "went from 0 to 1: 5 came up" in trend.layout.title.text
    assert "4 were settled" in trend.layout.title.text
    comes_back = notebook.recurrence(days).figure
    assert "STATUS_MISMATCH came up anew on 3 of 30 days" in comes_back.layout.title.text
    assert list(comes_back.data[0].text) == ["1"] * 5


def test_a_page_without_history_says_how_to_get_one(month):
    run = notebook.load(month / "run-30")
    days = notebook.days_before(run, "")
    assert "--history" in notebook.safeguarding_trend(days).text
    assert "--history" in notebook.open_trend(days).text


def test_the_trend_of_a_day_ends_with_that_day(month):
    run = notebook.load(month / "run-12")
    days = notebook.days_before(run, month)
    assert days.runs[-1] == run
    assert len(days.runs) == 12


def test_a_hash_stands_for_every_figure_of_the_month(month):
    before = notebook.month_sign_off(load(month)).text
    day(month, 11, found(2, 10, code="FEE_VARIANCE"), activity=21)
    assert notebook.month_sign_off(load(month)).text != before


@pytest.mark.slow
def test_a_month_becomes_a_page(month):
    given = ["report", "--notebook", "month_end", "--history", str(month)]
    assert command([*given, "--month", "2026-11"]) == 0
    html = (month / "month_end_2026-11.html").read_text(encoding="utf-8")
    assert "1 OPEN ITEM" in html
    assert "✓ Checked to the minor unit" in html
    assert 'href="./run-07/summary.json"' in html


@pytest.mark.slow
def test_a_month_that_would_contradict_a_day_is_not_made(month, capsys):
    path = month / "run-12" / "summary.json"
    path.write_text(path.read_text().replace('"difference_minor": -1', '"difference_minor": -2'))
    given = ["report", "--notebook", "month_end", "--history", str(month)]
    assert command([*given, "--month", "2026-11"]) == 2
    assert "are not its summary's" in capsys.readouterr().err
    assert not (month / "month_end_2026-11.html").exists()
