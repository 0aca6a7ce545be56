"""A broker's topics become what is declared, and nothing is done that was not asked for."""

from dataclasses import replace

import pytest

from toolkit.core.errors import Unavailable
from toolkit.infra.mock_cluster import MockCluster
from toolkit.infra.topic_admin import TopicAdmin
from toolkit.infra.topic_plan import (
    Beyond,
    Correct,
    Create,
    Found,
    Grow,
    Remark,
    planned,
    told,
)
from toolkit.messages.topics import ALL_TOPICS, ENVIRONMENTS

PRODUCTION = ENVIRONMENTS["production"]
TOPIC = next(topic for topic in ALL_TOPICS if topic.name == "escrow.events.v1")
SETTINGS = {**TOPIC.settings, **PRODUCTION.settings}
AS_DECLARED = Found(
    name=TOPIC.name,
    partitions=12,
    replication_factor=3,
    effective={**SETTINGS, "segment.bytes": "1073741824"},
    settings=SETTINGS,
)


def plan(*found):
    return planned([TOPIC], PRODUCTION, {each.name: each for each in found})


def test_a_topic_as_declared_needs_nothing():
    assert plan(AS_DECLARED) == []


def test_on_an_empty_broker_every_topic_is_created_with_all_its_settings():
    steps = planned(ALL_TOPICS, PRODUCTION, {})
    assert [step.topic for step in steps] == [topic.name for topic in ALL_TOPICS]
    assert all(isinstance(step, Create) for step in steps)
    assert {step.replication_factor for step in steps} == {3}
    lag = {s.topic: s.settings.get("min.compaction.lag.ms") for s in steps}
    assert lag["escrow.events.v1"] == "7776000000"
    assert lag["escrow.commands.v1"] is None


def test_a_setting_that_differs_is_corrected():
    effective = {**AS_DECLARED.effective, "retention.ms": "604800000"}
    (step,) = plan(replace(AS_DECLARED, effective=effective))
    assert step == Correct(
        topic=TOPIC.name,
        setting="retention.ms",
        found="604800000",
        declared="7776000000",
    )


def test_a_list_in_another_order_says_the_same():
    effective = {**AS_DECLARED.effective, "cleanup.policy": "delete,compact"}
    assert plan(replace(AS_DECLARED, effective=effective)) == []


def test_missing_partitions_wait_for_somebody_who_wants_them():
    (step,) = plan(replace(AS_DECLARED, partitions=6))
    assert step == Grow(topic=TOPIC.name, found=6, declared=12)
    assert "--grow-partitions" in told(step)


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"partitions": 24}, "never takes a partition away"),
        ({"replication_factor": 1}, "kafka-reassign-partitions"),
    ],
)
def test_what_cannot_be_corrected_says_who_can(change, advice):
    (step,) = plan(replace(AS_DECLARED, **change))
    assert isinstance(step, Beyond)
    assert advice in told(step)


def test_a_topic_with_too_few_replicas_stays_writable():
    effective = {**AS_DECLARED.effective, "min.insync.replicas": "1"}
    steps = plan(replace(AS_DECLARED, replication_factor=1, effective=effective))
    assert [type(step) for step in steps] == [Beyond]


def test_what_nobody_declared_is_left_alone():
    settings = {**SETTINGS, "segment.bytes": "2000000"}
    stranger = replace(AS_DECLARED, name="somebody.elses")
    internal = replace(AS_DECLARED, name="__consumer_offsets")
    steps = plan(replace(AS_DECLARED, settings=settings), stranger, internal)
    assert [(type(s), s.topic) for s in steps] == [
        (Remark, TOPIC.name),
        (Remark, "somebody.elses"),
    ]


def test_a_broker_that_answers_no_questions_about_topics_is_unavailable():
    with MockCluster({"escrow.events.v1": 1}) as cluster:
        admin = TopicAdmin({"bootstrap.servers": cluster.bootstrap}, timeout_s=0.5)
        with pytest.raises(Unavailable, match="the broker does not answer"):
            admin.found()
