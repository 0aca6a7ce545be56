"""The card provider's port keeps its promises in the simulator and through the real SDK."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

import pytest
import simpy

from sims.world.card_provider import SimStripe
from sims.world.stripe import Faults, InProcessStripe, StripeModel
from sims.world.stripe.http import Face
from sims.world.time import SimSignal
from tests.sims.stripe.stripe_faces import MORNING, HandClock, served
from toolkit.core.errors import Declined, Unavailable
from toolkit.infra import stripe

NAMES = {"escrow_id": "E1", "payment_id": "P1", "refund_id": "R1"}
INTENT = {"amount": 12_300, "currency": "usd", "transfer_group": "g", "metadata": NAMES}


class InTurn:
    """Lets SimPy run whatever a simulated call waits for."""

    def __init__(self, api, env):
        self._api, self._env = api, env

    def __getattr__(self, name):
        method = getattr(self._api, name)

        async def listed(*given, **named):
            for made in await self._run(_all(method(*given, **named))):
                yield made

        async def called(*given, **named):
            return await self._run(method(*given, **named))

        return listed if name == "created_since" else called

    async def _run(self, work):
        return self._env.run(until=self._env.process(work))


async def _all(found):
    return [made async for made in found]


@asynccontextmanager
async def simulated(model):
    env = simpy.Environment()
    api = SimStripe(env, Random(7), InProcessStripe(model), SimSignal(env))
    yield InTurn(api, env)


@asynccontextmanager
async def over_http(model):
    with served(Face(model=model)) as url:
        async with stripe.connect("sk_test_contract", url) as api:
            yield api


@pytest.fixture
def model():
    return StripeModel(now=HandClock().now, seed=7)


@pytest.fixture(params=[simulated, pytest.param(over_http, marks=pytest.mark.embedded)])
async def api(request, model):
    async with request.param(model) as opened:
        yield opened


async def paid(api, model):
    intent = await api.create("payment_intents", INTENT, "k-pay")
    InProcessStripe(model).confirm_payment_intent(
        intent["id"], {"payment_method": "pm_card_visa"}
    )
    return await api.retrieve(intent["id"])


async def test_an_intent_is_read_with_its_charge_and_fee(api, model):
    intent = await paid(api, model)

    assert intent["status"] == "succeeded"
    assert intent["latest_charge"]["amount"] == 12_300
    assert intent["latest_charge"]["balance_transaction"]["fee"] == 387
    assert intent["metadata"]["escrow_id"] == "E1"


async def test_the_same_key_makes_one_object(api):
    first, second = [await api.create("payment_intents", INTENT, "k1") for _ in range(2)]

    assert first["id"] == second["id"]


async def test_a_transfer_is_made_and_reversed(api, model):
    charge = (await paid(api, model))["latest_charge"]["id"]
    sent = await api.create(
        "transfers",
        {
            "amount": 12_300,
            "currency": "usd",
            "destination": "acct_1Seller",
            "source_transaction": charge,
            "metadata": NAMES,
        },
        "k-transfer",
    )
    await api.reverse_transfer(sent["id"], {"amount": 300}, "k-reversal")

    seen = await api.retrieve(sent["id"])

    assert [r["amount"] for r in seen["reversals"]["data"]] == [300]


async def test_a_refund_names_its_charge(api, model):
    charge = (await paid(api, model))["latest_charge"]["id"]
    made = await api.create(
        "refunds", {"charge": charge, "amount": 100, "metadata": NAMES}, "k-refund"
    )

    assert (await api.retrieve(made["id"]))["charge"]["id"] == charge


async def test_a_no_is_declined(api, model):
    intent = await paid(api, model)

    with pytest.raises(Declined):
        await api.cancel_payment_intent(intent["id"], "k-cancel")


@pytest.mark.parametrize("fault", ["failed_before", "rate_limited", "failed_after"])
async def test_an_error_of_theirs_says_nothing_of_the_outcome(api, model, fault):
    model.set_faults(Faults(**{fault: 1.0}))

    with pytest.raises(Unavailable):
        await api.create("payment_intents", INTENT, "k1")


async def test_a_timeout_after_success_is_answered_by_the_same_key(api, model):
    model.set_faults(Faults(timed_out_after=1.0, in_flight_s=0.0))
    with pytest.raises(Unavailable):
        await api.create("payment_intents", INTENT, "k1")
    model.set_faults(Faults())

    made = await api.create("payment_intents", INTENT, "k1")

    listed = [i async for i in api.created_since("payment_intents", MORNING)]
    assert [i["id"] for i in listed] == [made["id"]]


async def test_every_page_is_listed(api):
    made = [
        await api.create("payment_intents", INTENT, f"k{number}") for number in range(103)
    ]

    since = MORNING - timedelta(minutes=5)
    listed = [i["id"] async for i in api.created_since("payment_intents", since)]

    assert listed == [i["id"] for i in reversed(made)]


async def test_calls_may_run_at_once(api):
    made = await asyncio.gather(
        *(api.create("payment_intents", INTENT, f"k{number}") for number in range(5))
    )

    assert len({i["id"] for i in made}) == 5
