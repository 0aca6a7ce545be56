"""The custodian behind its port, in process and over HTTP, and a buyer who pays into it."""

from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from random import Random
from uuid import UUID

import simpy
from cryptography.hazmat.primitives.asymmetric import rsa

from sims.world.custodian import CustodianModel
from sims.world.custodian.__main__ import ENTITY_SECRET
from sims.world.custodian.entity import Entity
from sims.world.custodian.http import Face, application
from sims.world.custodian_provider import SimSend
from sims.world.time import SimSignal
from tests.contracts.test_card_rail import InTurn
from tests.sims.stripe.stripe_faces import HandClock, served
from toolkit.core.message import derived
from toolkit.infra import circle_http
from toolkit.infra.circle import Circle
from toolkit.runtime.agenda import Attempt

BUYER = "0x" + "b" * 40
SELLER = "0x" + "5" * 40
API_KEY = "TEST_API_KEY:sandbox:secret"


class Listing(InTurn):
    """As for cards; only the name of the list differs."""

    def __getattr__(self, name):
        if name != "transactions_since":
            return super().__getattr__(name)

        async def listed(*given, **named):
            async def all_of_it():
                return [m async for m in self._api.transactions_since(*given, **named)]

            for made in await self._run(all_of_it()):
                yield made

        return listed


@asynccontextmanager
async def simulated(model):
    env = simpy.Environment()
    yield Listing(Circle(SimSend(env, Random(7), model, SimSignal(env))), env)


@cache
def rsa_key():
    """Make one key for all tests: it takes a while."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def entity(secret=ENTITY_SECRET):
    return Entity(bytes.fromhex(secret), rsa_key())


@asynccontextmanager
async def over_http(model):
    face = Face(model=model, entity=entity())
    with served(face, application) as url:
        async with circle_http.connect(API_KEY, ENTITY_SECRET, url) as api:
            yield api


class Bank:
    """The model with a clock that is moved by hand."""

    def __init__(self, **given):
        self.clock = HandClock()
        self.model = CustodianModel(now=self.clock.now, seed=7, **given)

    def control(self, path, **params):
        answer = self.model.handle("POST", f"/_sandbox/{path}", params)
        assert answer.status == 200, answer.body
        return answer.body

    def deposit(self, to, amount="12000.50", source=BUYER, **token):
        paid = {"to": to, "from": source, "amount": amount, **token}
        return self.control("deposits", **paid)["transaction"]["id"]

    def pass_by(self, **amount):
        """Let time go, in small steps: each state has its moment."""
        end = self.clock.now() + timedelta(**amount)
        while (due_at := self.model.next_due_at()) is not None and due_at <= end:
            self.clock.at = max(due_at, self.clock.at)
            self.model.catch_up()
            for delivery in self.model.due_webhooks():
                self.model.webhook_delivered(delivery)
        self.clock.at = end

    def attempt(self, name, number=0, since=None):
        now = self.clock.now()
        return Attempt(
            key=derived("entry", name), since=since or now, now=now, number=number
        )


def key(name) -> UUID:
    return derived("key", name)
