"""What stands between the topics a broker has and those that are declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from toolkit.core.message import record
from toolkit.messages.topics import Environment, Topic

CONFIRMED_BY = "min.insync.replicas"


@record
class Found:
    """A topic as a broker has it; `settings` are those that were given to it itself."""

    name: str
    partitions: int
    replication_factor: int
    effective: Mapping[str, str]  # every setting, wherever it comes from
    settings: Mapping[str, str]


@record
class Create:
    """A topic that is not there."""

    topic: str
    partitions: int
    replication_factor: int
    settings: Mapping[str, str]


@record
class Correct:
    """A setting that differs from what is declared."""

    topic: str
    setting: str
    found: str | None
    declared: str


@record
class Grow:
    """A topic with too few partitions. Its keys move, so somebody has to want it."""

    topic: str
    found: int
    declared: int


@record
class Beyond:
    """A difference that no command of ours can mend; `advice` says who can, and how."""

    topic: str
    what: str
    advice: str


@record
class Remark:
    """Something that is there and not declared. It is left alone."""

    topic: str
    what: str


Step = Create | Correct | Grow | Beyond | Remark


def planned(
    declared: Sequence[Topic], environment: Environment, found: Mapping[str, Found]
) -> list[Step]:
    """Compare, and answer what differs: by topic, in the order of the declaration."""
    steps: list[Step] = []
    for topic in declared:
        settings = {**topic.settings, **environment.settings}
        there = found.get(topic.name)
        if there is None:
            steps.append(
                Create(
                    topic=topic.name,
                    partitions=topic.partitions,
                    replication_factor=environment.replication_factor,
                    settings=settings,
                )
            )
        else:
            steps += _differences(topic, environment, settings, there)
    names = {topic.name for topic in declared}
    strangers = sorted(set(found) - names)
    steps += [
        Remark(topic=name, what="is not declared; nothing here deletes a topic")
        for name in strangers
        if not name.startswith("_")  # a broker's own, and a registry's
    ]
    return steps


def _differences(
    topic: Topic, environment: Environment, settings: Mapping[str, str], there: Found
) -> Iterator[Step]:
    name = topic.name
    for setting, value in settings.items():
        current = there.effective.get(setting)
        if setting == CONFIRMED_BY and int(value) > there.replication_factor:
            continue  # with fewer replicas than that, nothing could be written any more
        if current is None or _normal(current) != _normal(value):
            yield Correct(topic=name, setting=setting, found=current, declared=value)
    if there.partitions < topic.partitions:
        yield Grow(topic=name, found=there.partitions, declared=topic.partitions)
    if there.partitions > topic.partitions:
        yield Beyond(
            topic=name,
            what=f"has {there.partitions} partitions, and {topic.partitions} are declared",
            advice="Kafka never takes a partition away: declare what is there, or move to "
            "a topic of the next version",
        )
    if there.replication_factor != environment.replication_factor:
        yield Beyond(
            topic=name,
            what=f"has replication {there.replication_factor}, and "
            f"{environment.replication_factor} is declared for {environment.name}",
            advice="move its replicas with the broker's kafka-reassign-partitions",
        )
    for setting in sorted(set(there.settings) - set(settings)):
        yield Remark(
            topic=name,
            what=f"has {setting}={there.settings[setting]}, which nobody declared",
        )


def _normal(value: str) -> str:
    """Lists have no order: `delete,compact` says what `compact,delete` says."""
    return ",".join(sorted(part.strip() for part in value.split(",")))


def told(step: Step) -> str:
    """Say a step in one line; its mark tells who acts: + ~ we do, ! somebody else does."""
    match step:
        case Create():
            settings = " ".join(f"{k}={v}" for k, v in sorted(step.settings.items()))
            return (
                f"+ {step.topic}: create with {step.partitions} partitions, replication "
                f"{step.replication_factor}, {settings}"
            )
        case Correct():
            return f"~ {step.topic}: {step.setting} {step.found} -> {step.declared}"
        case Grow():
            return (
                f"! {step.topic}: has {step.found} partitions, and {step.declared} are "
                "declared. A key's later records may lie in another partition than its "
                "earlier ones: stop its writers, let its readers finish, and apply with "
                "--grow-partitions"
            )
        case Beyond():
            return f"! {step.topic}: {step.what}; {step.advice}"
        case Remark():
            return f"? {step.topic}: {step.what}"
