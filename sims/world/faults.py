"""What can go wrong at the provider, each fault with its probability and its own dice."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

from sims.world.tally import Tally


class CallFault(StrEnum):
    LOST = "call_lost"
    RATE_LIMITED = "rate_limited"
    FAILED_BEFORE = "failed_before"
    FAILED_AFTER = "failed_after"
    TIMED_OUT_AFTER = "timed_out_after"


class WebhookFault(StrEnum):
    LOST = "webhook_lost"
    DOUBLED = "webhook_doubled"
    DELAYED = "webhook_delayed"
    REORDERED = "webhook_reordered"
    STALE = "webhook_stale"


CARD_DECLINED = "card_declined"
REFUND_FAILS = "refund_fails"
PAYOUT_FAILS = "payout_fails"
ROGUE_MOVEMENT = "rogue_movement"
TRANSFER_STUCK = "transfer_stuck"
TRANSFER_FAILS = "transfer_fails"
CONFIRMED_LATE = "confirmed_late"
COMES_BACK = "comes_back"


def probability(sentence: str) -> Any:
    return field(default=0.0, metadata={"sentence": sentence})


def duration(seconds: float, sentence: str) -> Any:
    return field(default=seconds, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch of time in which every call is answered 503 and nothing is executed."""

    start_at: datetime
    stop_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """A plan of faults. Probabilities lie between 0 and 1; the default is a calm world."""

    call_lost: float = probability("The call never arrives: no answer, nothing executed.")
    rate_limited: float = probability("The call is answered 429, and no key remembers it.")
    failed_before: float = probability("500 before execution; the same key works later.")
    failed_after: float = probability(
        "Executed, then 500; the key replays the 500 for 24 hours."
    )
    timed_out_after: float = probability(
        "Executed, then no answer; the key answers 409 for `in_flight_s`, then replays."
    )
    card_declined: float = probability("A card that was good is declined with 402.")
    refund_fails: float = probability("A refund is undone days later, at the bank's word.")
    payout_fails: float = probability("A payout comes back after it was reported as paid.")
    rogue_movement: float = probability(
        "After a call the provider makes a charge or transfer that nobody asked for."
    )
    transfer_stuck: float = probability(
        "On chain: a transfer stays STUCK until somebody accelerates it."
    )
    transfer_fails: float = probability("On chain: a transfer is reverted in its block.")
    confirmed_late: float = probability(
        "On chain: CONFIRMED is skipped, and told only after COMPLETE."
    )
    comes_back: float = probability("A letter that was taken comes back a while later.")
    webhook_lost: float = probability("An event is never delivered; only listing shows it.")
    webhook_doubled: float = probability("An event is delivered twice.")
    webhook_delayed: float = probability(
        "An event arrives up to `webhook_delay_max_s` late."
    )
    webhook_reordered: float = probability(
        "An event is held for `webhook_reorder_s`, so that later ones overtake it."
    )
    webhook_stale: float = probability(
        "The first delivery is signed `webhook_stale_s` ago; the retry is signed anew."
    )
    in_flight_s: float = duration(2.0, "How long the key of a timed-out call answers 409.")
    webhook_delay_max_s: float = duration(3600.0, "The longest delay of a delayed webhook.")
    webhook_reorder_s: float = duration(5.0, "How long a reordered webhook is held back.")
    webhook_stale_s: float = duration(600.0, "How old the signature of a stale webhook is.")
    outages: tuple[Outage, ...] = field(
        default=(), metadata={"sentence": "Windows {start_at, stop_at} of nothing but 503."}
    )


CALM = Faults()
PLANS = {
    "calm": CALM,
    "webhooks": Faults(
        webhook_lost=0.02,
        webhook_doubled=0.05,
        webhook_delayed=0.05,
        webhook_reordered=0.1,
        webhook_stale=0.02,
    ),
    "calls": Faults(
        call_lost=0.01,
        rate_limited=0.02,
        failed_before=0.01,
        failed_after=0.01,
        timed_out_after=0.02,
    ),
    "banks": Faults(card_declined=0.05, refund_fails=0.02, payout_fails=0.05),
    "rogue": Faults(rogue_movement=0.005),
    "chain": Faults(transfer_stuck=0.05, transfer_fails=0.02, confirmed_late=0.2),
    "letters": Faults(comes_back=0.05),
}
PLANS["everything"] = replace(
    CALM,
    **{
        item.name: max(getattr(plan, item.name) for plan in PLANS.values())
        for item in fields(Faults)
        if isinstance(item.default, float) and item.default == 0.0
    },
)


