"""Discord is never asked more often than it likes, as far as it has told."""

from datetime import timedelta

import pytest

from sims.world.discord.limiter import GLOBAL_PER_S, Limiter
from sims.world.faults import Faults
from tests.notifications.office import (
    ADA,
    CREATED,
    HELD,
    NOW,
    Office,
    delivered,
    held,
    opened,
    wish,
)
from toolkit.messages.notifications import NotificationSent
from toolkit.notifications.limits import CALLS_PER_S, INVALID_MAX, Limits, Route

ROUTE = Route("POST /channels/messages", "C1")
OTHER = Route("POST /channels/messages", "C2")
HEADERS = {
    "x-ratelimit-bucket": "b",
    "x-ratelimit-remaining": "2",
    "x-ratelimit-reset-after": "5.0",
}


def after(**amount):
    return NOW + timedelta(**amount)


def learned(*headers, status=200, body=None):
    limits = Limits()
    for each in headers or (HEADERS,):
        limits.take(ROUTE, NOW)
        limits.learn(ROUTE, status, each, body, NOW)
    return limits


def test_a_bucket_that_nothing_is_known_of_is_probed_by_one_call():
    limits = Limits()
    assert limits.free_at(ROUTE, NOW) == NOW
    limits.take(ROUTE, NOW)
    assert limits.free_at(ROUTE, NOW) > NOW
    assert limits.free_at(OTHER, NOW) == NOW


def test_what_is_left_may_be_used_at_once_and_then_the_window_is_awaited():
    limits = learned()
    for _ in range(2):
        assert limits.free_at(ROUTE, NOW) == NOW
        limits.take(ROUTE, NOW)
    assert limits.free_at(ROUTE, NOW) == after(seconds=5)
    assert limits.free_at(ROUTE, after(seconds=5)) == after(seconds=5)


def test_an_answer_that_is_older_than_other_calls_does_not_set_them_free():
    limits = learned()
    for _ in range(2):
        limits.take(ROUTE, NOW)
    limits.learn(ROUTE, 200, HEADERS, None, NOW)
    assert limits.free_at(ROUTE, NOW) == after(seconds=5)


def test_a_bucket_is_of_one_channel():
    limits = learned(HEADERS | {"x-ratelimit-remaining": "0"})
    assert limits.free_at(ROUTE, NOW) == after(seconds=5)
    assert limits.free_at(OTHER, NOW) == NOW


def test_a_route_without_a_limit_is_free():
    assert learned({}).free_at(ROUTE, NOW) == NOW


@pytest.mark.parametrize(
    ("headers", "body", "wait_s"),
    [
        ({"retry-after": "65"}, {"retry_after": 64.57}, 65),
        ({}, {"retry_after": 64.5}, 64.5),
        ({"retry-after": "soon"}, "<html>", 5),
        ({"retry-after": "nan"}, None, 5),
    ],
)
def test_how_long_to_wait_is_believed_where_it_can_be_read(headers, body, wait_s):
    limits = learned(HEADERS | headers, status=429, body=body)
    assert limits.free_at(ROUTE, NOW) == after(seconds=wait_s)
    assert limits.free_at(OTHER, NOW) == NOW


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (HEADERS | {"retry-after": "3"}, {"global": True}),
        (HEADERS | {"retry-after": "3", "x-ratelimit-global": "true"}, None),
        ({"retry-after": "3"}, "<html>error 1015</html>"),
    ],
)
def test_a_global_refusal_closes_every_route(headers, body):
    assert learned(headers, status=429, body=body).free_at(OTHER, NOW) == after(seconds=3)


def test_all_routes_together_stay_below_the_global_limit():
    limits = Limits()
    for number in range(CALLS_PER_S):
        limits.take(Route("GET", str(number)), NOW)
    assert CALLS_PER_S < GLOBAL_PER_S
    assert limits.free_at(ROUTE, NOW) == after(seconds=1)


def test_a_wrong_token_closes_everything_for_a_while():
    assert learned({}, status=401).free_at(OTHER, NOW) == after(minutes=5)


def test_refusals_stop_long_before_they_are_banned_for():
    limits = Limits()
    for _ in range(INVALID_MAX):
        limits.learn(ROUTE, 403, {}, None, NOW)
    assert Limiter().ban_at > INVALID_MAX
    assert limits.free_at(OTHER, after(seconds=1)) == after(minutes=10)


def test_a_shared_limit_is_not_held_against_us():
    limits = learned(HEADERS | {"x-ratelimit-scope": "shared"}, status=429)
    assert not limits.invalid


def told(number):
    """One more thing for Ada to hear, of an escrow that is hers."""
    return delivered(HELD, f"held {number}")


def test_a_hundred_letters_to_one_person_take_their_time_and_no_refusal():
    office = Office()
    office.wishes(wish("ada", ADA))
    office.hears(delivered(CREATED, "created"), *(told(n) for n in range(100)))
    office.passes(minutes=30)
    sent = office.discord.sent()
    assert len(sent) == 100
    assert not office.discord.limiter.invalid
    assert sent[-1].sent_at - sent[0].sent_at > timedelta(seconds=100 / 5 * 4)


def test_letters_to_a_hundred_people_break_no_limit_either():
    office = Office()
    people = [f"p{number:03}" for number in range(100)]
    office.wishes(
        *(wish(p, f"8035111022467{n:04}9") for n, p in enumerate(people, start=1_000))
    )
    for number, person_id in enumerate(people):
        escrow = {"escrow_id": f"E{number}"}
        created = type(CREATED)(
            **escrow,
            contract_id=f"C{number}",
            buyer_id=person_id,
            seller_id="nobody",
            amount=CREATED.amount,
            rail=CREATED.rail,
        )
        event = type(HELD)(**escrow, payment_id="P", amount=HELD.amount, held_at=NOW)
        office.hears(
            delivered(created, f"created {number}"), delivered(event, f"held {number}")
        )
    office.passes(minutes=30)
    assert len({m.recipient_id for m in office.discord.sent()}) == 100
    assert not office.discord.limiter.invalid


def test_what_discord_slows_down_is_told_in_the_end():
    office = opened()
    office.discord.dice.follow(Faults(rate_limited=0.5))
    for number in range(10):
        office.hears(held(number))
    office.passes(hours=2)
    assert len(office.said(NotificationSent)) == len(office.discord.sent()) == 20


def test_a_ban_is_waited_out():
    office = opened()
    office.discord.limiter.banned_until = NOW + timedelta(hours=1)
    office.hears(held())
    office.passes(minutes=59)
    assert office.discord.calls < 5
    office.passes(hours=2)
    assert len(office.letters) == 2
