"""Discord's port keeps its promises in the simulator and over HTTP."""

from contextlib import asynccontextmanager
from random import Random

import pytest
import simpy

from sims.world.discord import DiscordModel
from sims.world.discord.http import Face, application
from sims.world.discord.model import BOT_ID, NONCE_WINDOW
from sims.world.messenger import SimDiscord
from tests.sims.stripe.stripe_faces import HandClock, served
from toolkit.core.errors import Unavailable
from toolkit.infra import discord

ADA = "80351110224678912"
TOKEN = "sandbox"  # noqa: S105 - it guards nothing


class InTurn:
    """Lets SimPy run whatever a simulated call waits for."""

    def __init__(self, api, env):
        self._api, self._env = api, env

    async def call(self, *given):
        return self._env.run(until=self._env.process(self._api.call(*given)))


@asynccontextmanager
async def simulated(model):
    env = simpy.Environment()
    yield InTurn(SimDiscord(env, Random(7), model), env)


@asynccontextmanager
async def over_http(model):
    with served(Face(model=model), application) as url:
        async with discord.connect(TOKEN, url) as api:
            yield api


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def model(clock):
    return DiscordModel(now=clock.now)


@pytest.fixture(params=[simulated, pytest.param(over_http, marks=pytest.mark.embedded)])
async def api(request, model):
    async with request.param(model) as opened:
        yield opened


async def opened(api, user=ADA):
    reply = await api.call("POST", "/users/@me/channels", {"recipient_id": user})
    return reply.body["id"]


async def posted(api, place, content="hello", nonce="n1", **other):
    body = {"content": content, "nonce": nonce, "enforce_nonce": True, **other}
    return await api.call("POST", f"/channels/{place}/messages", body)


async def test_a_conversation_is_the_same_however_often_it_is_opened(api):
    assert await opened(api) == await opened(api)


async def test_a_nonce_makes_one_message_for_a_few_minutes(api, model, clock):
    place = await opened(api)
    first, again = [await posted(api, place) for _ in range(2)]
    clock.at += NONCE_WINDOW * 2
    later = await posted(api, place)
    assert first.body["id"] == again.body["id"] != later.body["id"]
    assert len(model.sent()) == 2


async def test_a_conversation_is_read_from_a_message_on_and_tells_no_nonce(api, clock):
    place = await opened(api)
    made = []
    for number in range(3):
        clock.advance(seconds=10)
        made.append((await posted(api, place, f"m{number}", f"n{number}")).body["id"])
    page = await api.call(
        "GET", f"/channels/{place}/messages", {"after": made[0], "limit": 100}
    )
    assert [message["id"] for message in page.body] == [made[2], made[1]]
    assert page.body[0]["author"]["id"] == BOT_ID
    assert "nonce" not in page.body[0]


async def test_what_is_left_of_a_bucket_is_told(api):
    reply = await posted(api, await opened(api))
    assert reply.headers["x-ratelimit-remaining"] == "4"
    assert float(reply.headers["x-ratelimit-reset-after"]) == 5.0


async def test_one_call_too_many_is_refused_with_the_time_to_wait(api):
    place = await opened(api)
    replies = [await posted(api, place, nonce=f"n{n}") for n in range(6)]
    assert [r.status for r in replies] == [200] * 5 + [429]
    assert replies[-1].body["global"] is False
    assert float(replies[-1].headers["retry-after"]) == 5.0
    assert replies[-1].headers["x-ratelimit-scope"] == "user"


async def test_the_global_limit_is_told_as_such(api, model, clock):
    model.limiter.calls.extend([clock.now()] * 50)
    reply = await api.call("POST", "/users/@me/channels", {"recipient_id": ADA})
    assert (reply.status, reply.body["global"]) == (429, True)


@pytest.mark.parametrize(
    ("user", "status", "code"),
    [
        ("80351110224670013", 404, 10_013),
        ("80351110224670033", 400, 50_033),
        ("80351110224670007", 403, 50_007),
        ("80351110224670278", 403, 50_278),
    ],
)
async def test_a_user_who_cannot_be_told_anything_refuses(api, user, status, code):
    reply = await api.call("POST", "/users/@me/channels", {"recipient_id": user})
    if reply.status == 200:
        reply = await posted(api, reply.body["id"])
    assert (reply.status, reply.body["code"]) == (status, code)


@pytest.mark.parametrize(
    "body", [{"content": ""}, {"content": "x" * 2_001}, {"nonce": "x" * 26}]
)
async def test_a_body_that_is_too_long_is_refused(api, body):
    reply = await posted(api, await opened(api), **body)
    assert (reply.status, reply.body["code"]) == (400, 50_035)


async def test_an_unknown_conversation_is_not_found(api):
    reply = await posted(api, "1")
    assert (reply.status, reply.body["code"]) == (404, 10_003)


@pytest.mark.embedded
async def test_a_wrong_token_is_refused(model):
    model.token = "another"  # noqa: S105 - it guards nothing
    async with over_http(model) as api:
        reply = await api.call("POST", "/users/@me/channels", {"recipient_id": ADA})
    assert reply.status == 401


async def test_a_ban_is_no_json(api, model, clock):
    model.limiter.banned_until = clock.now() + NONCE_WINDOW
    reply = await api.call("POST", "/users/@me/channels", {"recipient_id": ADA})
    assert (reply.status, reply.headers["retry-after"]) == (429, "3600")
    assert isinstance(reply.body, str)


async def test_a_time_out_may_hide_a_message(api, model):
    place = await opened(api)
    model.dice.order("timed_out_after", 1)
    with pytest.raises(Unavailable):
        await posted(api, place)
    assert len(model.sent()) == 1


async def test_a_lost_call_does_nothing(api, model):
    place = await opened(api)
    model.dice.order("call_lost", 1)
    with pytest.raises(Unavailable):
        await posted(api, place)
    assert not model.sent()


async def test_mentions_are_heard_unless_they_are_switched_off(api, model):
    place = await opened(api)
    await posted(api, place, "@everyone")
    await posted(api, place, "@everyone", "n2", allowed_mentions={"parse": []})
    assert [message.pings for message in model.sent()] == [("@everyone",), ()]