def read_faults(values: dict[str, Any], source: str) -> Faults:
    """Build a plan from plain values, optionally on top of a named `plan`."""
    values = dict(values)
    name = values.pop("plan", "calm")
    if name not in PLANS:
        raise ValueError(f"{source}: no plan '{name}'; there are {', '.join(PLANS)}")
    known = {item.name: item for item in fields(Faults)}
    for key, value in values.items():
        if key not in known:
            raise ValueError(f"{source}: no fault '{key}'; there are {', '.join(known)}")
        if key != "outages":
            _check_number(value, key, source, most=1 if known[key].default == 0.0 else None)
    if "outages" in values:
        values["outages"] = tuple(_outage(each, source) for each in values["outages"])
    return replace(PLANS[name], **values)


def load_faults(path: Path) -> Faults:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f"{path}: expected an object of faults, got {values!r}")  # noqa: TRY004 - one kind of error for a bad file
    return read_faults(values, str(path))


def _check_number(value: Any, key: str, source: str, *, most: int | None) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value < 0 or (most is not None and value > most):
        expected = "a probability from 0 to 1" if most else "seconds, 0 or more"
        raise ValueError(f"{source}: '{key}' is {value!r}; expected {expected}")


def _outage(value: Any, source: str) -> Outage:
    try:
        start_at, stop_at = (
            datetime.fromisoformat(value[name]) for name in ("start_at", "stop_at")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{source}: outage {value!r}; expected start_at and stop_at as ISO 8601 with Z"
        ) from error
    if start_at.tzinfo is None or stop_at.tzinfo is None or stop_at <= start_at:
        raise ValueError(f"{source}: outage {value!r} needs a timezone and start < stop")
    return Outage(start_at, stop_at)


@dataclass(slots=True)
class Dice:
    """Decides which fault strikes: ordered ones first, then those that are drawn.

    Every fault has a stream of its own, so switching one on or off leaves the others'
    draws as they were.
    """

    seed: int
    faults: Faults = CALM
    streams: dict[str, Random] = field(default_factory=dict)
    ordered: Counter[str] = field(default_factory=Counter)
    struck: Tally = field(default_factory=Tally)
    is_plan_calm: bool = True

    def __post_init__(self) -> None:
        self.follow(self.faults)

    def follow(self, faults: Faults) -> None:
        """Change the plan. A calm one heals everything, orders included."""
        self.faults, self.is_plan_calm = faults, faults == CALM
        if self.is_plan_calm:
            self.ordered.clear()

    def order(self, name: str, count: int) -> None:
        """Let a fault strike the next times, whatever its probability."""
        self.ordered[name] = count
        self.ordered += Counter()  # A count of zero takes the order back.

    def strikes(self, name: str) -> bool:
        if name in self.ordered:
            self.order(name, self.ordered[name] - 1)
        elif (
            not (chance := getattr(self.faults, name))
            or self.stream(name).random() >= chance
        ):
            return False
        self.struck.strike(name)
        return True

    def call_fault(self) -> CallFault | None:
        if self.is_calm:
            return None
        struck = [fault for fault in CallFault if self.strikes(fault.value)]
        return struck[0] if struck else None

    def webhook_fault(self) -> WebhookFault | None:
        if self.is_calm:
            return None
        struck = [fault for fault in WebhookFault if self.strikes(fault.value)]
        return struck[0] if struck else None

    @property
    def is_calm(self) -> bool:
        return self.is_plan_calm and not self.ordered

    def is_out(self, now: datetime) -> bool:
        return any(each.start_at <= now < each.stop_at for each in self.faults.outages)

    def stream(self, name: str) -> Random:
        if name not in self.streams:
            self.streams[name] = Random(f"{self.seed}:{name}")
        return self.streams[name]
