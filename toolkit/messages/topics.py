"""The topics of the platform, and which message travels on which."""

from __future__ import annotations

from datetime import timedelta
from inspect import isclass
from types import ModuleType

from toolkit.core.message import Message, record
from toolkit.messages import (
    contracts,
    custody,
    escrow,
    payments,
    reconciliation,
    webhooks,
)

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
QUARTER = timedelta(days=90)


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
        settings = {"cleanup.policy": self.cleanup, "retention.ms": retention_ms}
        if "compact" in self.cleanup:
            settings["min.compaction.lag.ms"] = retention_ms
        return settings

    @property
    def dead_letters(self) -> Topic:
        """Where this topic's records go when they cannot be handled."""
        return Topic(
            name=f"{self.name}.dlq",
            partitions=3,
            retention=MONTH,
            cleanup="delete",
            key="original key",
        )


def _commands(room: str, key: str) -> Topic:
    return Topic(
        name=f"{room}.commands.v1", partitions=12, retention=WEEK, cleanup="delete", key=key
    )


def _events(room: str, key: str) -> Topic:
    return Topic(
        name=f"{room}.events.v1",
        partitions=12,
        retention=QUARTER,
        cleanup="compact,delete",
        key=key,
    )


TOPICS = (
    _commands("escrow", "escrow_id"),
    _events("escrow", "escrow_id"),
    _commands("payments", "escrow_id or transaction_id"),
    _events("payments", "escrow_id or transaction_id"),
    _events("webhook", "provider event id"),
    _events("contracts", "contract_id"),
    _commands("closing", "transaction_id"),
    _events("closing", "transaction_id"),
    _events("notifications", "recipient id"),
    Topic(
        name="reconciliation.events.v1",
        partitions=1,
        retention=QUARTER,
        cleanup="delete",
        key="business date",
    ),
)
ALL_TOPICS = (*TOPICS, *(topic.dead_letters for topic in TOPICS))
PARTITIONS = {topic.name: topic.partitions for topic in ALL_TOPICS}


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
    for room in (escrow, payments, custody, webhooks, contracts, reconciliation)
    for cls in _records(room)
)
RECORD_BY_TYPE = {cls.__name__: cls for cls in RECORDS}  # by Envelope.type, and ce_type
