"""L7: people are shown the money that moved, all of it and no more."""

from __future__ import annotations

from collections import defaultdict

from sims.laws.books import told
from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.messages.escrow import EscrowEvent
from toolkit.messages.payments import (
    ChargebackClosed,
    ChargebackOpened,
    ChargebackOutcome,
    PaymentSucceeded,
    RefundReversed,
    RefundSucceeded,
    TransferReversed,
    TransferSucceeded,
)

IN, OUT, BACK = "came in", "went out", "went back"


def at_rest(platform: Platform) -> Complaints:
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for envelope in told(platform):
        if found := _flow(envelope.message):
            flow, minor = found
            moved[envelope.key, flow] += minor
    stories: dict[str, set[str]] = defaultdict(set)
    for envelope in platform.databases["escrow"].events:
        if isinstance(envelope.message, EscrowEvent):
            stories[envelope.key].add(envelope.type)
    for key in platform.databases["escrow"].states:
        view = platform.view(key)
        if view is None:
            continue
        shown = {IN: view.in_minor, OUT: view.out_minor, BACK: view.refunded_minor}
        for flow, minor in shown.items():
            if minor != moved[key, flow]:
                yield f"of {key} {moved[key, flow]} {flow}, and {minor} is shown"
        shown_story = {entry.type for entry in view.agreement.story}
        for type in sorted(shown_story ^ stories[key]):
            yield f"{type} of {key} is shown and did not happen, or the other way round"


def _flow(message: object) -> tuple[str, int] | None:
    match message:
        case PaymentSucceeded(amount=amount):
            return IN, amount.minor
        case TransferSucceeded(amount=amount):
            return OUT, amount.minor
        case TransferReversed(amount=amount):
            return OUT, -amount.minor
        case RefundSucceeded(amount=amount) | ChargebackOpened(amount=amount):
            return BACK, amount.minor
        case RefundReversed(amount=amount):
            return BACK, -amount.minor
        case ChargebackClosed(amount=amount, outcome=ChargebackOutcome.WON) if amount:
            return BACK, -amount.minor
        case _:
            return None
