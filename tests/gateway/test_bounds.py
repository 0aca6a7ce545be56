"""What is too much, too often, too deep or too slow is refused before it costs anything."""

import asyncio
import json

import pytest

from tests.gateway.examples import EXAMPLES
from tests.gateway.worlds import ADA, BOB, MARKET, House
from toolkit.core.rate import MemoryRates, Rate
from toolkit.gateway.limits import Limits
from toolkit.projections.queries import MemoryQueries

LOOK = "/api/projections/escrow/E1"
DISPUTE = "/api/escrow/E1/dispute"


@pytest.fixture
def hurried():
    """A house where an address may call twelve times, a person three, a service six."""
    house = House()
    house.clock_s = 0.0
    limits = Limits(
        rates=MemoryRates(lambda: house.clock_s),
        address=Rate(name="address", per_s=1, burst=12),
        person=Rate(name="person", per_s=1, burst=3),
        service=Rate(name="service", per_s=1, burst=6),
    )
    object.__setattr__(house.app.state.ports, "limits", limits)
    return house


async def statuses(house, count, *asked, **other):
    return [(await house.ask(*asked, **other)).status_code for _ in range(count)]


async def test_a_person_who_asks_too_often_is_told_how_long_to_wait(hurried):
    assert await statuses(hurried, 5, "GET", LOOK, ADA) == [200] * 3 + [429] * 2
    answer = await hurried.ask("GET", LOOK, ADA)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/too-many-requests"
    hurried.clock_s += int(answer.headers["retry-after"])
    assert await statuses(hurried, 2, "GET", LOOK, ADA) == [200, 429]


async def test_nobody_is_refused_because_of_somebody_else(hurried):
    await statuses(hurried, 5, "GET", LOOK, ADA)
    assert await statuses(hurried, 1, "GET", LOOK, BOB) == [200]


async def test_a_service_may_ask_more_often_than_a_person(hurried):
    body = EXAMPLES["POST", "/api/contracts/{contract_id}/executed"].body
    asked = ("POST", "/api/contracts/C1/executed", MARKET)
    assert await statuses(hurried, 7, *asked, body=body) == [202] * 6 + [429]


async def test_an_address_is_counted_before_its_token_is_read(hurried):
    wrong = {"Authorization": "Bearer wrong"}
    assert await statuses(hurried, 14, "GET", LOOK, wrong) == [401] * 12 + [429] * 2


async def test_what_was_refused_was_not_done_and_may_be_asked_again(hurried):
    await statuses(hurried, 4, "GET", LOOK, ADA)
    refused = await hurried.ask("POST", "/api/escrow/E1/release", ADA, key="k")
    assert refused.status_code == 429
    assert not hurried.broker.said
    hurried.clock_s += 5
    done = await hurried.ask("POST", "/api/escrow/E1/release", ADA, key="k")
    assert done.status_code == 202


async def test_every_answer_says_how_much_is_left(hurried):
    answer = await hurried.ask("GET", LOOK, ADA)
    assert answer.headers["ratelimit"] == '"address";r=11;t=0, "person";r=2;t=0'
    assert answer.headers["ratelimit-policy"] == ('"address";q=12;w=12, "person";q=3;w=3')


async def test_who_watches_our_health_is_never_turned_away(hurried):
    assert set(await statuses(hurried, 30, "GET", "/health/live")) == {200}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Long": "x" * 16_400}, 431),
        ({f"X-{n}": "x" for n in range(101)}, 431),
        ({"X-Long": "x" * 12_000}, 200),
    ],
    ids=["too long", "too many", "long enough"],
)
async def test_headers_are_of_a_sensible_size(house, headers, status):
    assert (await house.ask("GET", "/health/live", headers=headers)).status_code == status


async def test_an_endless_path_is_not_looked_up(house):
    answer = await house.ask("GET", "/api/projections/escrow/" + "E" * 5_000, ADA)
    assert answer.status_code == 414


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 4_000, "nested-too-deep"),
        (b'{"reason":' * 17 + b"1" + b"}" * 17, "nested-too-deep"),
        (json.dumps({"reason": "[" * 500}).encode(), None),
        (json.dumps({"reason": '"[' * 500}).encode(), None),
    ],
    ids=["arrays", "objects", "in a text", "in a text with quotes"],
)
async def test_json_is_only_as_deep_as_anybody_needs(house, body, code):
    answer = await house.ask("POST", DISPUTE, ADA, key="k", body=body)
    if code is None:
        assert answer.status_code == 202
    else:
        assert (answer.status_code, answer.json()["type"]) == (400, f"/problems/{code}")


async def test_a_body_that_dribbles_in_is_not_waited_for(house):
    object.__setattr__(house.app.state.ports, "body_within_s", 0.05)

    async def dribble():
        yield b'{"reason": '
        await asyncio.sleep(0.2)
        yield b'"slow"}'

    async with house.client() as client:
        headers = {**ADA, "Idempotency-Key": "k", "Content-Type": "application/json"}
        answer = await client.post(DISPUTE, headers=headers, content=dribble())
    assert (answer.status_code, answer.json()["type"]) == (408, "/problems/request-timeout")
    assert not house.broker.said


@pytest.mark.parametrize(
    ("path", "field", "who"),
    [
        (DISPUTE, "reason", ADA),
        ("/api/escrow/E1/mark-delivered", "evidence", BOB),
    ],
)
async def test_a_card_number_is_refused_and_repeated_nowhere(
    house, caplog, path, field, who
):
    body = {field: "refund it to 4242 4242 4242 4242 please"}
    answer = await house.ask("POST", path, who, key="k", body=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == f"body.{field}"
    assert "card number" in error["problem"]
    assert "4242" not in answer.text + caplog.text
    assert not house.broker.said
    assert not house.keys.answers


@pytest.mark.parametrize("asked", ["/health/live", LOOK, "/nowhere", DISPUTE])
async def test_every_answer_carries_the_headers_of_a_safe_one(house, asked):
    answer = await house.ask("GET", asked)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_mistake_of_ours_is_answered_as_one_and_tells_nothing(
    house, caplog, monkeypatch
):
    async def broken(*_):
        raise RuntimeError("secret inner workings")

    monkeypatch.setattr(MemoryQueries, "escrow", broken)
    answer = await house.ask("GET", LOOK, ADA)
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/unexpected")
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret inner workings" in caplog.text
