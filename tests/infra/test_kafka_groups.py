"""A consumer joins groups of either protocol, and sends no broker what it would refuse."""

import asyncio
from collections import defaultdict

import pytest

from tests.infra.test_kafka import FORMAT, TOPIC, Member, posting, producer, until
from toolkit.infra.kafka import KafkaConsumer, group_settings
from toolkit.infra.mock_cluster import MOCK_CONSUMER_SETTINGS, MockCluster

LEFT_TO_THE_BROKER = {
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "partition.assignment.strategy",
}


@pytest.mark.parametrize("given", [{}, {"group.protocol": "classic"}])
def test_members_of_a_classic_group_keep_their_partitions_in_a_rebalance(given):
    settings = group_settings(given)
    assert settings["partition.assignment.strategy"] == "cooperative-sticky"
    assert set(settings) >= LEFT_TO_THE_BROKER


def test_a_deployment_may_choose_its_own_session():
    assert group_settings({"session.timeout.ms": 9_000})["session.timeout.ms"] == 9_000


def test_a_group_of_the_brokers_own_is_told_nothing_of_sessions():
    given = {"group.protocol": "consumer", **MOCK_CONSUMER_SETTINGS}
    settings = group_settings(given)
    assert not LEFT_TO_THE_BROKER & set(settings)
    assert settings["enable.auto.commit"] is False
    assert settings["fetch.wait.max.ms"] == MOCK_CONSUMER_SETTINGS["fetch.wait.max.ms"]


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
async def test_a_member_reads_all_that_is_there(protocol):
    with MockCluster({TOPIC: 4}) as cluster:
        settings = {
            "bootstrap.servers": cluster.bootstrap,
            "group.protocol": protocol,
            **MOCK_CONSUMER_SETTINGS,
        }
        reader = KafkaConsumer(settings, "escrow", [TOPIC], FORMAT)
        member = Member(reader, defaultdict(int))
        async with producer(cluster) as sender:
            await sender.publish([posting(n, key=f"escrow-{n}") for n in range(40)])
            await until(lambda: len(member.seen) == 40, member)
        await asyncio.wait_for(reader.close(), 20)
    assert len(member.owned) == 4
