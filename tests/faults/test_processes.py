"""Processes die where it hurts most, between two durable steps, under load."""

import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]

# Each service dies once at each of its points, one life after another.
DEATHS = {
    "gateway": ("intake.written", "intake.committed", "relay.read", "relay.produced"),
    "escrow": ("consumer.written", "relay.confirmed", "relay.deleted"),
}


@pytest.mark.parametrize("service", DEATHS)
async def test_a_process_that_dies_between_any_two_steps_loses_nothing(ordeal, service):
    async with ordeal.crowd() as crowd:
        ordeal.arm(service, *DEATHS[service])
        await crowd.until(lambda: len(ordeal.deaths) == len(DEATHS[service]))
        await crowd.sold(1)
    assert ordeal.deaths == [(service, point) for point in DEATHS[service]]
