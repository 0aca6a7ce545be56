"""The providers' postmen at our gateway's door, and the strangers who knock there too."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol
from uuid import UUID

import simpy

from sims.world.custodian.model import CustodianModel
from sims.world.stripe.model import StripeModel
from sims.world.stripe.webhooks import sign
from sims.world.time import SimClock, SimSignal, SimTasks, Wait
from sims.world.webhooks import Delivery
from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.message import derived, record
from toolkit.gateway.signatures import SignatureRefused, verify
from toolkit.messages.webhooks import WebhookReceived
from toolkit.runtime.intake import Intake

ANSWERS_WITHIN_S = 10.0  # then a provider takes the webhook as not delivered
REPLAYED_AFTER = timedelta(minutes=10)
SECRET = "whsec_simulated"  # noqa: S105 - of a simulated endpoint
GUESSED = "whsec_guessed"
Provider = StripeModel | CustodianModel


@record
class Knock:
    """Somebody at the door who was not the provider, or came much too late."""

    what: str
    event_id: str
    was_let_in: bool


class Gateway(Protocol):
    """The processes of the platform, by name, and where trouble is noted."""

    processes: dict[str, SimTasks]

    def note(self, whom: str, what: str, details: str = "") -> None: ...


@dataclass(slots=True)
class Postman:
    """Brings webhooks through the gateway's own check of signatures, as its face does."""

    env: simpy.Environment
    clock: SimClock
    platform: Gateway
    door: Intake
    random: Random
    forges: float = 0.0  # how often somebody knocks with something like a webhook
    knocked: set[UUID] = field(default_factory=set)
    strangers: list[Knock] = field(default_factory=list)

    async def deliver(self, provider: Provider, called: SimSignal) -> None:
        """Deliver whatever a provider has to tell, for ever."""
        while True:
            due_at = provider.next_due_at()
            if due_at is None or due_at > self.clock.now():
                await called.heard(due_at - self.clock.now() if due_at else None)
                continue
            for delivery in provider.due_webhooks():
                await self._post(provider, delivery)

    async def _post(self, provider: Provider, delivery: Delivery[Any]) -> None:
        """Knock; a gateway that is down hears it at a later try."""
        is_stripe = isinstance(provider, StripeModel)
        if is_stripe and self.forges and self.random.random() < self.forges:
            await self._forge(delivery)
        header = delivery.headers["stripe-signature"] if is_stripe else None
        is_refused = delivery.is_stale and not is_stripe
        name = "stripe" if is_stripe else "custodian"
        event = delivery.event
        if is_refused or not await self._knock(
            name, event.id, event.type, delivery.payload, header
        ):
            provider.webhook_failed(delivery)
            return
        if delivery.is_stale:
            self._note("a stale webhook", event.id, was_let_in=True)
        provider.webhook_delivered(delivery)
        await Wait(self.env.timeout(0))

    async def _knock(
        self, provider: str, id: str, type: str, payload: bytes, header: str | None
    ) -> bool:
        """Bring one to the gateway's process, and answer whether it took it in time."""
        gateway = self.platform.processes["gateway"]
        if not gateway.alive:
            return False
        answered = self.env.event()
        told = WebhookReceived(
            provider=provider,
            provider_event_id=id,
            provider_event_type=type,
            payload=payload.decode(),
            received_at=self.clock.now(),
        )
        gateway.spawn(self.receive(told, payload, header, answered))
        await Wait(answered | self.env.timeout(ANSWERS_WITHIN_S))
        return answered.triggered and answered.value is True

    async def receive(
        self,
        told: WebhookReceived,
        payload: bytes,
        header: str | None,
        answered: simpy.Event,
    ) -> None:
        """Do in the gateway's process what its HTTP face does."""
        id = derived(told.provider, told.provider_event_id)
        try:
            if header is not None:
                verify(payload, header, [SECRET], told.received_at)
            await self.door.receive(told, id)
        except (SignatureRefused, Conflict, Unavailable):
            answered.succeed(False)
            return
        self.knocked.add(id)
        answered.succeed(True)

    async def _forge(self, delivery: Delivery[Any]) -> None:
        """Change a body, guess a secret, or bring one that was signed at another time."""
        event, sealer, now = delivery.event, delivery.sealer, self.clock.now()
        header = delivery.headers["stripe-signature"]
        id, payload, what = f"{event.id}forged", delivery.payload, "a changed webhook"
        mood = self.random.random()
        if mood < 1 / 4:
            what, header = "a guessed signature", _signed(payload, now, GUESSED)
        elif mood < 3 / 4:
            is_old = mood < 1 / 2
            what = "a replayed webhook" if is_old else "a webhook from the future"
            signed_at = now - REPLAYED_AFTER if is_old else now + REPLAYED_AFTER
            id = event.id
            header = sealer.headers(payload, signed_at)["stripe-signature"]
        else:
            payload = payload.replace(b'"id"', b'"ID"', 1)
        was_let_in = await self._knock("stripe", id, event.type, payload, header)
        self._note(what, id, was_let_in=was_let_in)

    def _note(self, what: str, id: str, *, was_let_in: bool) -> None:
        outcome = "let in" if was_let_in else "turned away"
        self.platform.note("gateway", what, f"{id}, {outcome}")
        self.strangers.append(Knock(what=what, event_id=id, was_let_in=was_let_in))


def _signed(payload: bytes, at: datetime, secret: str) -> str:
    return sign(payload, int(at.timestamp()), [secret])
