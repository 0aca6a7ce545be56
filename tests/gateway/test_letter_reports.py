"""Only what SendGrid and Twilio signed is believed, and a letter comes back once."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.letter_signer import (
    BOUNCE,
    FORM,
    LETTER,
    STRANGER,
    TWILIO_PATH,
    form_signed,
    mail_signed,
)
from tests.gateway.worlds import NOW, House
from toolkit.messages.notifications import NotificationFailed

SENDGRID = "/api/webhooks/sendgrid"


async def mail(house, *events, at=NOW, headers=None):
    raw = json.dumps(events).encode()
    return await house.ask(
        "POST", SENDGRID, body=raw, headers=headers or mail_signed(raw, at)
    )


async def sms(house, form=None, path=TWILIO_PATH, **other):
    form = form or FORM
    headers = form_signed(form, path, **other)
    return await house.ask("POST", path, body=urlencode(form).encode(), headers=headers)


def failed(house):
    return [e.message for e in house.people.events if type(e.message) is NotificationFailed]


async def test_a_mail_that_bounced_is_taken_back_once(house):
    first = await mail(house, BOUNCE)
    again = await mail(house, BOUNCE, at=NOW + timedelta(seconds=30))
    assert (first.json(), again.json()) == ({"known": False}, {"known": True})
    (told,) = failed(house)
    assert (told.notification_id, told.is_return) == (LETTER["notification_id"], True)
    assert told.reason == "bounced: 5.1.1"


async def test_nothing_that_is_kept_quotes_the_address(house):
    await mail(house, BOUNCE)
    await sms(house)
    kept = (house.people.states, house.people.events, house.people.outbox)
    assert "ada@example.org" not in repr(kept)
    assert not house.news.outbox  # nor does the broker hear of it


async def test_an_sms_that_did_not_arrive_is_taken_back_once(house):
    answers = [(await sms(house)).json()["known"] for _ in range(2)]
    assert answers == [False, True]
    assert [f.reason for f in failed(house)] == ["undelivered: 30005"]


@pytest.mark.parametrize("status", ["queued", "sent", "delivered"])
async def test_what_is_on_its_way_or_there_changes_nothing(house, status):
    answer = await sms(house, {**FORM, "MessageStatus": status})
    assert answer.status_code == 200
    delivered = {**BOUNCE, "event": "delivered"}
    assert (await mail(house, delivered, {"event": "open"}, 7)).status_code == 200
    assert not failed(house)


async def test_what_a_stranger_signed_is_turned_away(house):
    raw = json.dumps([BOUNCE]).encode()
    forged = await mail(house, BOUNCE, headers=mail_signed(raw, NOW, STRANGER))
    guessed = await sms(house, token="guessed")  # noqa: S106 - it guards nothing
    assert (forged.status_code, guessed.status_code) == (400, 400)
    assert not failed(house)


async def test_a_letter_cannot_be_swapped_in_a_signed_callback(house):
    headers = form_signed(FORM)
    other = TWILIO_PATH.replace("ada", "bob")
    body = urlencode(FORM).encode()
    answer = await house.ask("POST", other, body=body, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("away", [timedelta(days=5), timedelta(minutes=-5)])
async def test_an_old_or_future_report_is_turned_away(house, away):
    answer = await mail(house, BOUNCE, at=NOW - away)
    assert answer.json()["type"] == "/problems/bad-timestamp"


@pytest.mark.parametrize("field", sorted(LETTER))
@pytest.mark.parametrize("value", [None, 7, "", "../x", "x" * 300])
async def test_what_names_no_letter_of_ours_is_passed_over(house, field, value):
    answer = await mail(house, {**BOUNCE, field: value})
    assert (answer.status_code, failed(house)) == (200, [])


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_no_body_is_too_strange(body):
    import asyncio

    async def check():
        headers = mail_signed(body, NOW)
        answer = await House().ask("POST", SENDGRID, body=body, headers=headers)
        assert answer.status_code in (200, 400)

    asyncio.run(check())
