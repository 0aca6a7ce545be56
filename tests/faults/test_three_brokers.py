"""Of three brokers one is killed: what was confirmed is there, and business goes on."""

import asyncio
import signal

import pytest

from deploy.services.stack import running
from tests.deployment import deployed
from tests.faults.crowd import Ordeal, Witness
from tests.servers import started

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]
KINDS = ("postgres", "kafka", "registry")


@pytest.fixture
def three_brokers(folder_of_servers):
    with running(folder_of_servers / "three", KINDS, 3, print) as stack:
        yield started(stack, *KINDS)


async def test_business_goes_on_when_one_broker_of_three_is_killed(three_brokers, tmp_path):
    with deployed(three_brokers.settings, tmp_path / "platform") as platform:
        ordeal = Ordeal(platform, Witness())
        async with ordeal.crowd() as crowd:
            await crowd.sold(2)
            await asyncio.to_thread(three_brokers.strike, "kafka-2", signal.SIGKILL)
            await crowd.sold(3)
            await asyncio.to_thread(three_brokers.revive, "kafka-2")
            await crowd.sold(1)
