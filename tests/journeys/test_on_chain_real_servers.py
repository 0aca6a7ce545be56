"""Sales above the card's limit on real servers: USDC, and wallets that nobody trusts."""

import asyncio
import time

import psycopg
import pytest

from tests.deployment import PATIENCE_S, Story
from toolkit.core.money import Money
from toolkit.escrow.policy import PAYOUTS
from toolkit.messages.escrow import Resolution

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]

PRICE = Money(12_345_67)
PAID = ["12345.67"]
BUYER = f"0x{'b1' * 20}"
RISKY = "b010"  # how a wallet ends of which both vendors know that it is high risk
CASES = (
    "select count(*) from payments.events"
    " where aggregate_id = %s and type = 'PaymentCaseOpened'"
)


async def arrives(platform, wallet, amounts):
    """Wait until so much, and nothing else, is final in a wallet."""
    deadline = time.monotonic() + PATIENCE_S
    while (seen := await asyncio.to_thread(platform.paid_on_chain, wallet)) != amounts:
        assert time.monotonic() < deadline, seen
        await asyncio.sleep(0.25)


async def test_a_sale_above_the_limit_is_held_and_paid_out_on_chain(real_platform):
    """The first deposit is too little and goes back."""
    seller = f"0x{'5e' * 20}"
    async with real_platform.people() as house:
        story = Story(house, "a-house", PRICE, seller)
        await story.agree()
        address = await story.address()
        real_platform.deposit(address, BUYER, "345.67")
        await arrives(real_platform, BUYER, [["345.67"]])
        real_platform.deposit(address, BUYER, *PAID)
        await story.reaches("FUNDS_HELD")
        await story.deliver()
        await story.reaches("DELIVERED")
        await story.release()
        await story.reaches("RELEASED")
        await arrives(real_platform, seller, [PAID])


async def test_money_from_a_high_risk_wallet_goes_back_and_other_money_is_held(
    real_platform,
):
    seller, risky, clean = f"0x{'5f' * 20}", f"0x{'b2' * 18}{RISKY}", f"0x{'b3' * 20}"
    async with real_platform.people() as house:
        story = Story(house, "a-risky-buyer", PRICE, seller)
        await story.agree()
        address = await story.address()
        real_platform.deposit(address, risky, *PAID)
        await arrives(real_platform, risky, [PAID])
        assert (await house.look(story.escrow_id)).state == "AWAIT_FUNDS"
        real_platform.deposit(address, clean, *PAID)
        await story.reaches("FUNDS_HELD")


async def test_a_seller_with_a_high_risk_wallet_is_not_paid_and_the_buyer_has_it_back(
    real_platform,
):
    """The payout is parked and a case opened; a person decides what becomes of it."""
    seller, buyer = f"0x{'5a' * 18}{RISKY}", f"0x{'b4' * 20}"
    async with real_platform.people() as house:
        story = Story(house, "a-risky-seller", PRICE, seller)
        await story.agree()
        real_platform.deposit(await story.address(), buyer, *PAID)
        await story.reaches("FUNDS_HELD")
        await story.deliver()
        await story.reaches("DELIVERED")
        await story.release()
        page = await story.seen(lambda page: page.disputed_by == PAYOUTS)
        await story.resolve(page.dispute_id, Resolution.REFUND)
        await story.reaches("REFUNDED")
        await arrives(real_platform, buyer, [PAID])
        await arrives(real_platform, seller, [])
    with psycopg.connect(real_platform.dsn) as session:
        told = session.execute(CASES, [story.escrow_id]).fetchall()
    assert told == [(1,)]
