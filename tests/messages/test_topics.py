"""Topics are created as the contract says, and every message has one."""

import pkgutil
from importlib import import_module
from inspect import isclass
from pathlib import Path

import pytest

from toolkit import messages
from toolkit.core.message import Command, Event, Message
from toolkit.messages.topics import (
    ALL_TOPICS,
    ENVIRONMENTS,
    INTERNAL,
    PARTITIONS,
    RECORD_BY_TYPE,
    RECORDS,
    TOPICS,
    read_topics,
)

CONTRACT = Path(__file__).parents[2] / "../shared/contracts/messages.md"
DAY_MS = 86_400_000


def topic(name):
    return next(each for each in ALL_TOPICS if each.name == name)


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
def test_a_message_travels_on_a_topic_of_its_kind(cls):
    assert (cls.topic in PARTITIONS) != (cls.topic in INTERNAL)
    kind = "commands" if issubclass(cls, Command) else "events"
    assert issubclass(cls, Command | Event)
    assert cls.topic.split(".")[1] == kind


def test_no_two_messages_share_a_name():
    assert len(RECORD_BY_TYPE) == len(RECORDS)


def test_no_message_is_forgotten():
    rooms = (
        import_module(f"{messages.__name__}.{found.name}")
        for found in pkgutil.iter_modules(messages.__path__)
        if not found.ispkg
    )
    declared = {
        cls
        for room in rooms
        for cls in vars(room).values()
        if isclass(cls) and issubclass(cls, Message) and cls.__module__ == room.__name__
    }
    abstract = {base for cls in RECORDS for base in cls.__mro__[1:]}
    assert declared - abstract == set(RECORDS)


def test_the_history_of_an_aggregate_outlives_compaction():
    assert topic("escrow.events.v1").settings == {
        "cleanup.policy": "compact,delete",
        "retention.ms": str(90 * DAY_MS),
        "min.compaction.lag.ms": str(90 * DAY_MS),
        "max.message.bytes": "1048588",
    }


def test_commands_are_forgotten_after_a_week():
    assert topic("payments.commands.v1").settings == {
        "cleanup.policy": "delete",
        "retention.ms": str(7 * DAY_MS),
        "max.message.bytes": "1048588",
    }


def test_every_topic_has_its_dead_letters():
    assert len(ALL_TOPICS) == 2 * len(TOPICS)
    assert PARTITIONS["webhook.events.v1.dlq"] == 3
    assert topic("webhook.events.v1.dlq").settings["retention.ms"] == str(30 * DAY_MS)


DECLARED_AS_EVENTS = "as escrow.events"
BEYOND = "audit."  # what audit says to itself and the house: no topic of the contract
LONG = "compact,delete with `min.compaction.lag.ms` = 90 days"


def contracted():
    """Read the contract's table: name, partitions, days, cleanup policy, key."""
    table = CONTRACT.read_text().partition("## Topics")[2].partition("\n## ")[0]
    for line in table.splitlines():
        if not line.startswith("| `"):
            continue
        names, partitions, days, cleanup, key = (
            c.strip() for c in line.strip("|").split("|")
        )
        names = [name.strip(" `") for name in names.split(",")]
        days = days.removesuffix(" days").split(" / ")
        policies = cleanup.split(" / ")
        for name, kept, policy in zip(names, days, policies, strict=True):
            yield name, int(partitions), int(kept.removesuffix(" days")), policy, key


def test_the_topics_are_those_of_the_contract():
    if not CONTRACT.exists():
        pytest.skip("the contract is not beside the project")
    compacted = {DECLARED_AS_EVENTS, LONG}
    expected = {
        name: (partitions, days, "compact,delete" if how in compacted else how, key)
        for name, partitions, days, how, key in contracted()
    }
    dead_letters = expected.pop("<topic>.dlq` for each")
    expected |= {f"{name}.dlq": dead_letters for name in list(expected)}
    declared = {
        t.name: (t.partitions, t.retention.days, t.cleanup, t.key) for t in ALL_TOPICS
    }
    beyond = {t.name for t in ALL_TOPICS if t.name.startswith(BEYOND)}
    assert {n: t for n, t in declared.items() if n not in beyond} == expected


def test_a_record_has_three_copies_in_production_and_one_elsewhere():
    copies = {name: each.replication_factor for name, each in ENVIRONMENTS.items()}
    assert copies == {"embedded": 1, "development": 1, "production": 3}


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"partitions": 1}, "topic a.events.v1 says .* say partitions, retention_days"),
        (
            {"partitions": 0, "retention_days": 1, "cleanup": "delete", "key": "id"},
            "topic a.events.v1: partitions and retention_days are above 0",
        ),
    ],
)
def test_a_wrong_entry_of_the_file_is_named(entry, complaint):
    with pytest.raises(ValueError, match=complaint):
        read_topics({"topics": {"a.events.v1": entry}})
