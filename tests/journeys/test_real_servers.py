"""What people live through with the platform, on a real broker, database and registry."""

import pytest

from tests.deployment import Story, deployed
from tests.servers import database_of

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]


@pytest.fixture(scope="module")
def platform(real_servers, tmp_path_factory):
    with database_of(real_servers.settings["postgres_dsn"]) as dsn:
        servers = {**real_servers.settings, "postgres_dsn": dsn}
        with deployed(servers, tmp_path_factory.mktemp("platform")) as running:
            yield running


async def test_a_sale_goes_well(platform):
    async with platform.people() as house:
        story = Story(house, "a-good-sale")
        await story.agree()
        await story.pay()
        await story.reaches("FUNDS_HELD")
        await story.deliver()
        await story.reaches("DELIVERED")
        await story.release()
        await story.reaches("RELEASED")
