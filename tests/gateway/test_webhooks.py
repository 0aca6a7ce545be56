"""Only what Stripe signed a moment ago comes in, and each event once for ever."""

import hmac
import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature

from tests.gateway.worlds import NOW, SECRETS
from toolkit.gateway.signatures import SignatureRefused, verify
from toolkit.messages.webhooks import WebhookReceived

PATH = "/api/webhooks/stripe"
NOW_S = int(NOW.timestamp())
EVENT = {"id": "evt_1", "object": "event", "type": "charge.succeeded", "data": {"ä": 1}}
BODY = json.dumps(EVENT, ensure_ascii=False).encode()


def signed(body=BODY, secret=SECRETS[0], at=NOW_S):
    """Signed by Stripe's own library."""
    return WebhookSignature.generate_signature_header(body.decode(), secret, at)


def v1(header):
    return header.partition(",")[2]


async def send(house, header, body=BODY):
    headers = {"Stripe-Signature": header} if header is not None else {}
    return await house.ask("POST", PATH, body=body, headers=headers)


def kept(house):
    return [posting.cargo.message for posting in house.news.outbox.values()]


async def test_an_event_is_kept_word_for_word(house):
    answer = await send(house, signed())
    assert (answer.status_code, answer.json()) == (200, {"known": False})
    assert kept(house) == [
        WebhookReceived(
            provider="stripe",
            provider_event_id="evt_1",
            provider_event_type="charge.succeeded",
            payload=BODY.decode(),
            received_at=NOW,
        )
    ]


async def test_an_event_that_is_known_is_welcome_and_changes_nothing(house):
    await send(house, signed())
    answer = await send(house, signed(at=NOW_S - 5))
    assert (answer.status_code, answer.json()) == (200, {"known": True})
    assert len(kept(house)) == 1


STRANGE = signed(BODY, "whsec_stranger")
GOOD = {
    "the new secret": signed(),
    "the old secret": signed(secret=SECRETS[1]),
    "a stranger's signature before ours": f"{STRANGE},{v1(signed())}",
    "a stranger's signature after ours": f"{signed()},{v1(STRANGE)}",
    "another scheme beside it": f"{signed()},v0=abc",
    "blanks between": signed().replace(",", ", "),
    "300 s old": signed(at=NOW_S - 300),
    "60 s ahead": signed(at=NOW_S + 60),
}
BAD = {
    "nothing": None,
    "empty": "",
    "no pairs": "hello",
    "no timestamp": v1(signed()),
    "no signature": f"t={NOW_S}",
    "two timestamps": f"t={NOW_S},{signed()}",
    "only another scheme": signed().replace("v1=", "v0="),
    "the wrong secret": STRANGE,
    "the empty secret": signed(secret=""),
    "an empty signature": f"t={NOW_S},v1=",
    "a short signature": signed()[:-1],
    "a signature in capitals": f"t={NOW_S},v1={v1(signed())[3:].upper()}",
    "another timestamp than was signed": signed().replace(str(NOW_S), str(NOW_S - 1)),
    "a timestamp with a sign": signed().replace("t=", "t=+"),
    "a timestamp in other digits": signed().replace("t=1", "t=\N{ARABIC-INDIC DIGIT ONE}"),
    "a timestamp without end": signed(at=10**12),
    "301 s old": signed(at=NOW_S - 301),
    "61 s ahead": signed(at=NOW_S + 61),
    "a year old": signed(at=NOW_S - 31_536_000),
    "signatures without end": f"t={NOW_S}" + ",v1=00" * 1_000,
}


@pytest.mark.parametrize("header", GOOD.values(), ids=GOOD)
async def test_a_good_signature_is_accepted(house, header):
    assert (await send(house, header)).status_code == 200


@pytest.mark.parametrize("header", BAD.values(), ids=BAD)
async def test_a_bad_signature_is_refused_and_nothing_kept(house, header):
    answer = await send(house, header.encode() if header else header)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert not kept(house)


async def test_a_body_that_was_changed_is_refused(house):
    assert (
        await send(house, signed(), BODY.replace(b"evt_1", b"evt_2"))
    ).status_code == 400


@pytest.mark.parametrize("late", [0, 0.5, 0.999999])
def test_the_window_is_measured_to_the_microsecond(late):
    header = signed(at=NOW_S - 300)
    now = NOW + timedelta(seconds=late)
    if late:
        with pytest.raises(SignatureRefused, match="older"):
            verify(BODY, header, SECRETS, now)
    else:
        verify(BODY, header, SECRETS, now)


@given(st.binary(max_size=64), st.text(max_size=80))
def test_any_header_is_refused_and_nothing_worse(body, header):
    with pytest.raises(SignatureRefused):
        verify(body, header, SECRETS, NOW)


@given(st.text(max_size=64), st.integers(NOW_S - 300, NOW_S + 60))
def test_whatever_stripes_library_signs_is_accepted(text, at):
    body = text.encode(errors="replace")
    verify(body, signed(body, at=at), SECRETS, NOW)


NO_EVENT = (
    b"{",
    b"[]",
    b"{}",
    b"null",
    b'{"id": 1, "type": "a"}',
    b'{"id": "evt 1", "type": "a"}',
    b'{"id": "", "type": "a"}',
    b'{"id": "evt_1\\u0000", "type": "a"}',
    b'{"id": "evt_1"}',
    b"[" * 4_000,
)


@pytest.mark.parametrize("body", NO_EVENT)
async def test_what_is_signed_but_no_event_is_refused(house, body):
    answer = await send(house, signed(body), body)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/no-event")
    assert not kept(house)


async def test_bytes_that_are_no_text_are_refused(house):
    body = b"\xff\xfe"
    mac = hmac.new(SECRETS[0].encode(), f"{NOW_S}.".encode() + body, sha256).hexdigest()
    assert (await send(house, f"t={NOW_S},v1={mac}", body)).status_code == 400


def test_a_gateway_without_a_secret_does_not_start(house):
    for secrets in ((), ("",), ("whsec_1", " ")):
        with pytest.raises(ValueError, match="anybody could sign"):
            replace(house.app.state.ports, webhook_secrets=secrets)
