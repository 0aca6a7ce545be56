"""The topics of the platform, as `topics.toml` declares them, and what travels on which.

The file lies in this package and is read as code is: once, when the module is imported.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from inspect import isclass
from pathlib import Path
from types import ModuleType
from typing import Any

from toolkit.core.message import Message, record
from toolkit.messages import (
    audit,
    closing,
    contracts,
    custody,
    escrow,
    notifications,
    payments,
    reconciliation,
    wallets,
    webhooks,
)

DECLARED = Path(__file__).with_name("topics.toml")
BATCH_BYTES_MAX = 1_048_588  # what a topic takes at once: Kafka's own default
RECORD_BYTES_MAX = 900_000  # what we say at once, with room for all that is around it
DEAD_LETTERS = ".dlq"  # what a topic's name ends in where its dead letters go


@record
class Topic:
    """One topic, as it has to be created; `key` says in words what its record key is."""

    name: str
    partitions: int
    retention: timedelta
    cleanup: str
    key: str

    @property
    def settings(self) -> dict[str, str]:
        """Answer the topic's configuration, as a broker wants it.

        Compaction keeps only the newest record of a key. The lag equal to the retention
        keeps the history that a topic keyed by aggregate would lose.
        """
        retention_ms = str(self.retention // timedelta(milliseconds=1))
        settings = {
            "cleanup.policy": self.cleanup,
            "retention.ms": retention_ms,
            "max.message.bytes": str(BATCH_BYTES_MAX),
        }
        if "compact" in self.cleanup:
            settings["min.compaction.lag.ms"] = retention_ms
        return settings


@record
class Environment:
    """What differs where the topics live; `settings` are for every one of them."""

    name: str
    replication_factor: int
    settings: Mapping[str, str]


def read_topics(document: Mapping[str, Any]) -> tuple[Topic, ...]:
    """Read the topics of a file, without those for dead letters.

    Raises ValueError with the topic and what is wrong with it.
    """
    return tuple(_topic(name, entry) for name, entry in document["topics"].items())


def read_dead_letters(document: Mapping[str, Any]) -> tuple[Topic, ...]:
    """Read the topics that take the dead letters of the others."""
    entry = document["dead_letters"]
    return tuple(_topic(f"{name}{DEAD_LETTERS}", entry) for name in document["topics"])


def read_environments(document: Mapping[str, Any]) -> dict[str, Environment]:
    """Read what differs between environments, by their names."""
    return {
        name: Environment(name=name, **entry)
        for name, entry in document["environments"].items()
    }


def _topic(name: str, entry: Mapping[str, Any]) -> Topic:
    if set(entry) != {"partitions", "retention_days", "cleanup", "key"}:
        raise ValueError(
            f"topic {name} says {sorted(entry)}: say partitions, retention_days, cleanup "
            "and key, and nothing else"
        )
    retention = timedelta(days=entry["retention_days"])
    if entry["partitions"] < 1 or retention <= timedelta():
        raise ValueError(f"topic {name}: partitions and retention_days are above 0")
    return Topic(
        name=name,
        partitions=entry["partitions"],
        retention=retention,
        cleanup=entry["cleanup"],
        key=entry["key"],
    )


_DOCUMENT = tomllib.loads(DECLARED.read_text(encoding="utf-8"))
TOPICS = read_topics(_DOCUMENT)
ALL_TOPICS = (*TOPICS, *read_dead_letters(_DOCUMENT))
ENVIRONMENTS = read_environments(_DOCUMENT)
PARTITIONS = {topic.name: topic.partitions for topic in ALL_TOPICS}
RETENTION_MAX = max(topic.retention for topic in ALL_TOPICS)  # how late a record may come
# What a service says only to itself waits on its agenda: no broker has this topic.
INTERNAL = frozenset({"notifications.commands.v1"})


def _records(room: ModuleType) -> tuple[type[Message], ...]:
    """Answer the messages a room declares, in its order, without what they derive from."""
    classes = [
        cls
        for cls in vars(room).values()
        if isclass(cls) and issubclass(cls, Message) and cls.__module__ == room.__name__
    ]
    return tuple(
        cls
        for cls in classes
        if not any(other is not cls and issubclass(other, cls) for other in classes)
    )


RECORDS: tuple[type[Message], ...] = tuple(
    cls
    for room in (
        escrow,
        payments,
        custody,
        webhooks,
        contracts,
        reconciliation,
        notifications,
        closing,
        wallets,
        audit,
    )
    for cls in _records(room)
)
RECORD_BY_TYPE = {cls.__name__: cls for cls in RECORDS}  # by Envelope.type, and ce_type
