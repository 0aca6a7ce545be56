"""A report is ordered, worked on, and then a file whose figures are the account's."""

import pytest

from sims.world.stripe import InProcessStripe, StripeModel
from sims.world.stripe.errors import StripeError
from tests.sims.stripe.stripe_faces import HandClock, pay

DAY_S = 86_400


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def stripe(clock):
    stripe = InProcessStripe(StripeModel(now=clock.now, seed=7))
    pay(stripe, 5_000, escrow="E1")
    return stripe


def ordered(clock, **changed):
    midnight_s = int(clock.now().timestamp()) // DAY_S * DAY_S
    span = {"interval_start": midnight_s - DAY_S, "interval_end": midnight_s}
    return {"report_type": "balance.summary.1", "parameters": span | changed}


def test_a_report_is_pending_first_and_then_a_file(stripe, clock):
    clock.advance(days=1)
    run = stripe.post("/v1/reporting/report_runs", ordered(clock))
    assert (run["status"], run["result"]) == ("pending", None)
    done = stripe.get(f"/v1/reporting/report_runs/{run['id']}")
    assert done["status"] == "succeeded"
    file = stripe.get(f"/v1/files/{done['result']['id']}/contents")
    header, *lines = file["contents"].splitlines()
    assert header == "category,net_amount,currency"
    assert [line.split(",")[0] for line in lines] == [
        *("starting_balance", "activity", "payouts", "ending_balance")
    ]
    assert lines[1].split(",")[1] == lines[3].split(",")[1] != "0.00"


def test_a_file_is_not_there_before_its_report_is_done(stripe, clock):
    clock.advance(days=1)
    stripe.post("/v1/reporting/report_runs", ordered(clock))
    with pytest.raises(StripeError, match="No such file"):
        stripe.get("/v1/files/file_unknown/contents")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"interval_end": 10**10 // DAY_S * DAY_S}, "not available"),
        ({"interval_start": 1}, "whole UTC days"),
        ({"columns": ["colour"]}, "Invalid columns"),
        ({"timezone": "Europe/Berlin"}, "timezone"),
    ],
)
def test_what_cannot_be_reported_is_refused(stripe, clock, changed, told):
    clock.advance(days=1)
    with pytest.raises(StripeError, match=told):
        stripe.post("/v1/reporting/report_runs", ordered(clock, **changed))
