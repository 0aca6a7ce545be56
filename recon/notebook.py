"""Everything that the daily notebook calls, under one name."""

from __future__ import annotations

from recon.notebook_checks import (
    are_bridged,
    is_held_against_owed,
    is_rolled_forward,
    shows_every_hash,
    stated_discrepancies,
    stated_in_transit,
    totals,
    verdict_of,
)
from recon.notebook_discrepancies import (
    ageing,
    by_code,
    discrepancies,
    findings,
    settled,
)
from recon.notebook_figures import confirmed_shares, held_against_owed
from recon.notebook_html import stylesheet
from recon.notebook_proofs import bridge, itemised, roll_forward, safeguarding
from recon.notebook_run import load
from recon.notebook_sections import (
    banner,
    confirmed,
    files,
    how_many_are_new,
    scope,
    sign_off,
)
from recon.notebook_tables import (
    control_totals,
    in_transit,
    inputs,
    match_rates,
    pairs,
)

__all__ = [
    "ageing",
    "are_bridged",
    "banner",
    "bridge",
    "by_code",
    "confirmed",
    "confirmed_shares",
    "control_totals",
    "discrepancies",
    "files",
    "findings",
    "held_against_owed",
    "how_many_are_new",
    "in_transit",
    "inputs",
    "is_held_against_owed",
    "is_rolled_forward",
    "itemised",
    "load",
    "match_rates",
    "pairs",
    "roll_forward",
    "safeguarding",
    "scope",
    "settled",
    "shows_every_hash",
    "sign_off",
    "stated_discrepancies",
    "stated_in_transit",
    "stylesheet",
    "totals",
    "verdict_of",
]
