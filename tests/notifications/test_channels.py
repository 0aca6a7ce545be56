"""On every channel a person is told once, in words, whatever its provider makes of it."""

from datetime import timedelta

import pytest

from sims.world.faults import CALM, Faults
from tests.notifications.letters import MAIL, MAKER, LetterOffice, on
from tests.notifications.office import CREATED, delivered, held
from toolkit.messages.notifications import (
    Channel,
    NotificationFailed,
    NotificationSent,
)

CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.WEBHOOK)
LONG = {"hours": 4}


@pytest.fixture(params=CHANNELS, ids=str)
def channel(request):
    return request.param


@pytest.fixture
def office(channel):
    made = LetterOffice()
    made.wishes(on(channel))
    made.hears(delivered(CREATED, "created"))
    return made


def test_a_person_is_told_where_they_asked_to_be(office, channel):
    office.hears(held())
    office.passes(minutes=1)
    (sent,) = office.said(NotificationSent)
    assert (sent.channel, sent.attempts) == (channel, 1)
    assert len(office.taken(channel)) == 1


@pytest.mark.parametrize("fault", ["timed_out_after", "failed_after"])
def test_what_was_taken_without_an_answer_is_not_told_twice(office, channel, fault):
    office.model(channel).dice.order(fault, 1)
    office.hears(held())
    office.passes(**LONG)
    assert len(office.taken(channel)) == len(set(office.taken(channel))) == 1
    assert [s.attempts for s in office.said(NotificationSent)] == [2]


@pytest.mark.parametrize("fault", ["call_lost", "failed_before", "rate_limited"])
def test_what_was_not_taken_is_sent_again(office, channel, fault):
    office.model(channel).dice.order(fault, 2)
    office.hears(held())
    office.passes(**LONG)
    assert len(office.taken(channel)) == 1
    assert len(office.said(NotificationSent)) == 1


def test_a_process_killed_after_the_letter_left_does_not_send_another(office, channel):
    office.hears(held())
    while not office.taken(channel):
        office.env.step()
    office.tasks.kill()
    office.passes(minutes=20)
    office.start()
    office.passes(minutes=20)
    assert len(office.taken(channel)) == 1
    assert len(office.said(NotificationSent)) == 1


def test_nobodys_words_and_addresses_are_in_the_log(office, channel, caplog):
    office.model(channel).dice.follow(Faults(failed_before=1.0))
    office.hears(held())
    office.passes(hours=1)
    assert caplog.records
    secrets = (MAIL, "+15552340100", "hooks.example", "1,250", MAKER.secret("ada", 1))
    assert not any(secret in caplog.text for secret in secrets)


def test_a_refused_call_is_repeated_three_times_after_five_seconds():
    office = LetterOffice()
    office.wishes(on(Channel.SMS))
    office.hears(delivered(CREATED, "created"))
    office.twilio.dice.follow(Faults(failed_before=1.0))
    office.hears(held())
    office.passes(seconds=17)
    assert office.twilio.calls == 4  # the letter, and three times again


def test_a_provider_that_is_silent_three_times_is_left_alone_for_two_minutes():
    office = LetterOffice()
    office.wishes(on(Channel.SMS))
    office.breaker_of("twilio").failures_max = 3
    office.breaker_of("twilio").rest = timedelta(seconds=120)
    office.hears(delivered(CREATED, "created"))
    office.twilio.dice.follow(Faults(failed_before=1.0))
    office.hears(held(1), held(2), held(3))
    office.passes(seconds=100)
    assert office.twilio.calls == 3
    office.twilio.dice.follow(CALM)
    office.passes(minutes=10)
    assert len(office.taken(Channel.SMS)) == 3


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
def test_what_stays_unanswered_for_a_day_is_given_up(channel):
    office = LetterOffice()
    office.wishes(on(channel))
    office.hears(delivered(CREATED, "created"))
    office.model(channel).dice.follow(Faults(failed_before=1.0))
    office.hears(held())
    office.passes(days=2)
    (failed,) = office.said(NotificationFailed)
    assert failed.reason.startswith("given up after a day: ")
    assert not office.database.agenda
    assert office.model(channel).calls < 900


@pytest.mark.parametrize("address", ["+15552340001", "+15552340010"])
def test_a_number_that_refuses_is_asked_once_and_then_left_alone(address):
    office = LetterOffice()
    office.wishes(on(Channel.SMS, address=address))
    office.hears(delivered(CREATED, "created"), held(1))
    office.passes(minutes=5)
    calls = office.twilio.calls
    office.hears(held(2))
    office.passes(minutes=5)
    assert len(office.said(NotificationFailed)) == 1
    assert office.twilio.calls == calls


def test_a_letter_that_was_sent_is_found_behind_a_hundred_others():
    office = LetterOffice()
    office.wishes(on(Channel.SMS))
    office.hears(delivered(CREATED, "created"), held())
    while not office.taken(Channel.SMS):
        office.env.step()
    office.tasks.kill()
    (first,) = office.twilio.messages
    for number in range(250):
        office.twilio._taken(first.to, first.sender, f"something else {number}")
    office.passes(minutes=5)
    office.start()
    office.passes(minutes=5)
    assert len(office.twilio.messages) == 251


def test_without_the_feed_a_silence_may_cost_a_second_mail():
    """SendGrid sells the feed; without it, e-mail is told at least once."""
    office = LetterOffice()
    office.sendgrid.has_feed = False
    office.sendgrid.dice.order("timed_out_after", 1)
    office.wishes(on(Channel.EMAIL))
    office.hears(delivered(CREATED, "created"), held())
    office.passes(**LONG)
    assert len(office.sendgrid.mails) == 2
    assert len(office.said(NotificationSent)) == 1
