"""What a day's findings would book is proposed in balanced lines, and never posted."""

import csv
from collections import Counter
from decimal import Decimal

import pytest

from recon.faults import WrongUsageError
from recon.journal import proposal
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.golden.book import FORMS, SOURCE_CODES, golden_day
from tests.recon.golden.score import played
from tests.recon.outcome import run, run_folder
from tests.recon.test_rulebook import CODES


def lines(result):
    with (result.folder / "journal_proposal.csv").open(
        newline="", encoding="utf-8"
    ) as rows:
        return list(csv.DictReader(rows))


def balances(rows, *keys):
    sums = Counter()
    for row in rows:
        key = tuple(row[name] for name in keys)
        sums[key] += Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)
    return set(sums.values())


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A day with one form of every code that a judged day may have."""
    forms = [forms[0] for code, forms in FORMS.items() if code not in SOURCE_CODES]
    return played(golden_day(forms, seed=7), tmp_path_factory.mktemp("journal"))


def test_debits_are_credits_in_every_entry_and_currency(everything):
    rows = lines(everything)
    assert len(rows) > 20
    assert balances(rows, "discrepancy_id", "currency") == {0}
    assert {row["status"] for row in rows} == {"PROPOSED"}


def test_every_line_leads_to_its_discrepancy(everything):
    known = {row["discrepancy_id"]: row["code"] for row in everything.found}
    for row in lines(everything):
        assert row["text"].startswith(known[row["discrepancy_id"]])


def test_every_code_is_booked_or_it_says_why_not():
    assert {name.partition(":")[0] for name in proposal.postings()} == set(CODES)
    assert all(posting.why for posting in proposal.postings().values())


def test_a_dearer_fee_is_an_expense_to_the_cent(tmp_path):
    day = Day()
    day.paid("E0")
    day.activity[0] |= {"fee": "15.00", "net": "485.00"}
    debit, credit = lines(run(day, tmp_path))
    assert (debit["account"], debit["debit"], debit["credit"]) == ("6100", "0.20", "")
    assert (credit["account"], credit["debit"], credit["credit"]) == ("1110", "", "0.20")


def of(rows, account):
    return sum(
        Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)
        for row in rows
        if row["account"] == account
    )


def test_what_only_stripe_has_moves_its_balance_by_the_net(tmp_path):
    day = Day()
    day.row("charge", "ch_unknown", 500_00, "09:00", fee=14_80)
    rows = lines(run(day, tmp_path))
    assert len(rows) == 4
    assert (of(rows, "1110"), of(rows, "6100")) == (Decimal("485.20"), Decimal("14.80"))
    assert of(rows, "2900") == Decimal("-500.00")


def test_what_stripe_never_moved_is_taken_back_with_its_fee(tmp_path):
    day = Day()
    day.paid("E0")
    net = Decimal(day.activity[0]["net"])
    day.activity.clear()
    rows = [row for row in lines(run(day, tmp_path)) if "MISSING" in row["text"]]
    assert of(rows, "1110") == -net
    assert balances(rows, "currency") == {0}


def test_what_another_currency_moved_balances_in_both(tmp_path):
    day = Day(states_currencies=("usd", "eur"))
    day.paid("E0")
    day.activity[0] |= {"currency": "eur"}
    rows = [row for row in lines(run(day, tmp_path)) if "CURRENCY" in row["text"]]
    assert len(rows) == 4
    assert balances(rows, "currency") == {0}


def test_a_reference_that_looks_like_a_formula_is_neutralised(tmp_path):
    day = Day()
    day.credit("=1+1", 30_00)
    assert {row["reference"] for row in lines(run(day, tmp_path))} == {"'=1+1"}


def test_what_is_carried_is_not_proposed_again_and_what_is_resolved_is_reversed(tmp_path):
    state, kept = tmp_path / "state.duckdb", []
    for ago, date in enumerate(("2026-11-19", "2026-11-20", "2026-11-21")):
        day = Day(date=date)
        day.credit("late", 30_00, days=-ago)
        if ago == 2:
            day.payout("A", 30_00, "-2 00:00", trace_id="late")
        kept.append(lines(run(day, tmp_path, state)))
    assert [len(rows) for rows in kept] == [2, 0, 2]
    first, _, last = kept
    assert balances([*first, *last], "account") == {0}


def test_a_day_that_was_not_judged_proposes_nothing(tmp_path):
    day = Day()
    day.credit("unknown", 30_00)
    inputs = write(day, tmp_path / "in")
    (inputs / "stripe_summary.csv").unlink()
    result = run_folder(day, inputs, tmp_path / "out")
    assert (result.exit_status, lines(result)) == (2, [])


@pytest.fixture
def chart(tmp_path, monkeypatch):
    """A copy of the chart that a test may edit."""
    path = tmp_path / "accounts.csv"
    path.write_text(proposal.ACCOUNTS.read_text())
    monkeypatch.setattr(proposal, "ACCOUNTS", path)
    proposal.accounts.cache_clear()
    proposal.postings.cache_clear()
    yield path
    proposal.accounts.cache_clear()
    proposal.postings.cache_clear()


def test_the_finance_team_changes_accounts_in_one_file(chart, tmp_path):
    chart.write_text(chart.read_text().replace("2900", "4711"))
    day = Day()
    day.credit("unknown", 30_00)
    assert {row["account"] for row in lines(run(day, tmp_path))} == {"1010", "4711"}


def test_a_posting_to_a_role_that_the_chart_lacks_is_named(chart):
    chart.write_text(chart.read_text().replace("fees,,", "expenses,,"))
    with pytest.raises(WrongUsageError, match="FEE_VARIANCE"):
        proposal.postings()
