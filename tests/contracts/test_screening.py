"""The screening vendors' port keeps its promises in the simulator and over HTTP."""

from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

import httpx
import pytest
import simpy

from sims.world.screening import (
    Fault,
    Level,
    Outage,
    Risk,
    ScreeningModel,
    SimScreener,
    Vendor,
)
from sims.world.screening.faults import Faults
from sims.world.screening.http import Face, application
from tests.contracts.test_card_rail import InTurn
from tests.contracts.worlds import StandingClock
from tests.sims.stripe.stripe_faces import MORNING, HandClock
from tests.sims.stripe.stripe_faces import served as served_by
from toolkit.core.errors import Unavailable
from toolkit.infra import screening as http
from toolkit.messages.payments import RiskLevel
from toolkit.payments.screening import READERS
from toolkit.payments.screening import Vendor as Asked
from toolkit.runtime.breaker import Breaker

WALLET = "0x52908400098527886E0F7030069857D2E4160000"
VENDORS = list(Vendor)


def wallet(ending):
    return WALLET[:-4] + ending


@asynccontextmanager
async def simulated(model, _request):
    env = simpy.Environment()
    yield {
        vendor: InTurn(SimScreener(env, Random(7), model, vendor), env)
        for vendor in VENDORS
    }


@asynccontextmanager
async def over_http(model, request):
    face, url = request.getfixturevalue("sandbox")
    face.model = model
    async with AsyncExitStack() as stack:
        yield {
            Vendor.TRM: await stack.enter_async_context(http.connect_trm("key", url)),
            Vendor.CHAINALYSIS: await stack.enter_async_context(
                http.connect_chainalysis("key", url)
            ),
        }


@pytest.fixture(scope="module")
def sandbox():
    """One server for all these tests; each puts its own model behind it."""
    face = Face(model=ScreeningModel(now=HandClock().now))
    with served_by(face, application) as url:
        yield face, url


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def model(clock):
    return ScreeningModel(now=clock.now)


@pytest.fixture(params=[simulated, pytest.param(over_http, marks=pytest.mark.embedded)])
async def screeners(request, model):
    async with request.param(model, request) as opened:
        yield opened


@pytest.fixture(params=VENDORS)
def vendor(request, screeners):
    """One vendor, asked and read as the payments service does it."""
    name = request.param.value
    breaker = Breaker(name, StandingClock(), failures_max=1_000)
    return Asked(
        provider=name, api=screeners[request.param], read=READERS[name], breaker=breaker
    )


async def test_a_wallet_that_nobody_knows_is_of_low_risk(vendor):
    word = await vendor.assess(WALLET)

    assert (word.provider, word.address) == (vendor.provider, WALLET)
    assert (word.level, word.sanctioned) == (RiskLevel.LOW, False)


@pytest.mark.parametrize(
    ("ending", "level", "sanctioned"),
    [
        ("b005", RiskLevel.MEDIUM, False),
        ("B010", RiskLevel.HIGH, False),
        ("b015", RiskLevel.SEVERE, False),
        ("b0fa", RiskLevel.SEVERE, True),
        ("8999", RiskLevel.SEVERE, True),
    ],
)
async def test_both_vocabularies_mean_the_same_levels(vendor, ending, level, sanctioned):
    word = await vendor.assess(wallet(ending))

    assert (word.level, word.sanctioned) == (level, sanctioned)


async def test_vendors_may_disagree(screeners):
    async def level(name, ending):
        answer = await screeners[name].screen(wallet(ending))
        return READERS[name.value](answer, wallet(ending)).level

    assert await level(Vendor.TRM, "c010") is RiskLevel.HIGH
    assert await level(Vendor.CHAINALYSIS, "c010") is RiskLevel.LOW
    assert await level(Vendor.TRM, "d010") is RiskLevel.LOW
    assert await level(Vendor.CHAINALYSIS, "d010") is RiskLevel.HIGH


