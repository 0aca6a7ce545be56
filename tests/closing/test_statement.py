"""Promises of a closing statement: both sides agree, and not a cent is left over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.closing.distribution import digest, distribute
from toolkit.closing.proration import (
    Bill,
    ClosingDay,
    DayCount,
    days_between,
    interest,
    prorate,
)
from toolkit.closing.statement import (
    MIRRORED,
    PARTIES,
    Line,
    PaidBy,
    Purpose,
    StatementError,
    statement,
)
from toolkit.core.money import Currency, Money
from toolkit.core.shares import allocate


def usd(text: str) -> Money:
    return Money.parse(text, Currency.USD)


def line(code, amount, other_party="", **more) -> Line:
    return Line(code=code, amount=usd(amount), other_party=other_party, **more)


# The purchase of form H-25(B): 12 CFR 1026, appendix H.
SAMPLE = (
    line("A.01", "405.00", "Ficus Bank"),
    line("A.02", "300.00", "Ficus Bank"),
    line("A.03", "1097.00", "Ficus Bank"),
    line("B.01", "405.00", "John Smith Appraisers Inc.", paid_by=PaidBy.OTHERS),
    line("B.02", "29.80", "Information Inc.", paid_by=PaidBy.BUYER_BEFORE),
    line("B.03", "20.00", "Info Co."),
    line("B.04", "31.75", "Info Co."),
    line("B.05", "75.00", "Info Co."),
    line("B.06", "80.00", "Info Co."),
    line("C.01", "120.50", "Pests Co."),
    line("C.02", "85.00", "Surveys Co."),
    line("C.03", "650.00", "Epsilon Title Co.", purpose=Purpose.TITLE),
    line("C.04", "500.00", "Epsilon Title Co.", purpose=Purpose.TITLE),
    line("C.05", "500.00", "Epsilon Title Co.", purpose=Purpose.TITLE),
    line("C.06", "800.00", "Epsilon Title Co.", purpose=Purpose.TITLE),
    line("E.01", "85.00", "Any County"),
    line("E.02", "950.00", "Any State", paid_by=PaidBy.SELLER),
    line("F.01", "1209.96", "Insurance Co."),
    line("F.03", "279.04", "Ficus Bank"),
    line("F.04", "631.80", "Any County", purpose=Purpose.GOVERNMENT),
    line("G.01", "201.66", "Ficus Bank"),
    line("G.03", "210.60", "Ficus Bank"),
    line("G.08", "0.01", "Ficus Bank", is_credit=True),
    line("H.01", "500.00", "HOA Acre Inc.", purpose=Purpose.TITLE),
    line("H.02", "150.00", "HOA Acre Inc.", purpose=Purpose.TITLE),
    line("H.03", "750.00", "Engineers Inc."),
    line("H.03", "750.00", "Engineers Inc.", paid_by=PaidBy.SELLER_BEFORE),
    line("H.04", "450.00", "XYZ Warranty Inc.", paid_by=PaidBy.SELLER),
    line("H.05", "5700.00", "Alpha", paid_by=PaidBy.SELLER, purpose=Purpose.COMMISSION),
    line("H.06", "5700.00", "Omega", paid_by=PaidBy.SELLER, purpose=Purpose.COMMISSION),
    line("H.07", "1000.00", "Epsilon Title Co.", purpose=Purpose.TITLE),
    line("K.01", "180000.00"),
    line("K.10", "80.00"),
    line("L.01", "10000.00"),
    line("L.02", "162000.00", "Ficus Bank"),
    line("L.05", "2500.00"),
    line("L.07", "750.00", "Epsilon Title Co."),
    line("L.12", "365.04"),
    line("M.01", "180000.00"),
    line("M.11", "80.00"),
    line("N.04", "100000.00", "Payoff Bank"),
    line("N.08", "2500.00"),
    line("N.14", "365.04"),
)


def test_the_published_sample_adds_up_as_it_is_printed():
    told = statement(SAMPLE)
    assert [told.section(letter) for letter in "ABCEFGH"] == [
        1_802_00,
        206_75,
        2_655_50,
        85_00,
        2_120_80,
        412_25,
        2_400_00,
    ]
    assert told.costs(PaidBy.BUYER) == 9_682_30
    assert told.costs(PaidBy.BUYER_BEFORE) == 29_80
    assert told.costs(PaidBy.SELLER) == 12_800_00
    assert told.costs(PaidBy.SELLER_BEFORE) == 750_00
    assert told.costs(PaidBy.OTHERS) == 405_00
    assert told.due_from_buyer == 189_762_30
    assert told.paid_for_buyer == 175_615_04
    assert told.due_to_seller == 180_080_00
    assert told.due_from_seller == 115_665_04


def test_the_published_sample_pays_what_it_prints_and_owes_nobody():
    told = statement(SAMPLE)
    paid = distribute(told, buyer="Michael and Mary", seller="Steve and Amy")
    receipts = {each.payer: each.amount for each in paid.receipts}
    assert receipts == {
        "Epsilon Title Co.": usd("750.00"),
        "Ficus Bank": usd("162000.00"),
        "DEPOSIT": usd("10000.00"),
        "Michael and Mary": usd("14147.26"),
    }
    assert paid.disbursements[0].payee == "Payoff Bank"
    assert paid.disbursements[-1].amount == usd("64414.96")
    assert paid.total == sum(each.amount.minor for each in paid.disbursements)
    assert paid.total == 186_897_26


def test_the_published_samples_prorations_and_interest_come_out_to_the_cent():
    taxes = Bill(
        amount=usd("1263.60"), first_day=date(2013, 1, 1), last_day=date(2013, 12, 31)
    )
    dues = Bill(
        amount=usd("150.00"), first_day=date(2013, 4, 1), last_day=date(2013, 4, 30)
    )
    closing = date(2013, 4, 15)
    assert prorate(taxes, closing, DayCount.THIRTY_360).seller == usd("365.04")
    assert prorate(dues, closing, DayCount.THIRTY_360).buyer == usd("80.00")
    assert interest(usd("162000.00"), Decimal("0.03875"), 16, 360) == usd("279.04")


def test_a_buyer_who_brought_too_much_gets_the_rest_last():
    told = statement([line("K.01", "100.00"), line("L.01", "150.00")])
    paid = distribute(told, buyer="b", seller="s")
    assert [(each.payee, each.amount) for each in paid.disbursements] == [
        ("s", usd("100.00")),
        ("b", usd("50.00")),
    ]


def test_a_seller_who_owes_more_than_the_price_brings_the_rest():
    told = statement([line("K.01", "100.00"), line("N.04", "130.00", "bank")])
    paid = distribute(told, buyer="b", seller="s")
    assert {each.payer: each.amount for each in paid.receipts} == {
        "b": usd("100.00"),
        "s": usd("30.00"),
    }


def test_a_deposit_that_the_seller_has_already_is_not_paid_again():
    told = statement([line("K.01", "100.00"), line("L.01", "10.00"), line("N.01", "4.00")])
    paid = distribute(told, buyer="b", seller="s")
    assert {each.payer: each.amount for each in paid.receipts} == {
        "DEPOSIT": usd("6.00"),
        "b": usd("90.00"),
    }
    assert paid.disbursements[-1].amount == usd("96.00")


def test_more_of_a_deposit_than_there_was_cannot_be_gone():
    told = statement([line("L.01", "3.00"), line("N.01", "4.00")])
    with pytest.raises(ValueError, match=r"1\.00 USD more than the deposit"):
        distribute(told, buyer="b", seller="s")


def test_a_lender_who_credits_more_than_is_owed_pays_in():
    told = statement(
        [
            line("A.01", "10.00", "bank"),
            line("J.02", "25.00", "bank", is_credit=True),
        ]
    )
    paid = distribute(told, buyer="b", seller="s")
    assert [(each.payer, each.amount) for each in paid.receipts] == [("bank", usd("15.00"))]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ([], "at least one line"),
        ([line("K.03", "1.00")], "line 1, K.03: the costs at closing are added up"),
        ([line("D.01", "1.00", "x")], "line 1, D.01: the form has no such line"),
        ([line("L.99", "1.00", "x")], "line 1, L.99: the form has no such line"),
        ([line("A.1", "1.00", "x")], "line 1, A.1: the form has no such line"),
        ([line("A.01", "0.00", "x")], "line 1, A.01: a line of nothing"),
        ([line("A.01", "1.00")], "line 1, A.01: say who is paid"),
        ([line("L.02", "1.00")], "line 1, L.02: say who is paid, or who pays"),
        (
            [line("K.01", "1.00", paid_by=PaidBy.SELLER)],
            "line 1, K.01: only costs have a column",
        ),
        ([line("K.01", "1.00", is_credit=True)], "line 1, K.01: only costs can be"),
        ([line("A.00", "1.00", "x")], "line 1, A.00: the form has no such line"),
        ([line("A.01", "1.00", "DEPOSIT")], "line 1, A.01: 'DEPOSIT' is nobody's name"),
        ([line("A.01", "1.00", " x")], "line 1, A.01: ' x' is nobody's name"),
        (
            [line("K.01", "1.00", purpose=Purpose.TITLE)],
            "line 1, K.01: only what is paid to others has a purpose",
        ),
        ([line("J.02", "1.00", "x")], "line 1, J.02: a lender's credit is a credit"),
        ([line("A.01", "1.00", "x"), line("A.01", "2.00", "x")], "line 2, A.01: told"),
        (
            [line("K.01", "1.00"), line("M.01", "2.00")],
            "line 2, M.01: 2.00 USD to the seller, but 1.00 USD in K.01",
        ),
        (
            [line("A.01", "1.00", "x"), Line(code="K.01", amount=Money(1, Currency.EUR))],
            "line 2, K.01: 0.01 EUR in a statement of USD",
        ),
        (
            [line("A.01", "1.00", "x", purpose=Purpose.SELLER_PROCEEDS)],
            "line 1, A.01: SELLER_PROCEEDS is worked out",
        ),
    ],
)
def test_what_does_not_stand_is_told_by_its_line(wrong, fault):
    with pytest.raises(StatementError) as refused:
        statement(wrong)
    assert fault in str(refused.value)


def test_every_fault_is_told_at_once():
    with pytest.raises(StatementError) as refused:
        statement([line("A.01", "1.00"), line("Z.01", "1.00"), line("K.03", "1.00")])
    assert len(refused.value.faults) == 3


amounts = st.integers(1, 10**9).map(Money)
names = st.sampled_from(["bank", "county", "title", "broker"])
costs = st.builds(
    Line,
    code=st.builds("{}.{:02}".format, st.sampled_from("ABCEFGH"), st.integers(1, 12)),
    amount=amounts,
    other_party=names,
    paid_by=st.sampled_from(PaidBy),
    purpose=st.sampled_from([None, Purpose.TITLE, Purpose.COMMISSION]),
    is_credit=st.booleans(),
)
others = st.builds(
    Line,
    code=st.sampled_from(sorted(set(PARTIES) - {"J.02", "N.01"})),
    amount=amounts,
    other_party=names,
)
statements = st.lists(
    costs | others, min_size=1, unique_by=lambda told: (told.code, told.paid_by)
)


@given(statements)
def test_receipts_equal_disbursements_to_the_cent(lines):
    paid = distribute(statement(lines), buyer="b", seller="s")
    assert paid.total == sum(each.amount.minor for each in paid.disbursements)
    assert all(each.amount.minor > 0 for each in (*paid.receipts, *paid.disbursements))


@given(statements)
def test_money_leaves_in_the_order_of_the_law(lines):
    paid = distribute(statement(lines), buyer="b", seller="s")
    order = [list(Purpose).index(each.purpose) for each in paid.disbursements]
    assert order == sorted(order)


@given(statements)
def test_what_the_seller_is_told_too_changes_nothing(lines):
    twice = [
        replace(told, code=MIRRORED[told.code]) for told in lines if told.code in MIRRORED
    ]
    assert statement([*lines, *twice]).cash_to_seller == statement(lines).cash_to_seller
    assert statement([*lines, *twice]).cash_from_buyer == statement(lines).cash_from_buyer


@given(statements, st.randoms(use_true_random=False))
def test_the_order_in_which_lines_are_told_means_nothing(lines, random):
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert digest(shuffled) == digest(lines)
    assert statement(shuffled) == statement(lines)


@given(statements)
def test_a_statement_that_differs_by_a_cent_has_another_name(lines):
    first = lines[0]
    dearer = replace(first, amount=Money(first.amount.minor + 1))
    assert digest([dearer, *lines[1:]]) != digest(lines)


@given(
    st.integers(0, 10**18),
    st.lists(st.integers(0, 10**6), min_size=1).filter(any),
)
def test_parts_add_up_and_none_is_off_by_a_whole_unit(total, weights):
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


def test_what_is_left_goes_to_who_lost_most_and_then_to_the_first():
    assert allocate(100, [1, 1, 1]) == (34, 33, 33)
    assert allocate(10, [1, 6, 2]) == (1, 7, 2)


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [-1, 2]), (1, [0]), (1, [])])
def test_there_are_no_negative_shares(total, weights):
    with pytest.raises(ValueError, match="share"):
        allocate(total, weights)


days = st.dates(date(1999, 1, 1), date(2035, 12, 31))
bills = st.builds(
    lambda amount, one, other: Bill(
        amount=amount, first_day=min(one, other), last_day=max(one, other)
    ),
    amounts,
    days,
    days,
)


@given(bills, days, st.sampled_from(DayCount), st.sampled_from(ClosingDay))
def test_seller_and_buyer_share_all_of_a_bill(bill, closing, count, closing_day):
    shares = prorate(bill, closing, count, closing_day)
    assert shares.seller + shares.buyer == bill.amount


@given(bills, days, st.sampled_from(DayCount))
def test_the_seller_never_pays_less_for_staying_a_day_longer(bill, closing, count):
    earlier = prorate(bill, closing, count, ClosingDay.BUYER).seller
    later = prorate(bill, closing, count, ClosingDay.SELLER).seller
    assert earlier <= later


@given(days, days, days, st.sampled_from(DayCount))
def test_days_are_counted_once_however_a_period_is_divided(one, two, three, count):
    first, middle, after = sorted((one, two, three))
    parts = days_between(first, middle, count) + days_between(middle, after, count)
    assert parts == days_between(first, after, count)


def test_of_a_month_of_thirty_days_the_31st_costs_nothing():
    year = Bill(
        amount=usd("360.00"), first_day=date(2027, 1, 1), last_day=date(2027, 12, 31)
    )
    shares = prorate(year, date(2027, 1, 31), DayCount.THIRTY_360)
    assert shares.seller == usd("30.00")


def test_a_rate_in_percent_is_refused_before_it_costs_a_house():
    with pytest.raises(ValueError, match="interest"):
        interest(usd("162000.00"), Decimal("3.875"), 10, 360)


def test_a_leap_day_costs_nothing_where_the_year_has_365():
    year = Bill(
        amount=usd("365.00"), first_day=date(2024, 1, 1), last_day=date(2024, 12, 31)
    )
    on = date(2024, 3, 1)
    assert prorate(year, on, DayCount.FIXED_365).seller == usd("59.00")
    assert prorate(year, on, DayCount.ACTUAL).seller == usd("59.84")
