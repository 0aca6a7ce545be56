"""Who is on Discord is told once, in words, whatever Discord makes of it."""

from datetime import timedelta

import pytest

from sims.world.faults import CALM, Faults
from tests.notifications.office import (
    ADA,
    BOB,
    CLOSED,
    CREATED,
    STRANGER,
    Office,
    cause,
    delivered,
    held,
    opened,
    wish,
)
from toolkit.core.message import named
from toolkit.core.money import Money
from toolkit.messages.escrow import Rail
from toolkit.messages.notifications import NotificationFailed, NotificationSent
from toolkit.messages.payments import ChargebackOpened, PaymentFailed
from toolkit.notifications.audience import OPERATIONS_ID

BUYERS = (ADA, "**1,250.00 USD received for contract C1**")
SELLERS = (BOB, "**1,250.00 USD is held for contract C1**")


@pytest.fixture
def office():
    return opened()


def test_both_sides_are_told_in_their_own_words(office):
    office.hears(held())
    office.passes(minutes=1)
    assert sorted(office.letters) == sorted([BUYERS, SELLERS])


def test_the_outcome_names_its_cause_and_is_numbered_for_its_person(office):
    office.hears(held())
    office.passes(minutes=1)
    (sent,) = [s for s in office.said(NotificationSent) if s.recipient_id == "ada"]
    assert sent.cause == str(cause())
    assert sent.notification_id == str(named(cause(), "ada/DISCORD"))
    assert sent.attempts == 1
    versions = [e.version for e in office.database.events if e.key == "ada"]
    assert versions == [1, 2]


def test_a_conversation_is_opened_once(office):
    for number in range(3):
        office.hears(held(number))
        office.passes(minutes=1)
    assert office.discord.opened == 2
    calls_for_three = office.discord.calls
    office.hears(held(4))
    office.passes(minutes=1)
    assert office.discord.calls == calls_for_three + 2  # one message each


def test_nobody_is_told_who_did_not_ask_to_be():
    office = Office()
    office.wishes(wish("ada", ADA, is_enabled=False), wish("bob", None))
    office.hears(delivered(CREATED, "created"), held())
    office.passes(minutes=1)
    assert not office.letters


def test_what_is_muted_is_not_told_and_the_rest_is(office):
    office.wishes(wish("ada", ADA, muted=("EscrowFundsHeld",)))
    office.hears(held())
    office.passes(minutes=1)
    assert office.letters == [SELLERS]


def test_payments_heard_of_before_their_escrow_are_told_when_it_is_known():
    office = Office()
    office.wishes(wish("ada", ADA))
    failed = PaymentFailed(
        escrow_id="E1", payment_id="P1", rail=Rail.STRIPE, reason="no money"
    )
    office.hears(delivered(failed, "failed"))
    office.passes(minutes=1)
    assert not office.letters
    office.hears(delivered(CREATED, "created"))
    office.passes(minutes=10)
    assert [who for who, _ in office.letters] == [ADA]


def test_those_on_call_hear_of_a_chargeback(office):
    office.wishes(wish(OPERATIONS_ID, "80351110224672222"))
    opened_ = ChargebackOpened(
        escrow_id="E1", payment_id="P1", dispute_ref="dp_1", amount=Money(5_00)
    )
    office.hears(delivered(opened_, "chargeback"))
    office.passes(minutes=1)
    assert ("80351110224672222", r"**Chargeback dp\_1**") in office.letters


def test_a_channel_that_is_not_connected_fails_with_that_reason():
    office = Office(is_connected=False)
    office.wishes(wish("ada", ADA))
    office.hears(delivered(CREATED, "created"), held())
    office.passes(minutes=1)
    (failed,) = office.said(NotificationFailed)
    assert failed.reason == "the channel DISCORD is not connected"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (CLOSED, 50_007),
        (STRANGER, 10_013),
        ("80351110224670278", 50_278),
        ("80351110224670033", 50_033),
    ],
)
def test_an_address_that_refuses_is_asked_once_and_then_left_alone(address, code):
    office = Office()
    office.wishes(wish("ada", address))
    office.hears(delivered(CREATED, "created"), held(1))
    office.passes(minutes=30)
    calls = office.discord.calls
    office.hears(held(2))
    office.passes(minutes=30)
    (failed,) = office.said(NotificationFailed)
    assert failed.reason.startswith(f"{code}: ")
    assert office.preference("ada").problem == failed.reason
    assert office.discord.calls == calls
    assert not office.database.agenda


