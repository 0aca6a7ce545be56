"""The kinds of trouble a history may have: how each comes about, and how it is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sims.scenarios.business_month import Month
from sims.world.broker import Producing
from sims.world.platform import Platform
from sims.world.screening.faults import PLANS
from toolkit.core.message import record

# A window that is counted on a calendar, and not in hours, is wrong at one of these: clocks
# change in Europe and in America, a month and a year end, and February has a day more.
EDGES_OF_THE_CALENDAR = (
    date(2026, 10, 23),
    date(2026, 10, 30),
    date(2026, 12, 30),
    date(2027, 3, 12),
    date(2028, 2, 27),
)
TWO_OF_EACH = {"escrow": 2, "payments": 2, "projections": 2, "notifications": 2}
Change = Callable[[Month], Month]
Struck = Callable[[Platform], object]


@record
class Kind:
    """One kind of trouble; `faults` are the numbers by which reliability engineers go."""

    faults: str
    change: Change
    struck: Struck


def _provider(faults: str, **chances: Any) -> Kind:
    """Let something go wrong at the card provider, the custodian and Discord."""

    def change(month: Month) -> Month:
        return replace(month, faults=replace(month.faults, **chances))

    def struck(platform: Platform) -> bool:
        books = (platform.stripe.books, platform.custodian.books, platform.discord)
        return any(each.dice.struck[name] for each in books for name in chances)

    return Kind(faults=faults, change=change, struck=struck)


def _strikes(faults: str, name: str, per_day: float, struck: Struck) -> Kind:
    """Let something happen to the house now and then."""

    def change(month: Month) -> Month:
        return replace(month, troubles={**month.troubles, name: per_day})

    return Kind(faults=faults, change=change, struck=struck)


def _month(faults: str, struck: Struck, **fields: Any) -> Kind:
    """Let the whole month be another one."""
    return Kind(faults=faults, change=lambda m: replace(m, **fields), struck=struck)


def _habits(**chances: Any) -> Kind:
    """Let people be others than usual: what is rare must be tried as well."""
    return Kind(
        faults="",
        change=lambda m: replace(m, habits=replace(m.habits, **chances)),
        struck=lambda p: p.databases["escrow"].states,
    )


def _ails(faults: str, **chances: float) -> Kind:
    """Let databases fail by chance, at each commit."""

    def change(month: Month) -> Month:
        return replace(month, ailments=replace(month.ailments, **chances))

    def struck(platform: Platform) -> bool:
        kept = platform.databases.values()
        return any(each.struck[name] for each in kept for name in chances)

    return Kind(faults=faults, change=change, struck=struck)


def _unconfirmed(month: Month) -> Month:
    hiccups = replace(month.hiccups, unconfirmed=0.05)
    return replace(
        month, hiccups=hiccups, producing=replace(month.producing, linger_s=0.05)
    )


KINDS: Mapping[str, Kind] = {
    "crashes": _strikes("F1, F11", "crashes", 10.0, lambda p: p.crashes),
    "doubled_records": _month("F2", lambda p: p.broker.doubled, duplicate_probability=0.1),
    "rewound_offsets": _strikes("F2", "rewound_offsets", 2.0, lambda p: p.struck["rewind"]),
    "doubled_webhooks": _provider("F2", webhook_doubled=0.2),
    "late_webhooks": _provider("F3", webhook_delayed=0.2),
    "reordered_webhooks": _provider("F3", webhook_reordered=0.2),
    "shuffled_moments": _month("F3", lambda _: True, is_shuffled=True),
    "broker_outages": _strikes(
        "F4", "broker_outages", 3.0, lambda p: p.broker.struck["away"]
    ),
    "provider_outages": _strikes(
        "F4", "provider_outages", 2.0, lambda p: p.struck["outage"]
    ),
    "failing_screening": Kind(
        faults="F4, F14",
        change=lambda m: replace(m, screening_faults=replace(PLANS["calls"], unclear=0.8)),
        struck=lambda p: p.screening.dice.struck.total(),
    ),
    "failovers": _strikes(
        "F5",
        "failovers",
        6.0,
        lambda p: any(each.struck["failover"] for each in p.databases.values()),
    ),
    "silent_commits": _ails("F5", is_silent_after=0.03),
    "refused_commits": _ails("F6", refuses=0.05),
    "slow_databases": _strikes("F6", "slow_databases", 4.0, lambda p: p.struck["slow"]),
    "wrong_clocks": _strikes("F7", "wrong_clocks", 6.0, lambda p: p.struck["jump"]),
    "edges_of_the_calendar": Kind(
        faults="F7",
        change=lambda m: replace(
            m, first_day=EDGES_OF_THE_CALENDAR[m.seed % len(EDGES_OF_THE_CALENDAR)]
        ),
        struck=lambda p: p.start_at.date() in EDGES_OF_THE_CALENDAR,
    ),
    "poison": _strikes("F8", "poison", 1.0, lambda p: p.poisoned),
    "rebalance_storms": _strikes(
        "F9", "rebalance_storms", 1.0, lambda p: p.struck["storm"]
    ),
    "freezes": _strikes("F10", "freezes", 8.0, lambda p: p.freezes),
    "two_of_each": _month(
        "F9, F11",
        lambda p: len(p.broker.groups["escrow"].members) > 1,
        instances=TWO_OF_EACH,
    ),
    "unconfirmed_records": Kind(
        faults="F12",
        change=_unconfirmed,
        struck=lambda p: p.broker.struck["unconfirmed"],
    ),
    "batches_apart": _month(
        "F3",
        lambda p: p.broker.struck["apart"],
        producing=Producing(apart_s=0.5, batch_records=2),
    ),
    "lost_webhooks": _provider("F13", webhook_lost=0.25),
    "stale_webhooks": _provider("F13", webhook_stale=0.1),
    "forged_webhooks": _month("F13", lambda p: p.postman.strangers, forges=0.1),
    "lost_calls": _provider("F14", call_lost=0.05),
    "unknown_outcomes": _provider("F14", timed_out_after=0.08, failed_after=0.03),
    "refused_calls": _provider("F14", failed_before=0.05, rate_limited=0.05),
    "failing_banks": _provider("F15", refund_fails=0.2),
    "failing_chain": _provider(
        "F15", transfer_stuck=0.2, transfer_fails=0.1, confirmed_late=0.2
    ),
    "refunds_by_hand": _strikes(
        "F16", "refunds_by_hand", 1.0, lambda p: p.struck["by hand"]
    ),
    "on_chain": _habits(pays_on_chain=0.5),
    "quarrels": _habits(disputes=0.4, releases=0.3, changes_mind=0.8, is_charged_back=0.15),
    "edge_prices": _habits(asks_an_edge_price=0.2),
    "optimistic_databases": _month("F6", lambda _: True, locks_rows=False),
    "abuse": _month("F20", lambda p: p.struck["abuse"], abuses=0.3),
    "bursts": _month("F21", lambda p: p.struck["burst"], bursts_per_day=1.0),
}
