"""Buckets in Redis, so that all gateways count together; each alone while it is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from toolkit.core.rate import MemoryRates, Rates, Verdict, Wanted, verdict

log = logging.getLogger(__name__)

WITHIN_S = 0.1  # longer than that, a request would rather be counted here
AWAY_S = 5.0
# The same bucket as `toolkit.core.rate`, by the clock of Redis: one for all who ask.
TAKE = """
    local now = redis.call('TIME')
    local now_s = tonumber(now[1]) + tonumber(now[2]) / 1000000
    local answers = {}
    for place, name in ipairs(KEYS) do
      local token_s, fill_s = tonumber(ARGV[2 * place - 1]), tonumber(ARGV[2 * place])
      local full_at_s = tonumber(redis.call('GET', name) or now_s)
      local after_s = math.max(full_at_s - now_s, 0) + token_s
      if after_s <= fill_s + 1e-9 then
        redis.call('SET', name, string.format('%.6f', now_s + after_s),
          'PX', math.ceil(after_s * 1000))
      end
      answers[place] = string.format('%.6f', after_s)
    end
    return answers
"""


class RedisRates:
    """Counts in Redis, and in `fallback` while Redis does not answer: never not at all."""

    def __init__(
        self,
        url: str,
        fallback: Rates | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = Redis.from_url(
            url, socket_timeout=WITHIN_S, socket_connect_timeout=WITHIN_S
        )
        self._take = self._redis.register_script(TAKE)
        self._fallback = fallback or MemoryRates(now_s)
        self._now_s, self._back_s = now_s, float("-inf")

    async def take(self, wanted: Sequence[Wanted]) -> Sequence[Verdict]:
        if self._now_s() >= self._back_s:
            try:
                return await self._ask(wanted)
            except (RedisError, OSError) as failure:
                self._back_s = self._now_s() + AWAY_S
                log.warning("rates are counted here for %s s: %r", AWAY_S, failure)
        return await self._fallback.take(wanted)

    async def close(self) -> None:
        await self._redis.aclose()

    async def _ask(self, wanted: Sequence[Wanted]) -> Sequence[Verdict]:
        found = await self._take(
            keys=[f"rate:{one.rate.name}:{one.whose}" for one in wanted],
            args=[f"{s:.6f}" for w in wanted for s in (1 / w.rate.per_s, w.rate.fill_s)],
        )
        return [
            verdict(one.rate, float(after_s))
            for one, after_s in zip(wanted, found, strict=True)
        ]
