"""Reads a broker's topics and makes them what is declared, by Kafka's admin protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its list is short
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
)

from toolkit.core.errors import Unavailable
from toolkit.infra.topic_plan import Correct, Create, Found, Grow, Step

TIMEOUT_S = 15.0
OWN = ConfigSource.DYNAMIC_TOPIC_CONFIG.value  # a setting that the topic itself was given


class TopicAdmin:
    """One broker's topics. Every call blocks, and raises Unavailable without an answer."""

    def __init__(self, settings: Mapping[str, Any], timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        # What librdkafka logs of a broker that is away, we say ourselves.
        self._client = AdminClient({"log_level": 0, **settings})

    def found(self) -> dict[str, Found]:
        """Answer every topic with its partitions and its settings."""
        try:
            topics = self._client.list_topics(timeout=self._timeout_s).topics
        except KafkaException as failure:
            raise _unavailable(failure) from failure
        if not topics:
            return {}
        asked = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in topics]
        answers = self._client.describe_configs(asked, request_timeout=self._timeout_s)
        settings = {resource.name: self._answer(f) for resource, f in answers.items()}
        return {
            name: Found(
                name=name,
                partitions=len(topic.partitions),
                replication_factor=min(
                    (len(p.replicas) for p in topic.partitions.values()), default=0
                ),
                effective={e.name: e.value for e in settings[name].values()},
                settings={
                    e.name: e.value for e in settings[name].values() if e.source == OWN
                },
            )
            for name, topic in topics.items()
        }

    def apply(self, steps: Sequence[Step], *, grow: bool) -> None:
        """Create what is missing, correct settings, and grow partitions if told to.

        A topic that somebody else creates meanwhile is as good as ours.
        """
        creations = [step for step in steps if isinstance(step, Create)]
        corrections = [step for step in steps if isinstance(step, Correct)]
        self._create(creations)
        self._correct(corrections)
        if grow:
            self._grow([step for step in steps if isinstance(step, Grow)])

    def _create(self, steps: Sequence[Create]) -> None:
        if not steps:
            return
        topics = [
            NewTopic(
                step.topic,
                num_partitions=step.partitions,
                replication_factor=step.replication_factor,
                config=dict(step.settings),
            )
            for step in steps
        ]
        answers = self._client.create_topics(topics, request_timeout=self._timeout_s)
        self._await(answers.values(), but=KafkaError.TOPIC_ALREADY_EXISTS)

    def _correct(self, steps: Sequence[Correct]) -> None:
        if not steps:
            return
        resources = [
            ConfigResource(
                ConfigResource.Type.TOPIC,
                topic,
                incremental_configs=[
                    ConfigEntry(
                        step.setting,
                        step.declared,
                        incremental_operation=AlterConfigOpType.SET,
                    )
                    for step in steps
                    if step.topic == topic
                ],
            )
            for topic in dict.fromkeys(step.topic for step in steps)
        ]
        answers = self._client.incremental_alter_configs(
            resources, request_timeout=self._timeout_s
        )
        self._await(answers.values())

    def _grow(self, steps: Sequence[Grow]) -> None:
        if steps:
            wanted = [NewPartitions(step.topic, step.declared) for step in steps]
            answers = self._client.create_partitions(
                wanted, request_timeout=self._timeout_s
            )
            self._await(answers.values())

    def _await(self, answers: Iterable[Future[Any]], but: int | None = None) -> None:
        for answer in answers:
            self._answer(answer, but)

    def _answer(self, answer: Future[Any], but: int | None = None) -> Any:
        try:
            return answer.result(self._timeout_s + 5)
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            if error.code() == but:
                return None
            if error.code() in UNANSWERED:
                raise _unavailable(failure) from failure
            raise TopicRefused(error.str()) from failure
        except TimeoutError as failure:
            raise Unavailable("the broker did not answer in time") from failure


class TopicRefused(Exception):  # noqa: N818 - the name says what happened, not what it is
    """The broker understood and said no; the message is its own."""


UNANSWERED = frozenset(
    {
        KafkaError._TIMED_OUT,  # noqa: SLF001 - these are the public names
        KafkaError._TRANSPORT,  # noqa: SLF001
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
        KafkaError._RESOLVE,  # noqa: SLF001
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.NOT_CONTROLLER,
    }
)


def _unavailable(failure: KafkaException) -> Unavailable:
    error: KafkaError = failure.args[0]
    return Unavailable(f"the broker does not answer: {error.str()}")
