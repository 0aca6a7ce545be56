"""What fails on one channel is told on another; who is reached nowhere is known."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.messages.examples import unhurried
from tests.notifications.letters import ADDRESS, LetterOffice, on
from tests.notifications.office import CREATED, cause, delivered, held
from toolkit.core.message import named
from toolkit.messages.notifications import (
    Channel,
    NotificationFailed,
    NotificationSent,
    ReportReturn,
)
from toolkit.notifications.audience import OPERATIONS_ID

DEAD_NUMBER = "+15552340001"


@pytest.fixture
def office():
    made = LetterOffice()
    made.hears(delivered(CREATED, "created"))
    return made


def returned(number=1, *, is_unreachable=True):
    return ReportReturn(
        recipient_id="ada",
        notification_id=str(named(cause(number), "ada/EMAIL")),
        channel=Channel.EMAIL,
        address=ADDRESS[Channel.EMAIL],
        template="EscrowFundsHeld",
        cause=str(cause(number)),
        reason="bounced: 5.1.1",
        is_unreachable=is_unreachable,
    )


def comes_back(office, number=1, **other):
    office.hears(delivered(returned(number, **other), f"return {number}"))


def preference(office, channel):
    return office.database.states["ada"].state.preference(channel)


def test_a_fallback_is_silent_while_another_channel_works(office):
    office.wishes(on(Channel.EMAIL), on(Channel.SMS, is_fallback=True))
    office.hears(held())
    office.passes(minutes=5)
    assert len(office.taken(Channel.EMAIL)) == 1
    assert not office.taken(Channel.SMS)


def test_a_channel_that_refuses_is_told_on_the_fallback(office):
    office.wishes(on(Channel.SMS, address=DEAD_NUMBER), on(Channel.EMAIL, is_fallback=True))
    office.hears(held(1))
    office.passes(minutes=5)
    assert len(office.taken(Channel.EMAIL)) == 1
    office.hears(held(2))
    office.passes(minutes=5)
    assert len(office.taken(Channel.EMAIL)) == 2
    assert office.twilio.calls == 1


def test_a_mail_that_came_back_is_told_on_the_fallback_and_its_address_is_left_alone(
    office,
):
    office.wishes(on(Channel.EMAIL), on(Channel.SMS, is_fallback=True))
    office.hears(held())
    office.passes(minutes=5)
    comes_back(office)
    office.passes(minutes=5)
    assert len(office.taken(Channel.SMS)) == 1
    assert preference(office, Channel.EMAIL).problem == "bounced: 5.1.1"
    (failed,) = office.said(NotificationFailed)
    assert failed.is_return


def test_a_return_that_is_known_before_the_letter_is_told_on_the_fallback_too(office):
    office.wishes(on(Channel.EMAIL), on(Channel.SMS, is_fallback=True))
    office.hears(held())
    while not office.taken(Channel.EMAIL):
        office.env.step()
    comes_back(office)
    office.passes(minutes=5)
    assert len(office.taken(Channel.SMS)) == 1
    assert len(office.said(NotificationFailed)) == 1


def test_a_full_mailbox_costs_the_letter_and_not_the_address(office):
    office.wishes(on(Channel.EMAIL), on(Channel.SMS, is_fallback=True))
    office.hears(held())
    office.passes(minutes=5)
    comes_back(office, is_unreachable=False)
    office.passes(minutes=5)
    assert preference(office, Channel.EMAIL).problem is None
    assert len(office.taken(Channel.SMS)) == 1


def test_those_on_call_hear_of_who_is_reached_nowhere_and_only_once(office):
    office.wishes(on(Channel.SMS, address=DEAD_NUMBER))
    office.wishes(on(Channel.EMAIL, OPERATIONS_ID, "oncall@example.org"))
    office.hears(held(1))
    office.passes(minutes=5)
    office.hears(held(2))
    office.passes(minutes=5)
    (alarm,) = office.sendgrid.mails
    assert alarm.to == "oncall@example.org"
    assert alarm.subject == "A person is reached on no channel any more"
    assert "ada" in alarm.text
    assert DEAD_NUMBER not in alarm.text


def test_those_on_call_are_not_told_of_themselves(office):
    office.wishes(on(Channel.SMS, OPERATIONS_ID, DEAD_NUMBER))
    office.wishes(on(Channel.SMS, address=DEAD_NUMBER))
    office.hears(held())
    office.passes(hours=1)
    assert len(office.said(NotificationFailed)) == 2
    assert not office.database.agenda


def test_an_address_that_is_taken_away_is_forgotten_with_its_letters(office):
    office.wishes(on(Channel.EMAIL), on(Channel.SMS, is_fallback=True))
    office.hears(held())
    office.passes(minutes=5)
    assert ADDRESS[Channel.EMAIL] in repr(office.database.states)
    office.wishes(replace(on(Channel.EMAIL), address=None))
    assert ADDRESS[Channel.EMAIL] not in repr(office.database.states)


HAPPENS = st.lists(
    st.tuples(st.sampled_from(["held", "returned", "kill"]), st.integers(1, 3)),
    max_size=12,
)


@settings(unhurried, max_examples=25)
@given(HAPPENS, st.integers(1, 200))
def test_whatever_comes_back_and_when_each_event_is_told_once_a_channel(happens, pause_s):
    office = LetterOffice()
    office.wishes(on(Channel.EMAIL), on(Channel.SMS, is_fallback=True))
    office.hears(delivered(CREATED, "created"))
    for what, number in happens:
        match what:
            case "held":
                office.hears(held(number))
            case "returned":
                comes_back(office, number, is_unreachable=bool(number % 2))
            case _:
                office.tasks.kill()
                office.start()
        office.passes(seconds=pause_s)
    office.passes(hours=2)
    for channel in (Channel.EMAIL, Channel.SMS):
        assert len(office.taken(channel)) == len(set(office.taken(channel)))
    sent = [(s.cause, s.channel) for s in office.said(NotificationSent)]
    back = [(f.cause, f.channel) for f in office.said(NotificationFailed)]
    assert len(sent) == len(set(sent))
    assert len(back) == len(set(back))
    assert not office.database.dead_letters
    versions = [e.version for e in office.database.events if e.key == "ada"]
    assert versions == list(range(1, len(versions) + 1))
