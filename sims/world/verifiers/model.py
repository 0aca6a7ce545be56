"""The agents behind both faces: orders that are taken, worked on, and answered some day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sims.world.appointments import Appointments
from sims.world.calls import ProviderTimeout
from sims.world.faults import CALM, CallFault, Dice, Faults, read_faults
from sims.world.signed import Signed
from sims.world.verifiers.habits import Habits, findings, price_minor, report
from sims.world.webhooks import Delivery, Webhooks
from toolkit.messages.closing import VerificationType

SIGNATURE = "agent-signature"
CONTROL = "/_sandbox/"
ENDED = ("completed", "failed", "cancelled")


class RefusedError(Exception):
    """A no, in the agents' terms."""

    def __init__(self, http_status: int, message: str) -> None:
        super().__init__(message)
        self.http_status = http_status


@dataclass(slots=True, kw_only=True)
class Order:
    """One report that was asked for."""

    id: str
    type: VerificationType
    created_at: datetime
    params: Mapping[str, Any]
    status: str = "accepted"
    report: dict[str, Any] | None = None
    reason: str | None = None


@dataclass(slots=True, kw_only=True)
class Event:
    """News of an order, as it is posted."""

    id: str
    type: str
    created_at: datetime
    order: dict[str, Any]
    pending_webhooks: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: dict[str, Any]


class VerifierModel:
    """All agents of one panel. Equal seeds, clocks and calls give equal answers."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        seed: int,
        faults: Faults = CALM,
        habits: Habits | None = None,
        webhook_secret: str | None = None,
        webhook_latency_mean_s: float = 0.0,
    ) -> None:
        self.now, self.habits = now, habits or Habits()
        self.dice = Dice(seed, faults)
        self.seed = seed
        self.webhooks: Webhooks[Event] = Webhooks(
            dice=self.dice,
            random=Random(f"{seed}:agents' webhook latency"),
            sealer=Signed(SIGNATURE, webhook_secret, event_shape),
            latency_mean_s=webhook_latency_mean_s,
        )
        self.appointments = Appointments()
        self.orders: dict[str, Order] = {}
        self.by_key: dict[str, Order] = {}
        self.asked: Counter[str] = Counter()  # orders by verification
        self.told = 0

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None = None
    ) -> Response:
        """Answer one call. May raise ProviderTimeout."""
        self.catch_up()
        try:
            if path.startswith(CONTROL):
                return Response(200, self._control(method, path, params))
            return self._answer(method, path, params, key)
        except RefusedError as no:
            return Response(no.http_status, {"error": {"message": str(no)}})
        except (LookupError, TypeError, ValueError) as error:
            return Response(422, {"error": {"message": f"not understood: {error}"}})

    def catch_up(self) -> None:
        self.appointments.catch_up(self.now())

    def due_webhooks(self) -> list[Delivery[Event]]:
        self.catch_up()
        return self.webhooks.due(self.now())

    def webhook_delivered(self, delivery: Delivery[Event]) -> None:
        self.webhooks.delivered(delivery)

    def webhook_failed(self, delivery: Delivery[Event]) -> None:
        self.webhooks.failed(delivery, self.now())

    def next_due_at(self) -> datetime | None:
        moments = (self.webhooks.next_due_at(), self.appointments.next_due_at())
        return min((moment for moment in moments if moment is not None), default=None)

    def set_faults(self, faults: Faults) -> None:
        self.dice.follow(faults)

    def _answer(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None
    ) -> Response:
        fault = self._fault_before()
        match method, path.strip("/").split("/"):
            case "POST", [kind, "orders"]:
                order = self._take(VerificationType(kind), params, key)
                response = Response(201, order_shape(order))
            case "GET", [_, "orders", id]:
                if id not in self.orders:
                    raise RefusedError(404, f"there is no order {id}")
                response = Response(200, order_shape(self.orders[id]))
            case _:
                raise RefusedError(404, f"this sandbox does not model {method} {path}")
        if fault is CallFault.TIMED_OUT_AFTER:
            raise ProviderTimeout("the call was executed, its answer was lost")
        if fault is CallFault.FAILED_AFTER:
            raise RefusedError(500, "something went wrong")
        return response

    def _take(
        self, type: VerificationType, params: Mapping[str, Any], key: str | None
    ) -> Order:
        """Take an order once for each key, and begin to work on it."""
        if not key:
            raise RefusedError(400, "an order needs an Idempotency-Key")
        if key in self.by_key:
            return self.by_key[key]
        minor = price_minor(str(params["price"]))
        subject = str(params["metadata"]["task_id"])
        self.asked[subject] += 1
        order = Order(
            id=f"ord_{len(self.orders) + 1:08}",
            type=type,
            created_at=self.now(),
            params=dict(params),
        )
        self.orders[order.id] = self.by_key[key] = order
        random = Random(f"{self.seed}:{subject}:{self.asked[subject]}")
        done_at = self.now() + self.habits.takes(type, random)
        is_bad = self.habits.is_bad(type, self.asked[subject], random)
        gives_up = random.random() < self.habits.gives_up
        found = None if gives_up else findings(type, minor, random, is_bad=is_bad)
        self.appointments.later(done_at, lambda: self._end(order, found))
        return order

    def _end(self, order: Order, found: Mapping[str, str] | None) -> None:
        if order.status in ENDED:
            return
        if found is None:
            order.status, order.reason = "failed", "the agent could not get in"
        else:
            order.status, order.report = "completed", report(found)
        self.told += 1
        event = Event(
            id=f"evt_{self.told:08}",
            type=f"order.{order.status}",
            created_at=self.now(),
            order=order_shape(order),
        )
        self.webhooks.send(event, self.now())

    def _fault_before(self) -> CallFault | None:
        if self.dice.is_out(self.now()):
            raise RefusedError(503, "try again later")
        match fault := self.dice.call_fault():
            case CallFault.LOST:
                raise ProviderTimeout("the call was lost on its way")
            case CallFault.RATE_LIMITED:
                raise RefusedError(429, "too many requests")
            case CallFault.FAILED_BEFORE:
                raise RefusedError(500, "something went wrong")
        return fault

    def _control(self, method: str, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        match method, path.removeprefix(CONTROL).split("/"):
            case "GET", ["health"]:
                return {"orders": len(self.orders)}
            case "POST", ["orders", id, "end"]:
                found = params.get("findings")
                self._end(self.orders[id], found if isinstance(found, dict) else None)
                return order_shape(self.orders[id])
            case "POST", ["faults"]:
                self.set_faults(read_faults(dict(params), "faults"))
                return {}
        raise RefusedError(404, f"there is no control {method} {path}")


def order_shape(order: Order) -> dict[str, Any]:
    shape = {
        "id": order.id,
        "type": order.type.value,
        "status": order.status,
        "created_at": order.created_at.isoformat(),
        "property_id": order.params.get("property_id"),
        "metadata": order.params.get("metadata", {}),
        "report": order.report,
        "reason": order.reason,
    }
    return {name: value for name, value in shape.items() if value is not None}


def event_shape(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "created_at": event.created_at.isoformat(),
        "data": {"object": event.order},
    }
