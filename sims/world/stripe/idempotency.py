"""Idempotency keys as v1 of the API keeps them: the first outcome is the only one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sims.world.stripe.errors import StripeError
from sims.world.stripe.response import Response

KEPT_FOR = timedelta(hours=24)
KEY_LENGTH_MAX = 255


@dataclass(frozen=True, slots=True)
class Outcome:
    fingerprint: str
    response: Response
    stored_at: datetime
    busy_until: datetime


@dataclass(slots=True)
class IdempotencyKeys:
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    replays: int = 0

    def replay(self, key: str, asked: str, now: datetime) -> Response | None:
        """The stored outcome of this key, if there is one and it is the same question."""
        if len(key) > KEY_LENGTH_MAX:
            raise StripeError(
                400,
                "invalid_request_error",
                f"Idempotency keys have at most {KEY_LENGTH_MAX} characters.",
                is_stored=False,
            )
        self._expire(now)
        outcome = self.outcomes.get(key)
        if outcome is None:
            return None
        if outcome.fingerprint != asked:
            raise StripeError(
                400,
                "idempotency_error",
                "Keys for idempotent requests can only be used with the same parameters "
                f"they were first used with. Try using a key other than '{key}' if you "
                "meant to execute a different request.",
                is_stored=False,
            )
        if now < outcome.busy_until:
            raise StripeError(
                409,
                "idempotency_error",
                "There is currently another in-progress request using this idempotency "
                f"key: {key}.",
                code="idempotency_key_in_use",
                is_stored=False,
            )
        self.replays += 1
        return outcome.response.replayed()

    def store(
        self,
        key: str,
        asked: str,
        response: Response,
        now: datetime,
        busy_until: datetime,
    ) -> None:
        self.outcomes[key] = Outcome(asked, response, now, busy_until)

    def _expire(self, now: datetime) -> None:
        while self.outcomes:
            oldest = next(iter(self.outcomes))
            if now - self.outcomes[oldest].stored_at < KEPT_FOR:
                return
            del self.outcomes[oldest]
