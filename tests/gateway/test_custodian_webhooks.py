"""Only what the custodian signed comes in, and each notification once for ever."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.custodian_signer import (
    KEY_ID,
    OTHER_ID,
    STRANGER,
    notification,
    public,
    signed,
)
from tests.gateway.worlds import NOW, House
from toolkit.gateway.lookups import KEPT_FOR, LOOKUPS_MAX, STRANGE_FOR
from toolkit.messages.webhooks import WebhookReceived

PATH = "/api/webhooks/custodian"
TOLD = notification(NOW)
ANOTHER = "00000000-0000-4000-8000-000000000000"


async def send(house, body=TOLD, headers=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = signed(raw) if headers is None else headers
    return await house.ask("POST", PATH, body=raw, headers=headers)


def kept(house):
    return [posting.cargo.message for posting in house.news.outbox.values()]


async def test_a_notification_is_kept_word_for_word(house):
    answer = await send(house)

    assert (answer.status_code, answer.json()) == (200, {"known": False})
    assert kept(house) == [
        WebhookReceived(
            provider="custodian",
            provider_event_id=TOLD["notificationId"],
            provider_event_type="transactions.inbound",
            payload=json.dumps(TOLD),
            received_at=NOW,
        )
    ]


async def test_a_replay_is_welcome_and_changes_nothing(house):
    await send(house)
    house.clock.at += timedelta(days=3)

    answer = await send(house)

    assert (answer.status_code, answer.json()) == (200, {"known": True})
    assert len(kept(house)) == 1


@pytest.mark.parametrize(
    ("headers", "complaint"),
    [
        ({}, "header"),
        (signed(TOLD, key=STRANGER), "does not match"),
        (signed(TOLD | {"version": 3}), "does not match"),
        (signed(TOLD, key_id=OTHER_ID), "no such key"),
        (signed(TOLD, key_id="../../v1/w3s/wallets"), "no UUID"),
        (signed(TOLD) | {"X-Circle-Signature": "not base64!"}, "no base64"),
        (signed(TOLD) | {"X-Circle-Signature": ""}, "does not match"),
        (signed(TOLD) | {"X-Circle-Signature": "AAAA" * 100}, "no base64"),
    ],
)
async def test_what_the_custodian_did_not_sign_stays_out(house, headers, complaint):
    answer = await send(house, headers=headers)

    assert answer.status_code == 400
    assert complaint in answer.text
    assert kept(house) == []


@settings(max_examples=20, deadline=None)
@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
async def test_one_flipped_bit_is_a_forgery(place, flip):
    house, body = House(), json.dumps(TOLD).encode()
    at = place % len(body)
    forged = body[:at] + bytes([body[at] ^ flip]) + body[at + 1 :]

    answer = await send(house, forged, signed(body))

    assert answer.status_code == 400
    assert kept(house) == []


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(days=4), 200),
        (timedelta(days=4, seconds=2), 400),
        (timedelta(seconds=-59), 200),
        (timedelta(seconds=-62), 400),
    ],
)
async def test_what_is_too_old_or_from_the_future_stays_out(house, age, status):
    answer = await send(house, notification(NOW - age))

    assert answer.status_code == status
    assert len(kept(house)) == (status == 200)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"\xff",
        b"{",
        json.dumps(TOLD | {"notificationId": 7}).encode(),
        json.dumps(TOLD | {"notificationId": "7"}).encode(),
        json.dumps(TOLD | {"notificationType": "a b"}).encode(),
        json.dumps(TOLD | {"timestamp": "yesterday"}).encode(),
        json.dumps(TOLD | {"timestamp": "2026-13-45T00:00:00Z"}).encode(),
        json.dumps({k: v for k, v in TOLD.items() if k != "timestamp"}).encode(),
    ],
)
async def test_what_is_signed_and_no_notification_is_refused(house, body):
    answer = await send(house, body)

    assert answer.status_code == 400
    assert kept(house) == []


async def test_a_key_is_looked_up_once_a_day(house):
    for number in range(5):
        await send(house, notification(NOW, id=f"{number:08}-0000-4000-8000-000000000000"))
    assert house.lookup.asked == [KEY_ID]

    house.clock.at += KEPT_FOR
    await send(house)

    assert house.lookup.asked == [KEY_ID, KEY_ID]


async def test_a_rotated_key_is_found_beside_the_old_one(house):
    house.lookup.keys[OTHER_ID] = public(STRANGER)
    body = json.dumps(notification(NOW, id=ANOTHER)).encode()

    first = await send(house)
    second = await send(house, body, signed(body, STRANGER, OTHER_ID))

    assert (first.status_code, second.status_code) == (200, 200)


async def test_a_key_that_cannot_be_asked_for_is_no_refusal(house):
    house.lookup.is_down = True
    assert (await send(house)).status_code == 503

    house.lookup.is_down = False
    assert (await send(house)).status_code == 200


async def test_an_unknown_key_is_asked_for_again_after_a_while(house):
    headers = signed(TOLD, STRANGER, OTHER_ID)
    for _ in range(3):
        await send(house, headers=headers)
    assert house.lookup.asked == [OTHER_ID]

    house.lookup.keys[OTHER_ID] = public(STRANGER)
    house.clock.at += STRANGE_FOR

    assert (await send(house, headers=headers)).status_code == 200


async def test_made_up_key_ids_do_not_wear_out_the_custodian(house):
    answers = []
    for number in range(LOOKUPS_MAX + 5):
        made_up = f"{number:08}-0000-4000-8000-000000000000"
        answers.append(await send(house, headers=signed(TOLD, STRANGER, made_up)))

    assert [a.status_code for a in answers] == [400] * LOOKUPS_MAX + [503] * 5
    assert len(house.lookup.asked) == LOOKUPS_MAX


@pytest.mark.parametrize(
    "key",
    [
        "no base64",
        "AAAA",
        public(rsa.generate_private_key(public_exponent=65_537, key_size=2048)),
        public(ec.derive_private_key(7, ec.SECP384R1())),
    ],
    ids=["no base64", "no key", "RSA", "another curve"],
)
async def test_a_key_of_another_kind_verifies_nothing(house, key):
    house.lookup.keys[KEY_ID] = key

    assert (await send(house)).status_code == 400


async def test_the_custodian_may_ask_whether_somebody_listens(house):
    answer = await house.ask("HEAD", PATH)

    assert (answer.status_code, answer.content) == (200, b"")


async def test_without_a_custodian_there_is_nothing_to_tell(house):
    object.__setattr__(house.app.state.ports, "custodian_keys", None)

    answer = await send(house)

    assert (answer.status_code, "No custodian is connected" in answer.text) == (404, True)
