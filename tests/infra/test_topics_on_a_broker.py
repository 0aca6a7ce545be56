"""`python -m toolkit topics` makes a real broker's topics what is declared."""

import argparse
import time

import pytest
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
)

from toolkit.infra.topic_admin import TopicAdmin
from toolkit.messages.topics import ALL_TOPICS
from toolkit.operations import topics
from toolkit.operations.ends import DONE, WAITING

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("broker")]
EVENTS = "escrow.events.v1"
FEW = 3


@pytest.fixture
def admin(real_broker):
    """A broker without any topic of ours, before and after."""
    client = AdminClient({"bootstrap.servers": real_broker})
    yield client
    ours = {topic.name for topic in ALL_TOPICS} & set(client.list_topics(timeout=10).topics)
    for gone in client.delete_topics(list(ours)).values():
        gone.result(20)
    while ours & set(client.list_topics(timeout=10).topics):
        time.sleep(0.05)


@pytest.fixture
def asked(real_broker, capsys):
    """Run the command, and answer its exit status and what it printed."""

    def ask(*words):
        parser = argparse.ArgumentParser()
        topics.add_arguments(parser)
        status = topics.run(parser.parse_args(words), {"bootstrap.servers": real_broker})
        return status, capsys.readouterr().out

    return ask


def change(admin, setting, value):
    """Set it as somebody else might, past our command."""
    entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
    topic = ConfigResource(ConfigResource.Type.TOPIC, EVENTS, incremental_configs=[entry])
    for answer in admin.incremental_alter_configs([topic]).values():
        answer.result(20)
    asked = ConfigResource(ConfigResource.Type.TOPIC, EVENTS)
    while (
        next(iter(admin.describe_configs([asked]).values())).result()[setting].value
        != value
    ):
        time.sleep(0.05)


def test_what_is_missing_is_told_then_made_and_then_as_declared(admin, asked, real_broker):
    status, said = asked("plan")
    assert status == WAITING
    assert [line[0] for line in said.splitlines()] == ["+"] * len(ALL_TOPICS)
    assert EVENTS not in admin.list_topics(timeout=10).topics
    status, said = asked("apply")
    assert status == DONE
    assert f"{len(ALL_TOPICS)} topics are as declared" in said
    assert asked("plan")[0] == DONE

    change(admin, "retention.ms", "60000")
    status, said = asked("plan")
    assert status == WAITING
    assert f"~ {EVENTS}: retention.ms 60000 -> " in said
    assert asked("apply")[0] == DONE
    found = TopicAdmin({"bootstrap.servers": real_broker}).found()
    assert found[EVENTS].effective["retention.ms"] == str(90 * 24 * 3_600_000)


def test_partitions_are_added_only_for_somebody_who_says_so(admin, asked):
    for made in admin.create_topics([NewTopic(EVENTS, num_partitions=FEW)]).values():
        made.result(20)
    while EVENTS not in admin.list_topics(timeout=10).topics:
        time.sleep(0.05)
    status, said = asked("apply")
    assert status == WAITING
    assert f"! {EVENTS}: has {FEW} partitions" in said
    assert len(admin.list_topics(EVENTS, timeout=10).topics[EVENTS].partitions) == FEW
    assert asked("apply", "--grow-partitions")[0] == DONE
    assert len(admin.list_topics(EVENTS, timeout=10).topics[EVENTS].partitions) == 12
