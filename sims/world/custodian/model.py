"""The model of the custodian behind both faces: one entrance, and no clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sims.world.calls import ProviderTimeout, fingerprint
from sims.world.custodian import control, transfers, wallets
from sims.world.custodian.books import Books, Pace
from sims.world.custodian.errors import CustodianError
from sims.world.custodian.ids import Ids
from sims.world.custodian.notifications import SigningKeys
from sims.world.custodian.params import idempotency_key
from sims.world.custodian.records import Notification
from sims.world.custodian.wire import Wire
from sims.world.faults import CALM, CallFault, Dice, Faults
from sims.world.webhooks import Delivery, Webhooks

CONTROL = "/_sandbox/"
FRESH_EACH_TIME = ("entitySecretCiphertext", "idempotencyKey")

ROUTES: dict[tuple[str, str], Callable[..., Wire]] = {
    ("POST", "v1/w3s/developer/walletSets"): wallets.create_set,
    ("GET", "v1/w3s/walletSets"): wallets.list_sets,
    ("POST", "v1/w3s/developer/wallets"): wallets.create,
    ("GET", "v1/w3s/wallets"): wallets.list_all,
    ("GET", "v1/w3s/wallets/*"): wallets.retrieve,
    ("GET", "v1/w3s/wallets/*/balances"): wallets.list_balances,
    ("GET", "v1/w3s/tokens/*"): wallets.retrieve_token,
    ("GET", "v1/w3s/transactions"): transfers.list_all,
    ("GET", "v1/w3s/transactions/*"): transfers.retrieve,
    ("POST", "v1/w3s/developer/transactions/transfer"): transfers.create,
    ("POST", "v1/w3s/developer/transactions/*/cancel"): transfers.cancel,
    ("POST", "v1/w3s/developer/transactions/*/accelerate"): transfers.accelerate,
}


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: dict[str, Any]


class CustodianModel:
    """Equal seeds, clocks and calls give equal answers, to the byte."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        seed: int,
        faults: Faults = CALM,
        is_subscribed: bool = True,
        pace: Pace | None = None,
        webhook_latency_mean_s: float = 0.0,
        webhook_retry_initial_s: float = 30.0,
    ) -> None:
        ids, dice = Ids(seed), Dice(seed, faults)
        self.keys = SigningKeys(seed, ids, is_subscribed)
        self.keys.rotate(now())
        webhooks: Webhooks[Notification] = Webhooks(
            dice=dice,
            random=Random(f"{seed}:custodian_webhook_latency"),
            sealer=self.keys,
            latency_mean_s=webhook_latency_mean_s,
            retry_initial_s=webhook_retry_initial_s,
        )
        self.books = Books(
            clock=now, ids=ids, dice=dice, webhooks=webhooks, pace=pace or Pace()
        )
        self.answered: dict[str, tuple[str, Response]] = {}
        self.routes = ROUTES | {("GET", "v2/notifications/publicKey/*"): self.keys.show}

    def handle(self, method: str, path: str, params: Mapping[str, Any]) -> Response:
        """Answer one call. May raise ProviderTimeout."""
        self.catch_up()
        try:
            if path.startswith(CONTROL):
                return Response(200, control.perform(self, method, path, params))
            return self._answer(method, path, params)
        except CustodianError as error:
            return Response(error.http_status, error.body())

    def catch_up(self) -> None:
        """Let everything happen that has fallen due."""
        self.books.appointments.catch_up(self.books.now())

    def due_webhooks(self) -> list[Delivery[Notification]]:
        """Take the deliveries due; report each by webhook_delivered or webhook_failed."""
        self.catch_up()
        return self.books.webhooks.due(self.books.now())

    def webhook_delivered(self, delivery: Delivery[Notification]) -> None:
        self.books.webhooks.delivered(delivery)

    def webhook_failed(self, delivery: Delivery[Notification]) -> None:
        self.books.webhooks.failed(delivery, self.books.now())

    def next_due_at(self) -> datetime | None:
        """When to look again: the next delivery, or the next thing done unasked."""
        moments = (
            self.books.webhooks.next_due_at(),
            self.books.appointments.next_due_at(),
        )
        return min((moment for moment in moments if moment is not None), default=None)

    def set_faults(self, faults: Faults) -> None:
        self.books.dice.follow(faults)

    def _answer(self, method: str, path: str, params: Mapping[str, Any]) -> Response:
        run, ids = self._route(method, path)
        fault = self._fault_before()
        if method == "POST":
            response = self._once(run, path, params, ids)
        else:
            response = Response(200, {"data": run(self.books, params, *ids)})
        if fault is CallFault.TIMED_OUT_AFTER:
            raise ProviderTimeout("the call was executed, its answer was lost")
        if fault is CallFault.FAILED_AFTER:
            raise _server_error()
        return response

    def _once(
        self,
        run: Callable[..., Wire],
        path: str,
        params: Mapping[str, Any],
        ids: list[str],
    ) -> Response:
        """Execute a mutation under its key once for ever; a refusal leaves no trace."""
        key = idempotency_key(params)
        told = {name: params[name] for name in params if name not in FRESH_EACH_TIME}
        asked = fingerprint("POST", path, told)
        known = self.answered.get(key)
        if known is None:
            made = Response(201, {"data": run(self.books, params, *ids)})
            self.answered[key] = (asked, made)
            return made
        if known[0] != asked:
            raise CustodianError(409, 2, "The idempotency key was used for another call.")
        return Response(200, known[1].body)

    def _route(self, method: str, path: str) -> tuple[Callable[..., Wire], list[str]]:
        parts = path.strip("/").split("/")
        for (verb, pattern), run in self.routes.items():
            wanted = pattern.split("/")
            if verb == method and len(wanted) == len(parts):
                pairs = list(zip(wanted, parts, strict=True))
                if all(want in ("*", part) for want, part in pairs):
                    return run, [part for want, part in pairs if want == "*"]
        raise CustodianError(404, 2, f"This sandbox does not model {method} {path}.")

    def _fault_before(self) -> CallFault | None:
        dice = self.books.dice
        if dice.is_out(self.books.now()):
            dice.struck.strike("outage")
            raise _server_error(503)
        match fault := dice.call_fault():
            case CallFault.LOST:
                raise ProviderTimeout("the call was lost on its way")
            case CallFault.RATE_LIMITED:
                raise CustodianError(429, 429, "Too many requests.")
            case CallFault.FAILED_BEFORE:
                raise _server_error()
        return fault


def _server_error(status: int = 500) -> CustodianError:
    return CustodianError(status, -1, "Something went wrong.")
