"""How people behave: who pays, how, and what goes wrong with it, in probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from toolkit.messages.escrow import Resolution

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChain:
    """How people with much money behave, and whose wallets they are."""

    price_min_minor: int = 10_000_01
    price_max_minor: int = 250_000_00
    sends_a_part_first: float = 0.08
    sends_too_much_first: float = 0.05
    sends_another_token_first: float = 0.08
    buyer_is_risky: float = 0.05
    buyer_is_sanctioned: float = 0.04
    seller_is_risky: float = 0.03
    seller_is_sanctioned: float = 0.03
    seller_is_blacklisted: float = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How people behave. Each probability is of one escrow, or of one step in it."""

    never_pays: float = 0.05
    cancels: float = 0.02
    card_is_declined_first: float = 0.06
    pays_within_h: float = 20.0  # mean; some miss the 72 h window
    never_delivers: float = 0.03
    delivers_within_h: float = 48.0  # mean
    releases: float = 0.55
    releases_within_h: float = 36.0  # mean
    changes_mind: float = 0.0  # and objects when the money may be on its way already
    changes_mind_within_h: float = 0.15  # mean
    disputes: float = 0.08
    gives_up_after: timedelta = 14 * DAY  # a buyer who waits for a delivery
    arbitrated_within_h: float = 30.0  # mean
    resolutions: Mapping[Resolution, float] | None = None
    price_median_minor: int = 180_00
    price_max_minor: int = 10_000_00
    is_charged_back: float = 0.03
    is_charged_back_within_h: float = 200.0  # mean; some come after the seller was paid
    bank_decides_within_h: float = 240.0  # mean
    bank_is_won_over: float = 0.4
    asks_an_edge_price: float = 0.0  # the least there is, or about what a card may pay
    pays_on_chain: float = 0.06  # where there is a chain to pay on
    on_chain: OnChain = OnChain()
    looks_every: timedelta = timedelta(minutes=30)
