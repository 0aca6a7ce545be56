"""What a history means in money: written by hand, to the cent."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from sims.studies.amounts import interval
from sims.studies.measures import told
from toolkit.core.message import Envelope
from toolkit.core.money import Currency, Money
from toolkit.messages import escrow as e
from toolkit.messages import payments as p
from toolkit.messages.escrow import Rail

FIRST = datetime(2026, 9, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = {"escrow_id": "E1", "payment_id": "P1"}
CARD = {**NAMES, "rail": Rail.STRIPE}


def said(at, message):
    return Envelope(
        id=UUID(int=0), message=message, occurred_at=at, correlation_id=UUID(int=0)
    )


def created(at):
    return said(
        at,
        e.EscrowCreated(
            escrow_id="E1",
            contract_id="C1",
            buyer_id="b",
            seller_id="s",
            amount=Money(100_00),
            rail=Rail.STRIPE,
        ),
    )


def paid(at, minor=100_00):
    fee, amount = Money(3_20), Money(minor)
    return said(at, p.PaymentSucceeded(**CARD, amount=amount, fee=fee, provider_ref="ch_1"))


def sent(at, minor=100_00):
    return said(
        at,
        p.TransferSucceeded(
            **CARD,
            transfer_id="T1",
            amount=Money(minor),
            fee=Money(0),
            provider_ref="tr_1",
            destination="acct",
        ),
    )


def refunded(at, minor=100_00):
    return said(
        at,
        p.RefundSucceeded(**CARD, refund_id="R1", amount=Money(minor), provider_ref="re_1"),
    )


def charged_back(at):
    return said(
        at,
        p.ChargebackOpened(
            **NAMES, dispute_ref="dp_1", amount=Money(100_00), fee=Money(15_00)
        ),
    )


def closed(at, outcome):
    return said(
        at,
        p.ChargebackClosed(
            **NAMES, dispute_ref="dp_1", outcome=outcome, amount=Money(100_00)
        ),
    )


def measured(payments, escrow=(), days=10):
    found = told({"escrow": escrow, "payments": payments}, FIRST, FIRST + days * DAY)
    cards = [day for day in found.days if day.rail is Rail.STRIPE]
    return {
        name: value for (name, rail), value in found.totals.items() if rail == "STRIPE"
    }, cards


def test_money_is_held_from_the_payment_to_the_transfer():
    totals, days = measured([paid(FIRST + HOUR), sent(FIRST + 3 * DAY + HOUR)], days=5)
    assert [day.held_minor for day in days] == [100_00, 100_00, 100_00, 0, 0]
    assert totals["held_mean_minor"] == 60_00
    assert totals["held_peak_minor"] == 100_00
    assert (totals["paid_in_minor"], totals["released_minor"]) == (100_00, 100_00)
    assert totals["provider_fees_minor"] == 3_20
    assert totals["working_capital_peak_minor"] == 0


def test_a_refund_before_stripe_makes_the_payment_available_takes_own_money_until_then():
    _, days = measured([paid(FIRST + HOUR), refunded(FIRST + 5 * HOUR)], days=4)
    assert [day.working_capital_minor for day in days] == [100_00, 100_00, 100_00, 0]


def test_a_chargeback_after_the_release_is_advanced_and_lost_in_the_end():
    lost = p.ChargebackOutcome.LOST
    payments = [
        paid(FIRST),
        sent(FIRST + 3 * DAY),
        charged_back(FIRST + 4 * DAY),
        closed(FIRST + 6 * DAY, lost),
    ]
    totals, days = measured(payments, days=8)
    needed = [day.working_capital_minor for day in days]
    assert needed == [0, 0, 0, 0, 100_00, 100_00, 100_00, 0]
    assert totals["dispute_losses_minor"] == 100_00
    assert totals["dispute_fees_minor"] == 15_00
    assert totals["dispute_cost_minor"] == 115_00
    assert totals["chargebacks"] == 1


def test_a_chargeback_that_is_won_costs_its_fee_alone():
    won = p.ChargebackOutcome.WON
    payments = [
        paid(FIRST),
        sent(FIRST + 3 * DAY),
        charged_back(FIRST + 4 * DAY),
        closed(FIRST + 6 * DAY, won),
    ]
    totals, days = measured(payments, days=8)
    assert totals["dispute_losses_minor"] == 0
    assert totals["dispute_cost_minor"] == 15_00
    assert days[-1].working_capital_minor == 0


def test_what_one_escrow_lacks_is_not_hidden_by_what_another_holds():
    other = Envelope(
        id=UUID(int=1),
        message=p.PaymentSucceeded(
            escrow_id="E2",
            payment_id="P2",
            rail=Rail.STRIPE,
            amount=Money(500_00),
            fee=Money(0),
            provider_ref="ch_2",
        ),
        occurred_at=FIRST,
        correlation_id=UUID(int=0),
    )
    payments = [other, paid(FIRST), sent(FIRST + 3 * DAY), charged_back(FIRST + 4 * DAY)]
    _, days = measured(payments, days=6)
    assert (days[-1].held_minor, days[-1].working_capital_minor) == (500_00, 100_00)


@pytest.mark.parametrize(("after", "by_timeout"), [(6 * DAY, 0), (7 * DAY, 1)])
def test_a_release_is_a_timeouts_if_it_was_promised_when_the_inspection_was_over(
    after, by_timeout
):
    delivered = e.EscrowDelivered(
        escrow_id="E1", delivered_at=FIRST, auto_release_at=FIRST + 7 * DAY
    )
    promised = p.TransferRequested(
        **CARD,
        transfer_id="T1",
        amount=Money(100_00),
        destination="acct",
        source_ref="ch_1",
    )
    totals, _ = measured(
        [paid(FIRST), said(FIRST + after, promised)],
        [created(FIRST), said(FIRST, delivered)],
    )
    assert totals["released_by_timeout"] == by_timeout
    assert totals["released_by_timeout_minor"] == by_timeout * 100_00
    assert totals["escrows_opened"] == 1


def test_each_rail_has_its_own_currency():
    found = told(
        {
            "escrow": [],
            "payments": [
                said(
                    FIRST,
                    p.RefundSucceeded(
                        **NAMES,
                        rail=Rail.CUSTODIAN,
                        refund_id="R1",
                        amount=Money(7, Currency.USDC),
                        provider_ref="tx",
                    ),
                )
            ],
        },
        FIRST,
        FIRST + DAY,
    ).totals
    assert found["refunded_minor", Rail.CUSTODIAN] == 7
    assert found["refunded_minor", Rail.STRIPE] == 0


def test_an_interval_is_students_and_exact_in_amounts_no_float_holds():
    huge = 10**17
    told = interval([huge + 1, huge + 2, huge + 3])
    assert told.mean == huge + 2
    assert (told.low, told.high) == (huge, huge + 4)  # 4.3027 / sqrt(3) = 2.48
    assert interval([-3, -2, -1]).is_clear is False
    assert interval([5, 5, 5]).is_clear
