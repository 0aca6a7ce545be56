"""A deal by its references: each thing asked until it is done, and done once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from eth_account import Account as Keys

from tests.chain.conftest import KEY, Anvil, Clock, anvil
from tests.chain.evm import compiled
from tests.chain.node import Node
from toolkit.core.errors import Declined, Unfinished
from toolkit.core.message import derived
from toolkit.infra.chain.account import Account
from toolkit.infra.chain.contract import Contract, artifact
from toolkit.infra.chain.escrow import ChainEscrow, Signature, State, Terms
from toolkit.infra.chain.rpc import connect

DEPTH, LOCK_S, DAYS = 2, 3_600, 30
SELLER, BUYER, ARBITER = ("0x" + digit * 40 for digit in "345")
APPROVERS = [Keys.from_key(bytes([n]) * 32) for n in (7, 8)]
DEAL = derived("transaction", "T1")
TERMS = (Terms(payee=SELLER, amount_minor=400), Terms(payee=SELLER, amount_minor=5_000))


async def house_on(node, rpc, clock):
    account = Account.of(rpc, KEY, clock, DEPTH)
    given = node.give(account.address)
    if given is not None:
        await given
    coin = await node.made(account, compiled("Coin.vy"))
    address = await node.made(
        account,
        artifact("MilestoneEscrow"),
        *(account.address, account.address, [a.address for a in APPROVERS]),
        *(2, 1_000, LOCK_S),
    )
    token = Contract(rpc, coin, compiled("Coin.vy"))
    for name, *arguments in (
        ("mint", account.address, 10_000),
        ("approve", address, 10_000),
    ):
        await account.send(coin, token.artifact.encoded(name, *arguments))
    return ChainEscrow.at(account, address), token


async def done(node, ask):
    """Ask again and again, as the agenda does."""
    for _ in range(10):
        try:
            return await ask()
        except Unfinished:
            await node.step()
    raise AssertionError("it never came to an end")


def reborn(escrow, clock):
    account = Account.of(escrow.account.rpc, KEY, clock, DEPTH)
    return ChainEscrow.at(account, escrow.contract.address)


async def opened(node, escrow, coin):
    now_s = await node.time()

    async def create():
        return await escrow.create(
            DEAL,
            buyer=BUYER,
            seller=SELLER,
            arbiter=ARBITER,
            token=coin.address,
            terms=TERMS,
            deadline=datetime.fromtimestamp(now_s, UTC) + timedelta(days=DAYS),
        )

    await done(node, create)
    await done(node, lambda: escrow.fund(DEAL))


async def signed(escrow, milestone):
    digest = await escrow.digest(DEAL, milestone)
    for key in APPROVERS:
        made = key.unsafe_sign_hash(digest)
        yield Signature(approver=key.address, v=made.v, r=made.r, s=made.s)


async def play(node, escrow, coin, clock):
    """A small milestone, a large one, a withdrawal: each asked again after a crash."""
    await opened(node, escrow, coin)
    for again in (escrow, reborn(escrow, clock)):
        await done(node, lambda again=again: again.release(DEAL, 0))
        async for by in signed(escrow, 1):
            await done(node, lambda again=again, by=by: again.approve(DEAL, 1, by))
        await done(node, lambda again=again: again.schedule(DEAL, 1))
    await node.go_to(await node.time() + LOCK_S)
    for again in (escrow, reborn(escrow, clock)):
        await done(node, lambda again=again: again.release(DEAL, 1))
    assert await done(node, lambda: escrow.withdraw(coin.address, SELLER)) is False
    assert await coin.read("balanceOf", SELLER) == 5_400
    assert await escrow.state(DEAL) is State.CLOSED
    balance = await escrow.balance(DEAL)
    assert balance.held_minor == 0
    assert set(balance.claimable_minor.values()) == {0}
    assert [log.name for log in await escrow.history(DEAL)] == [
        *("DealCreated", "Funded", "Released", "Approved", "Approved", "Scheduled"),
        "Released",
    ]


@pytest.fixture(scope="module")
def built():
    """A chain with both contracts on it; it is slow to make, and quick to put back."""
    node = Node()
    return node, *asyncio.run(house_on(node, node, Clock()))


@pytest.fixture
def world(built, clock):
    node, escrow, coin = built
    with node.kept():
        yield node, reborn(escrow, clock), coin


async def test_a_deal_from_its_creation_to_the_sellers_wallet(world, clock):
    await play(*world, clock)


@pytest.mark.real
async def test_on_a_node_of_other_hands_a_deal_goes_the_same_way(clock):
    with anvil("--hardfork", "prague") as url:
        async with connect(url, clock) as rpc:
            node = Anvil(rpc)
            escrow, coin = await house_on(node, rpc, clock)
            await play(node, escrow, coin, clock)


async def test_while_paused_the_buyer_is_refunded_after_the_deadline(world):
    node, escrow, coin = world
    await opened(node, escrow, coin)
    await done(node, lambda: escrow.pause(is_paused=True))
    with pytest.raises(Declined, match="paused"):
        await escrow.release(DEAL, 0)
    await node.go_to(await node.time() + DAYS * 86_400)
    await done(node, lambda: escrow.refund(DEAL))
    assert (await escrow.balance(DEAL)).claimable_minor[BUYER] == 5_400
    await done(node, lambda: escrow.withdraw(coin.address, BUYER))
    assert await coin.read("balanceOf", BUYER) == 5_400
    with pytest.raises(Declined, match="paused"):
        await escrow.release(DEAL, 0)
    await done(node, lambda: escrow.pause(is_paused=False))


async def test_a_reference_that_is_taken_by_another_deal_is_refused(world):
    node, escrow, coin = world
    await opened(node, escrow, coin)
    with pytest.raises(Declined, match="with other parties"):
        await escrow.create(
            DEAL,
            buyer=SELLER,
            seller=BUYER,
            arbiter=ARBITER,
            token=coin.address,
            terms=TERMS,
            deadline=datetime(2030, 1, 1, tzinfo=UTC),
        )


async def test_what_was_never_made_cannot_be_funded(world):
    _, escrow, _ = world
    with pytest.raises(Declined, match="there is no deal"):
        await escrow.fund(derived("transaction", "unknown"))
