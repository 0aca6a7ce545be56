"""What people live through with the platform, on a real broker, database and registry."""

import pytest

from tests.deployment import Story

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
