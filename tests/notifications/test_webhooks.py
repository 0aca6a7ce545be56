"""An endpoint gets signed news, tried for three days, and nothing else of ours."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from sims.world.faults import CALM, Faults
from tests.notifications.letters import HOOK, MAKER, LetterOffice, on
from tests.notifications.office import CREATED, delivered, held
from toolkit.messages.notifications import (
    Channel,
    NotificationFailed,
    NotificationSent,
    ReplaceSecret,
    Signing,
)
from toolkit.notifications.signing import SecretMaker, signed_content
from toolkit.notifications.webhook import SCHEDULE

DOWN = Faults(failed_before=1.0)
ROTATE = ReplaceSecret(recipient_id="ada", actor_id="ada")


@pytest.fixture
def office():
    made = LetterOffice()
    made.wishes(on(Channel.WEBHOOK))
    made.hears(delivered(CREATED, "created"))
    return made


def test_a_message_names_its_type_its_moment_and_what_happened(office):
    office.hears(held())
    office.passes(minutes=1)
    (message,) = office.receiver.kept.values()
    assert message["type"] == "escrow.funds.held"
    assert message["timestamp"].endswith("Z")
    assert message["data"]["amount"] == "1,250.00 USD"
    assert message["data"]["contract_id"] == "C1"
    assert not office.receiver.forged


def test_it_is_tried_by_the_standards_schedule_and_then_given_up(office):
    office.receiver.dice.follow(DOWN)
    office.hears(held())
    office.passes(days=2)
    assert not office.said(NotificationFailed)
    office.passes(days=3)
    assert office.receiver.calls == len(SCHEDULE) + 1
    (failed,) = office.said(NotificationFailed)
    assert failed.reason.startswith("given up: ")
    assert not office.database.agenda


def test_one_endpoint_that_is_down_does_not_hold_up_another():
    office = LetterOffice()
    office.wishes(on(Channel.WEBHOOK), on(Channel.WEBHOOK, "bob", "https://x.example/gone"))
    office.hears(delivered(CREATED, "created"), held())
    office.passes(minutes=1)
    assert [s.recipient_id for s in office.said(NotificationSent)] == ["ada"]


@pytest.mark.parametrize(("path", "calls"), [("gone", 1), ("moved", 3)])
def test_a_redirect_is_no_success_and_410_ends_it(path, calls):
    office = LetterOffice()
    office.wishes(on(Channel.WEBHOOK, address=f"https://hooks.example/{path}"))
    office.hears(delivered(CREATED, "created"), held())
    office.passes(minutes=10)
    assert office.receiver.calls == calls
    assert not office.said(NotificationSent)
    problem = office.database.states["ada"].state.preference(Channel.WEBHOOK).problem
    assert (problem is not None) == (path == "gone")


def test_an_endpoint_says_how_long_it_wants_to_be_left_alone(office):
    office.receiver.dice.order("rate_limited", 1)
    office.hears(held())
    office.passes(seconds=100)
    assert office.receiver.calls == 1
    office.passes(seconds=60)
    assert office.receiver.calls == 2


def test_whoever_switches_it_off_meanwhile_is_left_alone(office):
    office.receiver.dice.follow(DOWN)
    office.hears(held())
    office.passes(minutes=10)
    calls = office.receiver.calls
    office.wishes(replace(on(Channel.WEBHOOK), is_enabled=False))
    office.receiver.dice.follow(CALM)
    office.passes(days=1)
    assert office.receiver.calls == calls
    assert len(office.said(NotificationFailed)) == 1


@pytest.mark.parametrize("serial", [1, 2])
def test_while_a_secret_is_replaced_both_verify(office, serial):
    office.hears(delivered(ROTATE, "rotate"))
    office.receiver.secrets["/hooks/ada"] = (MAKER.secret("ada", serial),)
    office.hears(held())
    office.passes(minutes=1)
    assert len(office.receiver.kept) == 1


def test_a_day_later_only_the_new_secret_does(office):
    office.hears(delivered(ROTATE, "rotate"))
    office.passes(hours=25)
    office.hears(held())
    office.passes(seconds=2)
    assert office.receiver.forged
    office.receiver.secrets["/hooks/ada"] = (MAKER.secret("ada", 2),)
    office.passes(minutes=1)
    assert len(office.receiver.kept) == 1


def test_a_new_address_has_a_secret_that_the_old_one_never_knew(office):
    office.wishes(on(Channel.WEBHOOK, address=f"{HOOK}/new"))
    office.receiver.secrets["/hooks/ada/new"] = (MAKER.secret("ada", 1),)
    office.hears(held())
    office.passes(seconds=30)
    assert not office.receiver.kept


@given(st.text(min_size=1, max_size=20), st.integers(1, 9), st.binary(max_size=50))
def test_no_two_endpoints_share_a_secret_and_none_tells_the_key(person_id, serial, key):
    maker = SecretMaker(key.ljust(32, b"."))
    secret = maker.secret(person_id, serial)
    assert 24 <= len(b64decode(secret.removeprefix("whsec_"))) <= 64
    others = {maker.secret(person_id, serial + 1), maker.secret(f"{person_id}.", serial)}
    assert secret not in others
    assert len(others) == 2
    assert "key" not in repr(maker)


def test_the_standards_own_library_verifies_what_we_sign():

    now = datetime.now(UTC)
    body, at = b'{"type":"a.b","timestamp":"x","data":{}}', int(now.timestamp())
    signed = MAKER.signatures(
        "ada",
        Signing(serial=2, previous_until=now + timedelta(hours=1)),
        signed_content("msg_1", at, body),
        now,
    )
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": signed,
    }
    for serial in (1, 2):
        checker = Webhook(MAKER.secret("ada", serial))
        assert checker.verify(body.decode(), headers)["type"] == "a.b"
