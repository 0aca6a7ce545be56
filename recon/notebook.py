"""Everything that the notebooks call, under one name."""

from __future__ import annotations

from recon.pages.ageing import ageing, escalations, largest, oldest
from recon.pages.case import load_case
from recon.pages.case_checks import (
    differences_follow,
    pairs_are_the_runs,
    tells_what_the_run_found,
)
from recon.pages.case_tables import (
    case_banner,
    case_confirmed,
    case_days,
    case_evidence,
    case_facts,
    case_pairs,
    case_settled,
    case_sign_off,
    failed_gates,
    timeline,
    timeline_picture,
    what_to_do,
)
from recon.pages.checks import (
    are_bridged,
    is_held_against_owed,
    is_rolled_forward,
    shows_every_hash,
    shows_quarantine,
    stated_discrepancies,
    stated_in_transit,
    totals,
    verdict_of,
)
from recon.pages.controls import (
    are_all_controlled,
    controls,
    evidence_holds,
    exports,
)
from recon.pages.days import days_before, load_month
from recon.pages.discrepancies import (
    by_code,
    discrepancies,
    findings,
    settled,
)
from recon.pages.figures import confirmed_shares, held_against_owed
from recon.pages.html import stylesheet
from recon.pages.journal import is_balanced, journal
from recon.pages.month import (
    calendar,
    month_banner,
    month_confirmed,
    month_scope,
    month_sign_off,
)
from recon.pages.month_checks import (
    are_items_rolled_forward,
    days_say_what_they_state,
    is_month_rolled_forward,
    shows_every_day,
)
from recon.pages.month_tables import (
    balances_by_day,
    carried_items,
    gaps_between_days,
    month_roll_forward,
    open_items,
    recurring,
    safeguarding_days,
)
from recon.pages.proofs import bridge, itemised, roll_forward, safeguarding
from recon.pages.run import load
from recon.pages.sections import (
    banner,
    confirmed,
    files,
    how_many_are_new,
    scope,
    sign_off,
)
from recon.pages.tables import (
    control_totals,
    in_transit,
    inputs,
    match_rates,
    pairs,
    quarantine,
)
from recon.pages.three_way import (
    conversions,
    made_of,
    month_three_way,
    three_way,
    ties_follow,
)
from recon.pages.trends import open_trend, recurrence, safeguarding_trend

__all__ = [
    "ageing",
    "are_all_controlled",
    "are_bridged",
    "are_items_rolled_forward",
    "balances_by_day",
    "banner",
    "bridge",
    "by_code",
    "calendar",
    "carried_items",
    "case_banner",
    "case_confirmed",
    "case_days",
    "case_evidence",
    "case_facts",
    "case_pairs",
    "case_settled",
    "case_sign_off",
    "confirmed",
    "confirmed_shares",
    "control_totals",
    "controls",
    "conversions",
    "days_before",
    "days_say_what_they_state",
    "differences_follow",
    "discrepancies",
    "escalations",
    "evidence_holds",
    "exports",
    "failed_gates",
    "files",
    "findings",
    "gaps_between_days",
    "held_against_owed",
    "how_many_are_new",
    "in_transit",
    "inputs",
    "is_balanced",
    "is_held_against_owed",
    "is_month_rolled_forward",
    "is_rolled_forward",
    "itemised",
    "journal",
    "largest",
    "load",
    "load_case",
    "load_month",
    "made_of",
    "match_rates",
    "month_banner",
    "month_confirmed",
    "month_roll_forward",
    "month_scope",
    "month_sign_off",
    "month_three_way",
    "oldest",
    "open_items",
    "open_trend",
    "pairs",
    "pairs_are_the_runs",
    "quarantine",
    "recurrence",
    "recurring",
    "roll_forward",
    "safeguarding",
    "safeguarding_days",
    "safeguarding_trend",
    "scope",
    "settled",
    "shows_every_day",
    "shows_every_hash",
    "shows_quarantine",
    "sign_off",
    "stated_discrepancies",
    "stated_in_transit",
    "stylesheet",
    "tells_what_the_run_found",
    "three_way",
    "ties_follow",
    "timeline",
    "timeline_picture",
    "totals",
    "verdict_of",
    "what_to_do",
]
