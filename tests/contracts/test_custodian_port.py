"""The custodian's port keeps its promises in the simulator and over the real protocol."""

import httpx
import pytest

from sims.world.custodian.__main__ import ENTITY_SECRET
from sims.world.custodian.http import Face, application
from sims.world.faults import Faults
from tests.contracts.custodian_worlds import (
    API_KEY,
    BUYER,
    SELLER,
    Bank,
    entity,
    key,
    over_http,
    simulated,
)
from tests.sims.stripe.stripe_faces import MORNING, served
from toolkit.core.errors import Declined, Unavailable
from toolkit.infra import circle_http


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture(params=[simulated, pytest.param(over_http, marks=pytest.mark.embedded)])
async def api(request, bank):
    async with request.param(bank.model) as opened:
        yield opened


async def paid_wallet(api, bank, **deposit):
    wallet = await api.create_wallet("E1", "P1", key("wallet"))
    ref = bank.deposit(wallet["address"], **deposit)
    bank.pass_by(minutes=2)
    return wallet, ref


async def send(api, deposit, to=SELLER, amount="12000.5", name="send"):
    found = await api.transaction(deposit)
    asked = {
        "walletId": found["walletId"],
        "tokenId": found["tokenId"],
        "destinationAddress": to,
        "amounts": [amount],
        "feeLevel": "MEDIUM",
        "refId": "transfer:T1",
    }
    return await api.transfer(asked, key(name))


async def test_a_wallet_is_found_by_what_it_refers_to(api):
    made = await api.create_wallet("E1", "P1", key("wallet"))

    assert [w["id"] for w in await api.wallets_of("P1")] == [made["id"]]
    assert (await api.wallet(made["id"]))["name"] == "E1"
    assert await api.wallets_of("P2") == []


async def test_the_same_key_makes_one_wallet(api):
    first, second = [await api.create_wallet("E1", "P1", key("wallet")) for _ in range(2)]

    assert first["address"] == second["address"]


async def test_a_key_is_good_for_one_question(api):
    await api.create_wallet("E1", "P1", key("wallet"))

    with pytest.raises(Unavailable):
        await api.create_wallet("E2", "P2", key("wallet"))


async def test_a_deposit_is_read_to_the_last_digit(api, bank):
    _, ref = await paid_wallet(api, bank, amount="10000.010001")

    found = await api.transaction(ref)

    assert (found["state"], found["amounts"]) == ("COMPLETE", ["10000.010001"])
    assert found["sourceAddress"] == BUYER
    assert (await api.token(found["tokenId"]))["decimals"] == 6


async def test_a_transfer_goes_its_way_to_the_end(api, bank):
    _, ref = await paid_wallet(api, bank)

    made = await send(api, ref)
    bank.pass_by(minutes=2)

    found = await api.transaction(made["id"])
    assert made["state"] == "INITIATED"
    assert (found["state"], found["refId"]) == ("COMPLETE", "transfer:T1")
    assert found["destinationAddress"] == SELLER


async def test_the_same_key_moves_the_money_once(api, bank):
    _, ref = await paid_wallet(api, bank)

    first, second = [await send(api, ref) for _ in range(2)]

    assert first["id"] == second["id"]


async def test_more_than_there_is_is_declined(api, bank):
    _, ref = await paid_wallet(api, bank)

    with pytest.raises(Declined, match="insufficient"):
        await send(api, ref, amount="12000.500001")


async def test_what_is_on_its_way_out_cannot_be_spent_again(api, bank):
    _, ref = await paid_wallet(api, bank)
    await send(api, ref)

    with pytest.raises(Declined, match="insufficient"):
        await send(api, ref, name="again")


async def test_what_is_not_there_is_declined(api):
    with pytest.raises(Declined):
        await api.transaction("00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize("fault", ["failed_before", "rate_limited", "failed_after"])
async def test_an_error_of_theirs_says_nothing_of_the_outcome(api, bank, fault):
    bank.model.set_faults(Faults(**{fault: 1.0}))

    with pytest.raises(Unavailable):
        await api.create_wallet("E1", "P1", key("wallet"))


async def test_a_timeout_after_success_is_answered_by_the_same_key(api, bank):
    _, ref = await paid_wallet(api, bank)
    await api.token((await api.transaction(ref))["tokenId"])
    bank.control("faults/timed_out_after/next", count=2)
    with pytest.raises(Unavailable):
        await send(api, ref)
    bank.model.set_faults(Faults())

    made = await send(api, ref)

    outgoing = [t async for t in api.transactions_since(MORNING, txType="OUTBOUND")]
    assert [t["id"] for t in outgoing] == [made["id"]]


async def test_every_page_is_listed_newest_first(api, bank):
    wallet = await api.create_wallet("E1", "P1", key("wallet"))
    made = [bank.deposit(wallet["address"], amount="1") for _ in range(103)]

    listed = [t["id"] async for t in api.transactions_since(MORNING)]

    assert listed == made[::-1]


async def test_a_list_of_one_wallet_shows_no_other(api, bank):
    _, ref = await paid_wallet(api, bank)
    other = await api.create_wallet("E2", "P2", key("other"))
    bank.deposit(other["address"])

    wallet_id = (await api.transaction(ref))["walletId"]
    listed = [t["id"] async for t in api.transactions_since(MORNING, walletIds=wallet_id)]

    assert listed == [ref]


@pytest.mark.embedded
async def test_another_entity_secret_changes_nothing(bank):
    face = Face(model=bank.model, entity=entity("11" * 32))
    with served(face, application) as url:
        async with circle_http.connect(API_KEY, ENTITY_SECRET, url) as api:
            with pytest.raises(Declined, match="entity secret is invalid"):
                await api.create_wallet("E1", "P1", key("wallet"))


@pytest.mark.embedded
async def test_a_ciphertext_is_good_once(bank):
    known = entity()
    with served(Face(model=bank.model, entity=known), application) as url:
        async with (
            circle_http.connect(API_KEY, ENTITY_SECRET, url) as api,
            httpx.AsyncClient(headers={"Authorization": f"Bearer {API_KEY}"}) as plain,
        ):
            await api.create_wallet("E1", "P1", key("wallet"))
            body = {"name": "x", "entitySecretCiphertext": next(iter(known.seen))}
            body["idempotencyKey"] = "00000000-0000-4000-8000-00000000000a"
            answer = await plain.post(f"{url}/v1/w3s/developer/walletSets", json=body)

    assert (answer.status_code, "Reusing" in answer.text) == (400, True)


@pytest.mark.embedded
async def test_a_server_that_is_gone_is_unavailable(bank):
    face = Face(model=bank.model, entity=entity())
    with served(face, application) as url:
        pass
    async with circle_http.connect(API_KEY, ENTITY_SECRET, url) as api:
        with pytest.raises(Unavailable):
            await api.wallet("W1")


def test_an_entity_secret_that_is_none_is_refused():
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        circle_http.secret_bytes("secret")
