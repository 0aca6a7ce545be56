"""The model of Stripe behind both faces: one entrance, no clock or dice of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sims.world.calls import ProviderTimeout, fingerprint
from sims.world.faults import CALM, ROGUE_MOVEMENT, CallFault, Dice, Faults
from sims.world.stripe import control, rogue, router, wire
from sims.world.stripe.books import Books, Request
from sims.world.stripe.errors import StripeError
from sims.world.stripe.idempotency import IdempotencyKeys
from sims.world.stripe.ids import Ids
from sims.world.stripe.records import Event
from sims.world.stripe.response import Response
from sims.world.stripe.webhooks import Secret, Secrets
from sims.world.webhooks import Delivery, Webhooks

CONTROL = "/_sandbox/"


class StripeModel:
    """Equal seeds, clocks and calls give equal answers, to the byte."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        seed: int,
        faults: Faults = CALM,
        webhook_secret: str | None = None,
        enabled_events: Iterable[str] = (),
        webhook_latency_mean_s: float = 0.0,
        webhook_retry_initial_s: float = 30.0,
    ) -> None:
        assert now().utcoffset() == timedelta(), "the sandbox keeps its books in UTC"
        ids, dice = Ids(seed), Dice(seed, faults)
        secrets = Secrets([Secret(webhook_secret)] if webhook_secret else [])
        webhooks: Webhooks[Event] = Webhooks(
            dice=dice,
            random=Random(f"{seed}:webhook_latency"),
            sealer=secrets,
            enabled_events=frozenset(enabled_events),
            latency_mean_s=webhook_latency_mean_s,
            retry_initial_s=webhook_retry_initial_s,
        )
        self.books = Books(
            clock=now,
            ids=ids,
            dice=dice,
            webhooks=webhooks,
            secrets=secrets,
            account=ids.next("acct"),
        )
        self.keys = IdempotencyKeys()
        self.calls = 0

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Response:
        """Answer one call. Header names are lower case. May raise ProviderTimeout."""
        books = self.books
        books.catch_up()
        if path.startswith(CONTROL):
            return control.handle(books, self.keys, method, path, params)
        self.calls += 1
        request = Request(books.ids.next("req"), headers.get("idempotency-key"))
        books.request = request
        try:
            response = self._answer(request, method, path, params, headers)
        except StripeError as error:
            response = _refusal(request, error)
        finally:
            books.request = None
        if books.dice.strikes(ROGUE_MOVEMENT):
            rogue.move(books)
        return response

    def due_webhooks(self, now: datetime | None = None) -> list[Delivery[Event]]:
        """Take the deliveries due; report each by webhook_delivered or webhook_failed."""
        self.books.catch_up()
        return self.books.webhooks.due(now or self.books.now())

    def webhook_delivered(self, delivery: Delivery[Event]) -> None:
        self.books.webhooks.delivered(delivery)

    def webhook_failed(self, delivery: Delivery[Event]) -> None:
        self.books.webhooks.failed(delivery, self.books.now())

    def next_due_at(self) -> datetime | None:
        """When to look again: the next delivery, or the next thing done unasked."""
        agenda = self.books.agenda
        moments = [self.books.webhooks.next_due_at(), agenda[0][0] if agenda else None]
        return min((moment for moment in moments if moment is not None), default=None)

    def set_faults(self, faults: Faults) -> None:
        self.books.dice.follow(faults)

    def _answer(
        self,
        request: Request,
        method: str,
        path: str,
        params: Mapping[str, Any],
        headers: Mapping[str, str],
    ) -> Response:
        _authenticate(headers)
        fault = self._fault_before()
        key = request.idempotency_key if method == "POST" else None
        if key is None:
            return self._after(self._execute(request, method, path, params), fault)
        now = self.books.now()
        asked = fingerprint(method, path, params)
        replayed = self.keys.replay(key, asked, now)
        if replayed is not None:
            return replayed
        response = self._execute(request, method, path, params)
        busy_s = 0.0
        if fault is CallFault.TIMED_OUT_AFTER:
            busy_s = self.books.dice.faults.in_flight_s
        if fault is CallFault.FAILED_AFTER:
            response = _refusal(request, _server_error())
        self.keys.store(key, asked, response, now, now + timedelta(seconds=busy_s))
        return self._after(response, fault)

    def _fault_before(self) -> CallFault | None:
        dice = self.books.dice
        if dice.is_out(self.books.now()):
            dice.struck.strike("outage")
            raise _server_error(503)
        match fault := dice.call_fault():
            case CallFault.LOST:
                raise ProviderTimeout("the call was lost on its way")
            case CallFault.RATE_LIMITED:
                raise StripeError(
                    429,
                    "invalid_request_error",
                    "Request rate limit exceeded. Slow down and try again.",
                    code="rate_limit",
                    is_stored=False,
                )
            case CallFault.FAILED_BEFORE:
                raise _server_error()
        return fault

    def _execute(
        self, request: Request, method: str, path: str, params: Mapping[str, Any]
    ) -> Response:
        """Perform the call. A refusal that a key remembers is an answer like any other."""
        try:
            body = router.perform(self.books, method, path, params)
        except StripeError as error:
            if not error.is_stored:
                raise
            return _refusal(request, error)
        return Response(200, body, _headers(request))

    def _after(self, response: Response, fault: CallFault | None) -> Response:
        if fault is CallFault.TIMED_OUT_AFTER:
            raise ProviderTimeout("the call was executed, its answer was lost")
        if fault is CallFault.FAILED_AFTER and response.status < 500:
            raise _server_error()
        return response


def _authenticate(headers: Mapping[str, str]) -> None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise StripeError(
            401,
            "invalid_request_error",
            "You did not provide an API key. Set the Authorization header to "
            "'Bearer YOUR_SECRET_KEY'.",
            is_stored=False,
        )
    if not key.startswith(("sk_test_", "rk_test_")):
        raise StripeError(
            401,
            "invalid_request_error",
            f"Invalid API Key provided: {key[:8]}***. Use sk_test_ or rk_test_.",
            is_stored=False,
        )


def _server_error(status: int = 500) -> StripeError:
    return StripeError(
        status,
        "api_error",
        "Sorry! There was an error while talking to one of our backends.",
        is_stored=False,
    )


def _refusal(request: Request, error: StripeError) -> Response:
    return Response(error.http_status, error.body(), _headers(request))


def _headers(request: Request) -> dict[str, str]:
    headers = {"Request-Id": request.id, "Stripe-Version": wire.API_VERSION}
    if request.idempotency_key:
        headers["Idempotency-Key"] = request.idempotency_key
    return headers
