"""What can go wrong at a screening vendor: for an address, at random, or for a while."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Any

from sims.world.screening.risks import Vendor
from sims.world.tally import Tally


class Fault(StrEnum):
    LOST = "lost"
    RATE_LIMITED = "rate_limited"
    FAILED = "failed"
    FORBIDDEN = "forbidden"
    MALFORMED = "malformed"
    UNCLEAR = "unclear"


# The ends of addresses that meet a fault every time, whichever vendor is asked.
MAGIC_FAULTS = {
    "e000": Fault.LOST,
    "e429": Fault.RATE_LIMITED,
    "e503": Fault.FAILED,
    "e403": Fault.FORBIDDEN,
    "ebad": Fault.MALFORMED,
    "e0e0": Fault.UNCLEAR,
}


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch of time in which one vendor, or both, answer nothing but 503."""

    start_at: datetime
    stop_at: datetime
    vendor: Vendor | None = None


def probability(sentence: str) -> Any:
    return field(default=0.0, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """A plan of faults, each with the probability that a call meets it."""

    lost: float = probability("No answer until the caller loses patience.")
    rate_limited: float = probability("429.")
    failed: float = probability("503.")
    forbidden: float = probability("403, and a page of HTML from whatever stands before.")
    malformed: float = probability("200, and a body that ends in the middle.")
    unclear: float = probability("200, and no verdict yet.")
    outages: tuple[Outage, ...] = ()

    def __post_init__(self) -> None:
        for fault in Fault:
            chance = getattr(self, fault.value)
            if not 0.0 <= chance <= 1.0:
                raise ValueError(
                    f"faults: '{fault}' is {chance!r}; give a probability from 0 to 1"
                )


CALM = Faults()
PLANS = {
    "calm": CALM,
    "calls": Faults(
        lost=0.01,
        rate_limited=0.03,
        failed=0.03,
        forbidden=0.01,
        malformed=0.01,
        unclear=0.02,
    ),
}


@dataclass(slots=True)
class Dice:
    """Decides which fault strikes: ordered ones first, then those that are drawn."""

    seed: int
    faults: Faults = CALM
    ordered: Counter[tuple[Vendor, Fault]] = field(default_factory=Counter)
    streams: dict[tuple[Vendor, Fault], Random] = field(default_factory=dict)
    struck: Tally = field(default_factory=Tally)

    def order(self, vendor: Vendor, fault: Fault, count: int = 1) -> None:
        """Let a fault strike the next calls to a vendor, whatever its probability."""
        self.ordered[vendor, fault] = count

    def fault(self, vendor: Vendor, address: str, now: datetime) -> Fault | None:
        """Throw for one call; an outage comes before everything else."""
        if any(
            each.start_at <= now < each.stop_at and each.vendor in (None, vendor)
            for each in self.faults.outages
        ):
            return Fault.FAILED
        struck = [fault for fault in Fault if self._strikes(vendor, fault)]
        for fault in struck:
            self.struck.strike(fault, f"{vendor}, {address}")
        return struck[0] if struck else MAGIC_FAULTS.get(address[-4:].lower())

    def _strikes(self, vendor: Vendor, fault: Fault) -> bool:
        if self.ordered[vendor, fault]:
            self.ordered[vendor, fault] -= 1
            return True
        chance: float = getattr(self.faults, fault.value)
        if not chance:
            return False
        stream = self.streams.setdefault(
            (vendor, fault), Random(f"{self.seed}:{vendor}:{fault}")
        )
        return stream.random() < chance


def read_faults(values: dict[str, Any]) -> Faults:
    """Build a plan from plain values, or from the name of one: `{"plan": "calls"}`."""
    name = values.get("plan")
    if name is not None:
        if name not in PLANS:
            raise ValueError(f"faults: no plan '{name}'; there are {', '.join(PLANS)}")
        return PLANS[name]
    known = {item.name for item in fields(Faults)} - {"outages"}
    for key, value in values.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if key not in known or not is_number:
            raise ValueError(f"faults: '{key}' is none with a number: {', '.join(known)}")
    return Faults(**values)
