"""The card rail on virtual time, and someone who keeps asking until there is an answer."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import simpy

from sims.world.card_provider import SimStripe
from sims.world.faults import Outage
from sims.world.stripe.client import InProcessStripe
from sims.world.stripe.model import StripeModel
from sims.world.time import SimClock, SimSignal, SimTasks
from toolkit.core.errors import Unavailable
from toolkit.core.message import derived
from toolkit.core.money import Money
from toolkit.infra.memory import MemoryDatabase
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import CreatePaymentIntent, InitiateRefund, TransferToSeller
from toolkit.payments.stripe import StripeRail
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.intake import intake

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
NAMES = {"escrow_id": "E1", "payment_id": "P1", "rail": Rail.STRIPE}
PRICE = Money(250_00)
OPEN = CreatePaymentIntent(**NAMES, amount=PRICE, payer_id="ada")


def key_of(command) -> UUID:
    """A command's idempotency key: on the agenda each has one of its own."""
    return derived("entry", type(command).__name__)


class CardWorld:
    """Stripe's model behind the port, and the rail before it."""

    def __init__(self):
        self.env = simpy.Environment()
        self.clock = SimClock(self.env, NOW)
        self.model = StripeModel(now=self.clock.now, seed=7, webhook_secret="whsec_test")  # noqa: S106 - signs nothing
        self.client = InProcessStripe(self.model)
        changed = SimSignal(self.env)
        self.api = SimStripe(self.env, Random(1), self.client, changed)
        self.rail = StripeRail(api=self.api)
        self.database = MemoryDatabase(SimTasks(self.env))
        self.door = intake(self.database, self.clock)

    def run(self, work):
        return self.env.run(until=self.env.process(work))

    def strike(self, fault, times=1):
        """Let the next calls meet this fault, in any case."""
        self.model.books.dice.ordered[fault] += times

    def be_out(self, lasts):
        """Answer nothing but 503 for so long."""
        dice = self.model.books.dice
        outage = Outage(self.clock.now(), self.clock.now() + lasts)
        dice.faults = type(dice.faults)(outages=(outage,))

    def count_posts(self):
        """Note the keys of all calls that may create something."""
        honest, keys = self.client.post, []

        def post(path, params, key=None):
            keys.append(key)
            return honest(path, params, key)

        self.client.post = post
        return keys

    def ask(self, command, pause=timedelta(minutes=1)):
        """Perform a command as the agenda does: the same key, until there is an answer."""

        async def persist():
            since, number = self.clock.now(), 0
            while True:
                attempt = Attempt(
                    key=key_of(command), since=since, now=self.clock.now(), number=number
                )
                try:
                    return await self.rail.perform(command, attempt), number + 1
                except Unavailable:
                    number += 1
                await self.clock.sleep(pause)

        return self.run(persist())

    def paid(self):
        """Take a payment, and answer its charge."""
        key, params = "intent", {"amount": PRICE.minor, "currency": "usd"}
        params["metadata"] = {"escrow_id": "E1", "payment_id": "P1"}
        intent = self.client.create_payment_intent(params, key)
        card = {"payment_method": "pm_card_visa"}
        return self.client.confirm_payment_intent(intent["id"], card)["latest_charge"]

    def transfer(self, charge):
        return TransferToSeller(
            **NAMES,
            transfer_id="T1",
            amount=PRICE,
            payee_id="bob",
            destination="acct_bob",
            source_ref=charge,
        )

    def refund(self, charge, amount=PRICE):
        return InitiateRefund(
            **NAMES, refund_id="R1", amount=amount, reason="asked", source_ref=charge
        )

    def made(self, resource):
        return list(getattr(self.model.books, resource).rows)
