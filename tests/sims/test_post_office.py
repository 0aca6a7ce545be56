"""Days on which people are told by e-mail, SMS and webhooks, with all that goes wrong."""

from collections import Counter
from dataclasses import replace

import pytest

from sims import laws
from sims.laws.l08_each_is_told_once import is_return, outcomes
from sims.scenarios.business_month import TROUBLE, Month, run
from toolkit.messages.notifications import Channel, NotificationSent

FAULTS = replace(
    TROUBLE, comes_back=0.03, timed_out_after=0.03, failed_after=0.02, call_lost=0.02
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    month = Month(
        seed=11,
        output=tmp_path_factory.mktemp("week"),
        days=3,
        escrows_per_day=10.0,
        has_post_office=True,
        faults=FAULTS,
        crashes_per_day=4.0,
    )
    return run(month)


@pytest.mark.slow
def test_all_laws_hold_on_every_channel(platform):
    assert not list(laws.broken(platform))


@pytest.mark.slow
def test_every_channel_was_used_and_its_troubles_came(platform):
    told = Counter(o.channel for o in outcomes(platform) if isinstance(o, NotificationSent))
    assert set(told) == set(Channel)
    assert any(is_return(outcome) for outcome in outcomes(platform))
    office = platform.post_office
    models = (office.sendgrid, office.twilio, office.receiver)
    assert all(model.dice.struck for model in models)
    assert not office.receiver.forged
