"""Keys are kept the same way in memory and in PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.gateway.worlds import ADA, NOW, House
from toolkit.gateway.idempotency import (
    LEASE,
    Answer,
    Busy,
    Claim,
    Different,
    Fresh,
    MemoryKeys,
)
from toolkit.gateway.store import PostgresKeys
from toolkit.infra.postgres import migrate, open_pool

GATEWAY = Path(__file__).parents[2] / "toolkit" / "gateway"
CLAIM = Claim(scope="actor:ada", key="k", fingerprint="f1", at=NOW, until=NOW + LEASE)
ANSWER = Answer(status=202, body=b'{"command_id":"\xc3\xa4"}')


def later(claim, delay):
    return replace(claim, at=claim.at + delay, until=claim.until + delay)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.embedded)])
async def keys(request):
    if request.param == "memory":
        yield MemoryKeys()
        return
    dsn = request.getfixturevalue("postgres_dsn")
    migrate(dsn, {"gateway": GATEWAY})
    async with open_pool(dsn, "gateway") as pool:
        yield PostgresKeys(pool)


async def claim(keys, asked):
    (outcome,) = await keys.claim([asked])
    return outcome


def kind(outcome):
    return type(outcome)


async def test_a_key_is_fresh_once(keys):
    assert kind(await claim(keys, CLAIM)) is Fresh
    assert kind(await claim(keys, CLAIM)) is Busy


async def test_an_answer_is_repeated_to_the_byte_for_ever(keys):
    await claim(keys, CLAIM)
    await keys.keep([(CLAIM, ANSWER)])
    assert await claim(keys, CLAIM) == ANSWER
    assert await claim(keys, later(CLAIM, timedelta(days=3_650))) == ANSWER


async def test_another_request_under_the_key_is_told_so_at_any_time(keys):
    other = replace(CLAIM, fingerprint="f2")
    await claim(keys, CLAIM)
    assert kind(await claim(keys, other)) is Different
    assert kind(await claim(keys, later(other, 2 * LEASE))) is Different
    await keys.keep([(CLAIM, ANSWER)])
    assert kind(await claim(keys, other)) is Different


async def test_the_same_key_in_another_scope_is_another_key(keys):
    await claim(keys, CLAIM)
    assert kind(await claim(keys, replace(CLAIM, scope="actor:bob"))) is Fresh


async def test_a_claim_that_ran_out_may_be_taken_over(keys):
    await claim(keys, CLAIM)
    assert kind(await claim(keys, later(CLAIM, LEASE - timedelta(seconds=1)))) is Busy
    assert kind(await claim(keys, later(CLAIM, LEASE))) is Fresh


async def test_a_claim_that_was_released_is_fresh_again(keys):
    await claim(keys, CLAIM)
    await keys.release(CLAIM)
    assert kind(await claim(keys, replace(CLAIM, fingerprint="f2"))) is Fresh


async def test_a_claim_that_was_reopened_is_fresh_for_the_same_request_alone(keys):
    await claim(keys, CLAIM)
    await keys.reopen(CLAIM)
    assert kind(await claim(keys, replace(CLAIM, fingerprint="f2"))) is Different
    assert kind(await claim(keys, CLAIM)) is Fresh
    await keys.keep([(CLAIM, ANSWER)])
    await keys.reopen(CLAIM)
    assert await claim(keys, CLAIM) == ANSWER


async def test_nobody_releases_what_another_has_taken_over(keys):
    await claim(keys, CLAIM)
    taken = later(CLAIM, LEASE)
    await claim(keys, taken)
    await keys.release(CLAIM)
    assert kind(await claim(keys, taken)) is Busy


async def test_an_answer_cannot_be_released_or_replaced(keys):
    await claim(keys, CLAIM)
    await keys.keep([(CLAIM, ANSWER)])
    await keys.release(CLAIM)
    await keys.keep([(CLAIM, Answer(status=500, body=b""))])
    assert await claim(keys, CLAIM) == ANSWER


async def test_of_many_at_once_one_is_first(keys):
    outcomes = await asyncio.gather(*(claim(keys, CLAIM) for _ in range(20)))
    assert [kind(o) for o in outcomes].count(Fresh) == 1


async def test_twins_that_are_claimed_together_take_turns(keys):
    other = replace(CLAIM, key="k2")
    different = replace(CLAIM, fingerprint="f2")
    outcomes = await keys.claim([CLAIM, other, replace(CLAIM), different])
    assert [kind(o) for o in outcomes] == [Fresh, Fresh, Busy, Different]


async def test_answers_that_are_kept_together_are_each_kept(keys):
    other = replace(CLAIM, key="k2")
    await keys.claim([CLAIM, other])
    theirs = Answer(status=202, body=b"{}")
    await keys.keep([(CLAIM, ANSWER), (other, theirs), (CLAIM, ANSWER)])
    assert await keys.claim([other, CLAIM]) == [theirs, ANSWER]


async def test_a_hundred_twins_at_the_gateway_have_one_effect(keys):
    house = House(keys=keys)
    path = "/api/escrow/E1/release"
    answers = await asyncio.gather(
        *(house.ask("POST", path, ADA, key="k") for _ in range(100))
    )
    accepted = {a.content for a in answers if a.status_code == 202}
    assert {a.status_code for a in answers} <= {202, 409}
    assert len(house.broker.said) == 1
    assert accepted == {(await house.ask("POST", path, ADA, key="k")).content}
