"""The wallet provider behind both faces: one entrance, and no clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sims.world.agentic import calls
from sims.world.agentic.books import Books, Event, WalletError, entry_shape, event_shape
from sims.world.calls import ProviderTimeout, fingerprint
from sims.world.faults import CALM, CallFault, Dice, Faults, read_faults
from sims.world.signed import Signed
from sims.world.webhooks import Delivery, Webhooks

SIGNATURE = "wallet-signature"
CONTROL = "/_sandbox/"
ROUTES: dict[tuple[str, str], Callable[..., dict[str, Any]]] = {
    ("PUT", "v1/wallets/*"): calls.open_wallet,
    ("GET", "v1/wallets/*"): calls.show,
    ("GET", "v1/wallets/*/transactions"): calls.history,
    ("POST", "v1/wallets/*/milestones"): calls.pay_milestone,
    ("POST", "v1/wallets/*/returns"): calls.give_back,
    ("POST", "v1/wallets/*/settlements"): calls.settle,
    ("GET", "v1/events"): calls.events,
}


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: dict[str, Any]


class WalletModel:
    """Equal seeds, clocks and calls give equal answers, to the byte."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        seed: int,
        faults: Faults = CALM,
        webhook_secret: str | None = None,
        webhook_latency_mean_s: float = 0.0,
        webhook_retry_initial_s: float = 30.0,
    ) -> None:
        dice = Dice(seed, faults)
        webhooks: Webhooks[Event] = Webhooks(
            dice=dice,
            random=Random(f"{seed}:wallet webhook latency"),
            sealer=Signed(SIGNATURE, webhook_secret, event_shape),
            latency_mean_s=webhook_latency_mean_s,
            retry_initial_s=webhook_retry_initial_s,
        )
        self.books = Books(now, dice, webhooks, Random(f"{seed}:wallet payments"))
        self.answered: dict[str, tuple[str, Response]] = {}

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None = None
    ) -> Response:
        """Answer one call. May raise ProviderTimeout."""
        self.catch_up()
        try:
            if path.startswith(CONTROL):
                return Response(200, self._control(method, path, params))
            return self._answer(method, path, params, key)
        except WalletError as error:
            return Response(error.http_status, error.body())
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            return Response(422, WalletError(422, "invalid", str(error)).body())

    def catch_up(self) -> None:
        """Let everything happen that has fallen due."""
        self.books.appointments.catch_up(self.books.clock())

    def due_webhooks(self) -> list[Delivery[Event]]:
        """Take the deliveries due; report each by webhook_delivered or webhook_failed."""
        self.catch_up()
        return self.books.webhooks.due(self.books.clock())

    def webhook_delivered(self, delivery: Delivery[Event]) -> None:
        self.books.webhooks.delivered(delivery)

    def webhook_failed(self, delivery: Delivery[Event]) -> None:
        self.books.webhooks.failed(delivery, self.books.clock())

    def next_due_at(self) -> datetime | None:
        moments = (
            self.books.webhooks.next_due_at(),
            self.books.appointments.next_due_at(),
        )
        return min((moment for moment in moments if moment is not None), default=None)

    def set_faults(self, faults: Faults) -> None:
        self.books.dice.follow(faults)

    def _answer(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None
    ) -> Response:
        run, ids = _route(method, path)
        fault = self._fault_before()
        if method == "POST":
            response = self._once(run, path, params, ids, key)
        else:
            response = Response(200, run(self.books, params, *ids))
        if fault is CallFault.TIMED_OUT_AFTER:
            raise ProviderTimeout("the call was executed, its answer was lost")
        if fault is CallFault.FAILED_AFTER:
            raise WalletError(500, "internal", "Something went wrong.")
        return response

    def _once(
        self,
        run: Callable[..., dict[str, Any]],
        path: str,
        params: Mapping[str, Any],
        ids: list[str],
        key: str | None,
    ) -> Response:
        """Execute a payment under its key once for ever; a refusal leaves no trace."""
        if not key:
            raise WalletError(400, "no_key", "Payments need an Idempotency-Key.")
        asked = fingerprint("POST", path, params)
        known = self.answered.get(key)
        if known is None:
            made = Response(201, run(self.books, params, *ids))
            self.answered[key] = (asked, made)
            return made
        if known[0] != asked:
            raise WalletError(422, "key_reused", "The key was used for another call.")
        entries = self.books.wallet(ids[0]).entries
        entry = next(e for e in entries if e.id == known[1].body["id"])
        return Response(200, entry_shape(entry))

    def _fault_before(self) -> CallFault | None:
        dice = self.books.dice
        if dice.is_out(self.books.clock()):
            dice.struck["outage"] += 1
            raise WalletError(503, "unavailable", "Try again later.")
        match fault := dice.call_fault():
            case CallFault.LOST:
                raise ProviderTimeout("the call was lost on its way")
            case CallFault.RATE_LIMITED:
                raise WalletError(429, "rate_limited", "Too many requests.")
            case CallFault.FAILED_BEFORE:
                raise WalletError(500, "internal", "Something went wrong.")
        return fault

    def _control(self, method: str, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        match method, path.removeprefix(CONTROL).split("/"):
            case "GET", ["health"]:
                return {"wallets": len(self.books.wallets)}
            case "POST", ["deposits"]:
                return calls.deposit(self.books, params)
            case "POST", ["faults"]:
                self.set_faults(read_faults(dict(params), "faults"))
                return {}
            case "POST", ["faults", name, "next"]:
                self.books.dice.order(name, int(params.get("count", 1)))
                return {}
        raise WalletError(404, "not_found", f"There is no control {method} {path}.")


def _route(method: str, path: str) -> tuple[Callable[..., dict[str, Any]], list[str]]:
    parts = path.strip("/").split("/")
    for (verb, pattern), run in ROUTES.items():
        wanted = pattern.split("/")
        if verb == method and len(wanted) == len(parts):
            pairs = list(zip(wanted, parts, strict=True))
            if all(want in ("*", part) for want, part in pairs):
                return run, [part for want, part in pairs if want == "*"]
    raise WalletError(404, "not_found", f"This sandbox does not model {method} {path}.")
