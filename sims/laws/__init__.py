"""What must be true of every history: one law, one file, one sentence; it is checked here.

Some laws are watched while the world runs, at each commit and each record of the broker,
and some are asked of a world that came to rest. A broken law is a sentence.
"""

from __future__ import annotations

from collections.abc import Callable

from sims.laws import (
    i01_journals_balance,
    i02_money_is_conserved,
    i03_states_are_their_events,
    i04_no_more_out_than_in,
    i05_one_effect_per_message,
    i06_who_waits_has_a_timer,
    i07_providers_do_it_once,
    i08_what_was_said_is_published,
    i09_every_record_is_accounted_for,
    i10_states_follow_the_table,
    i11_old_owners_write_nothing,
    i12_everything_ends,
    i13_the_archive_is_whole,
    i14_the_books_reconcile,
    i15_equal_seeds_tell_equal_stories,
    l01_terms_are_the_contracts,
    l02_timers_keep_their_time,
    l03_nothing_leaves_in_a_dispute,
    l04_the_right_one_is_paid,
    l05_what_is_frozen_stays,
    l06_other_tokens_go_back,
    l07_views_show_what_moved,
    l08_each_is_told_once,
    l09_nobody_is_forgotten,
    l10_nothing_forged_comes_in,
    l11_only_who_may_moves_it,
)
from sims.laws.law import Complaints, Law
from sims.world.platform import Platform

SHOWN_MAX = 100  # violations that are kept of a running world; more say nothing new
LAWS = tuple(
    Law.of(module)
    for module in (
        i01_journals_balance,
        i02_money_is_conserved,
        i03_states_are_their_events,
        i04_no_more_out_than_in,
        i05_one_effect_per_message,
        i06_who_waits_has_a_timer,
        i07_providers_do_it_once,
        i08_what_was_said_is_published,
        i09_every_record_is_accounted_for,
        i10_states_follow_the_table,
        i11_old_owners_write_nothing,
        i12_everything_ends,
        i13_the_archive_is_whole,
        i14_the_books_reconcile,
        i15_equal_seeds_tell_equal_stories,
        l01_terms_are_the_contracts,
        l02_timers_keep_their_time,
        l03_nothing_leaves_in_a_dispute,
        l04_the_right_one_is_paid,
        l05_what_is_frozen_stays,
        l06_other_tokens_go_back,
        l07_views_show_what_moved,
        l08_each_is_told_once,
        l09_nobody_is_forgotten,
        l10_nothing_forged_comes_in,
        l11_only_who_may_moves_it,
    )
)


def watch(platform: Platform) -> None:
    """Look at every commit and every record of this world from now on."""
    for law in LAWS:
        if law.watching is None:
            continue
        watching = law.watching(platform)
        for name, look in watching.committed.items():
            platform.databases[name].watchers.append(_noting(platform, law, look))
        if watching.said is not None:
            platform.broker.watchers.append(_noting(platform, law, watching.said))


def _noting(
    platform: Platform, law: Law, look: Callable[..., Complaints]
) -> Callable[..., None]:
    """Write down what a law has to complain of, and when; too many say nothing new."""

    def note(*seen: object) -> None:
        for sentence in look(*seen):
            if len(platform.violations) < SHOWN_MAX:
                at = platform.clock.now().isoformat(timespec="seconds")
                platform.violations.append(f"{law.number}: {sentence}, at {at}")

    return note


def broken(platform: Platform) -> list[str]:
    """Say which laws are broken and by what, while it ran and now that it rests."""
    found = list(platform.violations)
    for law in LAWS:
        if law.at_rest is not None:
            found += [f"{law.number}: {sentence}" for sentence in law.at_rest(platform)]
    return found
