"""A root is on chain once, whatever happened between asking and knowing."""

import asyncio
from itertools import pairwise

import httpx
import pytest

from tests.chain.conftest import KEY, Anvil, Clock, anvil
from tests.chain.node import Node
from toolkit.core.errors import Declined, Unavailable, Unfinished
from toolkit.core.message import derived
from toolkit.infra.chain.account import STUCK_AFTER, Account
from toolkit.infra.chain.anchor import ChainAnchor
from toolkit.infra.chain.contract import artifact
from toolkit.infra.chain.rpc import HttpRpc, NodeError, connect
from toolkit.messages.audit import AnchorCheckpoint

DEPTH = 3


def asked(first, last, root="ab"):
    return AnchorCheckpoint(
        log_id="log/main",
        intent_id=str(derived("anchor", f"{first}-{last}", root)),
        from_index=first,
        to_index=last,
        merkle_root=root * 32,
    )


@pytest.fixture(scope="module")
def built():
    """A chain with the contract on it; it is slow to make, and quick to put back."""
    node, clock = Node(), Clock()
    account = Account.of(node, KEY, clock, DEPTH)
    node.give(account.address)
    what = artifact("AuditAnchor")
    node.address = asyncio.run(node.made(account, what, account.address))
    return node


@pytest.fixture
def house(built, clock):
    with built.kept() as node:
        yield node, again(node, clock)


def again(node, clock):
    """The same service after a crash: nothing in its memory."""
    return ChainAnchor.at(Account.of(node, KEY, clock, DEPTH), node.address)


async def patiently(node, anchor, what):
    for _ in range(10):
        try:
            return await anchor.anchor(what)
        except Unfinished:
            node.mine()
    raise AssertionError("it never came to an end")


async def told(anchor):
    return await anchor.contract.logs("Anchored")


async def test_a_root_is_final_when_its_block_is_deep(house):
    node, anchor = house
    what = asked(0, 9)
    with pytest.raises(Unfinished, match="on its way"):
        await anchor.anchor(what)
    with pytest.raises(Unfinished, match="not deep enough"):
        await anchor.anchor(what)
    found = await patiently(node, anchor, what)
    (log,) = await told(anchor)
    assert (found.tx_hash, found.block_number) == (log.tx_hash, log.block_number)
    assert log.values["root"].hex() == what.merkle_root
    assert len(node.published) == 1


async def test_after_a_crash_it_is_found_and_not_sent_again(house, clock):
    node, anchor = house
    with pytest.raises(Unfinished):
        await anchor.anchor(asked(0, 9))
    found = await patiently(node, again(node, clock), asked(0, 9))
    assert len(node.published) == 1
    assert [log.tx_hash for log in await told(anchor)] == [found.tx_hash]


async def test_after_a_crash_what_still_waits_is_replaced_and_only_one_is_mined(
    house, clock
):
    node, anchor = house
    node.mines = False
    with pytest.raises(Unfinished):
        await anchor.anchor(asked(0, 9))
    clock.advance(hours=1)
    reborn = again(node, clock)
    with pytest.raises(Unfinished):
        await reborn.anchor(asked(0, 9))
    await patiently(node, reborn, asked(0, 9))
    assert len(await told(anchor)) == 1


async def test_an_answer_that_never_came_is_no_second_anchor(house):
    node, anchor = house
    node.unheard.append("eth_sendRawTransaction")
    with pytest.raises(Unavailable):
        await anchor.anchor(asked(0, 9))
    await patiently(node, anchor, asked(0, 9))
    assert len(await told(anchor)) == 1


async def test_a_stuck_transaction_is_pushed_with_a_higher_fee(house, clock):
    node, anchor = house
    node.mines = False
    with pytest.raises(Unfinished):
        await anchor.anchor(asked(0, 9))
    with pytest.raises(Unfinished):
        await anchor.anchor(asked(0, 9))
    assert len(node.published) == 1
    clock.at += STUCK_AFTER
    with pytest.raises(Unfinished):
        await anchor.anchor(asked(0, 9))
    assert len(node.published) == 2
    await patiently(node, anchor, asked(0, 9))
    assert len(await told(anchor)) == 1


async def test_the_chain_refuses_a_log_that_forked(house):
    node, anchor = house
    await patiently(node, anchor, asked(0, 9))
    with pytest.raises(Declined, match="not where the log ended"):
        await anchor.anchor(asked(0, 9, root="cd"))
    await patiently(node, anchor, asked(9, 12))
    assert [log.values["to_index"] for log in await told(anchor)] == [9, 12]


async def test_two_at_a_time_wait_for_each_other(house):
    node, anchor = house
    node.mines = False
    first, second = await asyncio.gather(
        anchor.anchor(asked(0, 9)), anchor.anchor(asked(0, 5)), return_exceptions=True
    )
    assert {type(first), type(second)} == {Unfinished}
    assert len(node.published) == 1


async def test_silence_is_tried_five_times_with_growing_patience(clock):
    calls = []

    def answer(_request):
        calls.append(clock.now())
        return httpx.Response(503)

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(base_url="http://node.example", transport=transport) as c:
        with pytest.raises(Unavailable):
            await HttpRpc(c, clock)("eth_blockNumber", [])
    waits = [(b - a).total_seconds() for a, b in pairwise(calls)]
    assert waits == [0.25, 0.5, 1.0, 2.0]


async def test_a_no_is_an_answer_and_is_not_tried_again(clock):
    calls = []

    def answer(request):
        calls.append(request)
        return httpx.Response(200, json={"error": {"code": -32000, "message": "no"}})

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(base_url="http://node.example", transport=transport) as c:
        with pytest.raises(NodeError, match="no"):
            await HttpRpc(c, clock)("eth_blockNumber", [])
    assert len(calls) == 1


@pytest.mark.real
async def test_on_a_node_of_other_hands_it_is_the_same(clock):
    with anvil("--hardfork", "prague") as url:
        async with connect(url, clock) as rpc:
            node = Anvil(rpc)
            account = Account.of(rpc, KEY, clock, DEPTH)
            await node.give(account.address)
            address = await node.made(account, artifact("AuditAnchor"), account.address)
            anchor, found = ChainAnchor.at(account, address), None
            while found is None:
                try:
                    found = await anchor.anchor(asked(0, 9))
                except Unfinished:
                    await node.step()
            assert [log.tx_hash for log in await told(anchor)] == [found.tx_hash]
            with pytest.raises(Declined, match="not where the log ended"):
                await anchor.anchor(asked(0, 9, root="cd"))