@pytest.mark.parametrize("fault", list(Fault))
async def test_whatever_goes_wrong_is_no_answer_and_the_next_call_is_one(
    vendor, model, fault
):
    model.dice.order(Vendor(vendor.provider), fault)

    with pytest.raises(Unavailable):
        await vendor.assess(WALLET)
    assert (await vendor.assess(WALLET)).level is RiskLevel.LOW


@pytest.mark.parametrize("ending", ["e000", "e429", "e503", "e403", "ebad", "e0e0", "b000"])
async def test_an_address_may_never_get_an_answer(vendor, ending):
    for _ in range(2):
        with pytest.raises(Unavailable):
            await vendor.assess(wallet(ending))


async def test_an_outage_of_one_vendor_leaves_the_other(screeners, model):
    model.follow(
        Faults(outages=(Outage(MORNING, MORNING.replace(hour=23), Vendor.CHAINALYSIS),))
    )

    with pytest.raises(Unavailable):
        await screeners[Vendor.CHAINALYSIS].screen(WALLET)
    assert await screeners[Vendor.TRM].screen(WALLET)


async def test_what_is_known_of_a_wallet_changes(vendor, model):
    before = await vendor.assess(WALLET)
    model.tell(WALLET.upper(), Risk(Level.HIGH, category="told"))
    after = await vendor.assess(WALLET)

    assert (before.level, after.level) == (RiskLevel.LOW, RiskLevel.HIGH)


async def test_an_account_that_need_not_register_is_asked_once(screeners, model):
    model.must_register = False
    await screeners[Vendor.CHAINALYSIS].screen(WALLET)

    assert model.calls[Vendor.CHAINALYSIS] == 1
    assert not model.registered


@pytest.mark.parametrize("hostile", ["../../evil", "a b", "x?y=z", "", "0x%2e%2e/entities"])
async def test_an_address_cannot_ask_another_question(screeners, hostile):
    """It comes from outside: wherever it leads, no verdict on something else comes back."""
    for name in VENDORS:
        try:
            answer = await screeners[name].screen(hostile)
        except Unavailable:
            continue
        assert READERS[name.value](answer, hostile).address == hostile


@pytest.mark.parametrize("strange", ["acct_1Seller", "0x12", "", WALLET + "0"])
async def test_what_is_no_wallet_is_refused_by_the_one_who_knows_the_chain(
    screeners, strange
):
    with pytest.raises(Unavailable, match="400"):
        await screeners[Vendor.TRM].screen(strange)


@pytest.mark.embedded
async def test_a_wrong_key_is_no_answer(sandbox):
    _, url = sandbox
    async with (
        http.connect_trm("", url) as trm,
        http.connect_chainalysis("", url) as chainalysis,
    ):
        for screener in (trm, chainalysis):
            with pytest.raises(Unavailable, match=r"40[13]"):
                await screener.screen(WALLET)


async def test_nobody_there_is_no_answer():
    async with http.connect_trm("key", "http://127.0.0.1:9") as trm:
        with pytest.raises(Unavailable, match="ConnectError"):
            await trm.screen(WALLET)


@pytest.mark.embedded
async def test_the_controls_change_the_sandbox_or_say_what_they_want(sandbox, model):
    face, url = sandbox
    face.model = model
    async with httpx.AsyncClient(base_url=url) as hand:
        told = {"address": WALLET, "level": "Severe", "sanctioned": True}
        assert (await hand.post("/_sandbox/wallets", json=told)).is_success
        assert model.risk(Vendor.TRM, WALLET).is_sanctioned
        wrong = await hand.post("/_sandbox/wallets", json={"address": WALLET})
        assert (wrong.status_code, "level" in wrong.text) == (400, True)
        assert (await hand.post("/_sandbox/faults", json={"failed": 1.0})).is_success
        assert model.dice.faults.failed == 1.0
        assert (await hand.post("/_sandbox/faults", json={"failed": 2})).is_client_error
        assert (await hand.post("/_sandbox/faults", json={"odd": 1})).is_client_error
        once = await hand.post("/_sandbox/faults/trm/lost/next", json={"count": 2})
        assert once.is_success
        assert model.dice.ordered[Vendor.TRM, Fault.LOST] == 2