def test_an_address_that_is_set_again_is_tried_again():
    office = Office()
    office.wishes(wish("ada", CLOSED))
    office.hears(delivered(CREATED, "created"), held(1))
    office.passes(minutes=1)
    office.wishes(wish("ada", ADA))
    office.hears(held(2))
    office.passes(minutes=1)
    assert office.letters == [BUYERS]


def test_another_refusal_costs_the_letter_and_not_the_address(office):
    office.discord.refusing[ADA] = 50_035
    office.hears(held(1))
    office.passes(minutes=1)
    office.discord.refusing.clear()
    office.hears(held(2))
    office.passes(minutes=1)
    assert [f.recipient_id for f in office.said(NotificationFailed)] == ["ada"]
    assert office.letters.count(BUYERS) == 1


def test_conversations_opened_too_fast_wait_as_long_as_it_takes(office):
    office.discord.refusing[ADA] = 40_003
    office.hears(held())
    office.passes(minutes=1)
    calls = office.discord.calls
    office.passes(minutes=8)
    assert office.discord.calls == calls
    office.discord.refusing.clear()
    office.passes(minutes=30)
    assert office.letters.count(BUYERS) == 1


def test_a_conversation_that_is_gone_is_opened_again(office):
    office.hears(held(1))
    office.passes(minutes=1)
    office.discord.delete_channel(office.preference("ada").place)
    office.hears(held(2))
    office.passes(minutes=1)
    assert office.letters.count(BUYERS) == 2
    assert office.preference("ada").place in office.discord.users


@pytest.mark.parametrize("fault", ["timed_out_after", "failed_after"])
def test_a_message_whose_answer_was_lost_is_not_sent_twice(office, fault):
    office.hears(held(1))
    office.passes(minutes=5)
    office.discord.dice.order(fault, 2)
    office.hears(held(2))
    office.passes(minutes=5)
    assert office.letters.count(BUYERS) == 2
    attempts = {
        s.attempts for s in office.said(NotificationSent) if s.cause == str(cause(2))
    }
    assert attempts == {2}


def test_after_a_long_silence_the_conversation_is_read_first(office):
    office.hears(held(1))
    office.passes(minutes=5)
    office.discord.dice.order("timed_out_after", 2)
    office.hears(held(2))
    office.passes(seconds=12)  # it is there, and we do not know
    office.discord.dice.follow(Faults(failed_before=1.0))
    office.passes(minutes=30)  # far longer than Discord remembers a nonce
    office.discord.dice.follow(CALM)
    office.passes(minutes=30)
    assert office.letters.count(BUYERS) == 2
    assert not office.database.agenda


def test_a_process_killed_after_the_message_left_does_not_send_it_again(office):
    office.hears(held(1))
    office.passes(minutes=5)
    office.hears(held(2))
    while office.letters.count(BUYERS) < 2:
        office.env.step()
    office.tasks.kill()
    office.passes(minutes=20)  # longer than any nonce is remembered
    office.start()
    office.passes(minutes=20)
    assert office.letters.count(BUYERS) == office.letters.count(SELLERS) == 2
    assert len(office.said(NotificationSent)) == 4


def test_what_stays_unanswered_for_a_day_is_given_up(office):
    office.discord.dice.follow(Faults(failed_before=1.0))
    office.hears(held())
    office.passes(days=2)
    reasons = [f.reason for f in office.said(NotificationFailed)]
    assert reasons == ["given up after a day: Discord answers 502"] * 2
    assert not office.database.agenda
    assert office.preference("ada").problem is None


def test_nobodys_words_and_addresses_are_in_the_log(office, caplog):
    office.discord.dice.follow(Faults(failed_before=1.0))
    office.hears(held())
    office.passes(hours=1)
    assert caplog.records
    assert not any(secret in caplog.text for secret in (ADA, BOB, "1,250", "C1"))


def test_retries_are_few(office):
    office.discord.dice.follow(Faults(failed_before=1.0))
    office.hears(held())
    office.passes(hours=24)
    assert office.discord.calls < 2 * timedelta(hours=24) / timedelta(minutes=2)
