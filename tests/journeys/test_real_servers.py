"""What people live through with the platform, on a real broker, database and registry."""

from datetime import timedelta

import pytest

from tests.deployment import Story
from toolkit.messages.escrow import Resolution

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]


async def test_a_sale_goes_well(real_platform):
    async with real_platform.people() as house:
        story = Story(house, "a-good-sale")
        await story.agree()
        await story.pay()
        await story.reaches("FUNDS_HELD")
        await story.deliver()
        await story.reaches("DELIVERED")
        await story.release()
        await story.reaches("RELEASED")


async def test_a_buyer_changes_their_mind_before_paying(real_platform):
    async with real_platform.people() as house:
        story = Story(house, "a-change-of-mind")
        await story.agree()
        await story.reaches("AWAIT_FUNDS")
        await story.cancel()
        await story.reaches("CANCELLED")


async def test_a_dispute_ends_with_a_refund(real_platform):
    async with real_platform.people() as house:
        story = Story(house, "a-dispute")
        await story.agree()
        await story.pay()
        await story.reaches("FUNDS_HELD")
        await story.deliver()
        await story.reaches("DELIVERED")
        dispute_id = await story.dispute()
        await story.resolve(dispute_id, Resolution.REFUND)
        await story.reaches("REFUNDED")


async def test_a_bank_takes_the_money_back(real_platform):
    async with real_platform.people() as house:
        story = Story(house, "a-chargeback")
        await story.agree()
        await story.pay()
        await story.reaches("FUNDS_HELD")
        await story.charge_back("lost")
        await story.reaches("REFUNDED")


async def test_who_is_silent_long_enough_has_decided(real_platform):
    """Nobody pays within 72 hours; another does, and looks at nothing for seven days."""
    async with real_platform.people() as house:
        unpaid, silent = Story(house, "an-unpaid-sale"), Story(house, "a-silent-buyer")
        await unpaid.agree()
        await silent.agree()
        await silent.pay()
        await silent.reaches("FUNDS_HELD")
        await silent.deliver()
        await silent.reaches("DELIVERED")
    real_platform.advance(timedelta(days=8))
    async with real_platform.people() as house:
        unpaid.house = silent.house = house
        await unpaid.reaches("CANCELLED")
        await silent.reaches("RELEASED")
