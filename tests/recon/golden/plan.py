"""A day in the making, what has to come out of it, and its numbering as a log does it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from zlib import crc32

from tests.recon.day import Day

PARTITIONS = 3


@dataclass(frozen=True)
class Finding:
    """What has to be reported; an amount that is None is not judged."""

    code: str
    subject: str
    provider_ref: str | None = None
    expected_minor: int | None = None
    actual_minor: int | None = None

    @property
    def key(self) -> tuple:
        return (self.code, self.subject, self.provider_ref)


@dataclass
class Draft(Day):
    """A day that is being written: its dice, and what its log lost on the way."""

    seed: int = 0
    lost: set = field(default_factory=set)
    skipped_before: set = field(default_factory=set)
    before: "Draft | None" = None
    damage: list = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)

    def clock(self, first_hour: int, last_hour: int) -> str:
        """Some moment between two hours of the day."""
        hour = self.dice.randrange(first_hour, last_hour)
        return f"{hour:02}:{self.dice.randrange(60):02}:{self.dice.randrange(60):02}"


# A form plants something under a name of its own and says what has to come out.
Form = Callable[[Draft, str, int], tuple[Finding, ...]]


def amount_of(name: str) -> int:
    """Cents that no other name is likely to have, so that nothing fits by chance."""
    return 100_00 + crc32(name.encode()) % 800_000


def in_usdc(minor: int) -> int:
    """A custodian's amount above the threshold, exact to the last of six places."""
    return (10_000_00 + minor) * 10_000 + minor % 9_973


def number_as_a_log(day: Draft) -> None:
    """Give every event its partition and offset by time, then lose what is to be lost."""
    places: Counter = Counter()
    kept, ranges = [], {}
    for event in sorted(day.events, key=lambda event: event["occurred_at"]):
        partition = crc32(event["aggregate_id"].encode()) % PARTITIONS
        place = (event["topic"], partition)
        places[place] += 2 if event["event_id"] in day.skipped_before else 1
        numbered = event | {"partition": partition, "offset": 1_000 + places[place]}
        if event["occurred_at"] >= day.start:
            first, _ = ranges.get(place, (numbered["offset"], 0))
            ranges[place] = (first, numbered["offset"])
        if event["event_id"] not in day.lost:
            kept.append(numbered)
    day.events = kept
    day.offset_ranges = [
        {"topic": topic, "partition": partition, "first_offset": first, "last_offset": last}
        for (topic, partition), (first, last) in sorted(ranges.items())
    ]
