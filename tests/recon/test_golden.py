"""Golden days: what is planted in a clean day is found and priced, and nothing else is."""

import pytest

from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.golden import benign
from tests.recon.golden.book import (
    FORMS,
    SOURCE_CODES,
    SPOILED_FIGURES,
    a_clean_day,
    drawn,
    finished,
    golden_day,
)
from tests.recon.golden.score import Score, judge, played
from tests.recon.outcome import run, run_folder
from tests.recon.test_rulebook import CODES

# The clocks go back, a month ends on a leap day, a year ends.
SPECIAL_DATES = ("2026-10-25", "2028-02-29", "2026-12-31")
TABLES = (
    "discrepancies.parquet",
    "discrepancies.csv",
    "matches.parquet",
    "in_transit.parquet",
)


def wrong(golden, folder):
    """What a day's run says otherwise than it should."""
    score = Score()
    judge(score, golden, played(golden, folder), golden.day.date)
    return score.told


def rounds(code):
    """The forms of a code in as few days as hold them, no figure of a day spoiled twice."""
    days = []
    for form in FORMS[code]:
        rivals = {rival for group in SPOILED_FIGURES if form in group for rival in group}
        for day in days:
            if not rivals & set(day):
                day.append(form)
                break
        else:
            days.append([form])
    return days


def test_every_code_of_the_contract_has_a_form():
    assert sorted(FORMS) == sorted(CODES)


@pytest.mark.parametrize("code", FORMS)
def test_a_code_alone_is_found_in_every_form_and_nothing_else_is(code, tmp_path):
    for number, forms in enumerate(rounds(code)):
        stories = [benign.a_life_at_stripe, benign.a_life_at_the_custodian]
        golden = golden_day(forms, stories=stories, seed=number)
        assert wrong(golden, tmp_path / str(number)) == []


@pytest.mark.parametrize("date", SPECIAL_DATES)
def test_codes_together_are_all_found_on_days_that_calendars_make_hard(date, tmp_path):
    seed = SPECIAL_DATES.index(date)
    forms = drawn(seed, share=0.5)
    golden = golden_day(forms, date=date, seed=seed, stories=a_clean_day(seed))
    assert len({finding.code for finding in golden.findings}) > 15
    assert wrong(golden, tmp_path) == []


@pytest.mark.parametrize("date", ["2026-11-19", SPECIAL_DATES[1]])
def test_everything_difficult_and_in_order_is_reconciled(date, tmp_path):
    golden = golden_day([], date=date, stories=benign.STORIES)
    assert wrong(golden, tmp_path) == []


@pytest.mark.parametrize("story", benign.ALONE, ids=lambda story: story.__name__)
def test_what_asks_for_a_day_of_its_own_is_reconciled(story, tmp_path):
    assert wrong(golden_day([], stories=[story]), tmp_path) == []


def test_a_day_of_all_codes_whose_files_are_broken_says_only_that(tmp_path):
    broken = [form for code in SOURCE_CODES for form in FORMS[code]]
    golden = golden_day(drawn(3), seed=3)
    told = golden_day(broken, seed=4)
    golden.day.damage = told.day.damage
    golden.day.before = None
    result = run_broken(golden.day, tmp_path)
    expected = sorted(finding.code for finding in told.findings)
    assert (result.codes, result.exit_status) == (expected, 2)


def run_broken(day, folder):
    inputs = write(finished(day), folder / "in")
    for damage in day.damage:
        damage(inputs)
    return run_folder(day, inputs, folder / "out")


def test_the_order_of_every_file_changes_no_byte_of_a_golden_day(tmp_path):
    results = []
    for name in ("as written", "shuffled"):
        day = golden_day(without_state(drawn(7)), seed=7, stories=a_clean_day(7)).day
        day.before = None
        finished(day)
        if name == "shuffled":
            for rows in (day.events, day.activity, day.payouts, day.custody, day.entries):
                day.dice.shuffle(rows)
        results.append(run(day, tmp_path, name=name))
    for table in TABLES:
        first, second = ((result.folder / table).read_bytes() for result in results)
        assert first == second


def without_state(forms):
    return [form for form in forms if form not in FORMS["PROVIDER_RESTATEMENT"]]


def test_a_day_without_anything_is_reconciled(tmp_path):
    assert run(Day(), tmp_path).exit_status == 0
