"""The search finds a seed that breaks a law, makes little of it, and can show it again."""

import pytest

from sims.__main__ import main
from sims.search.kinds import KINDS
from sims.search.shrink import as_test, shrunk
from sims.search.trial import Trial, Verdict, drawn, judged
from sims.world.dangers import CRASH_POINTS
from tests.sims.mutants import planted
from tests.sims.mutants.plumbing import relay_that_deletes_before_it_publishes

FEW = {"days": 1, "escrows_per_day": 6.0}


def verdict(trial, broken):
    return Verdict(
        trial=trial,
        broken=("a law is broken",) if broken else (),
        digest="",
        handled=0,
        struck=frozenset(),
        died_at={},
    )


def test_what_is_not_needed_to_break_a_law_is_taken_out():
    def breaks(trial):
        return verdict(trial, {"crashes", "lost_calls"} <= set(trial.kinds))

    first = Trial(seed=1, kinds=tuple(KINDS), days=4, escrows_per_day=8)
    least = shrunk(breaks(first), breaks).trial
    assert set(least.kinds) == {"crashes", "lost_calls"}
    assert (least.days, least.escrows_per_day) == (1, 1.0)


def test_a_law_that_breaks_without_trouble_needs_none():
    least = shrunk(
        verdict(drawn(3), broken=True), lambda trial: verdict(trial, broken=True)
    )
    assert least.trial.kinds == ()


def test_some_trouble_is_left_out_of_each_history_and_all_of_it_is_in_some():
    drawn_kinds = [set(drawn(seed).kinds) for seed in range(40)]
    assert all(kinds < set(KINDS) for kinds in drawn_kinds)
    assert set().union(*drawn_kinds) == set(KINDS)
    assert drawn(7) == drawn(7)


def test_what_was_found_can_be_written_as_a_test():
    text = as_test(verdict(drawn(7), broken=True))
    compile(text, "found.py", "exec")
    assert "seed_7" in text


@pytest.mark.slow
def test_a_planted_bug_is_found_shown_again_and_made_small():
    with planted(relay_that_deletes_before_it_publishes):
        found = next(v for seed in range(1, 30) if (v := judged(drawn(seed, **FEW))).broken)
        least = shrunk(found, judged)
        assert judged(least.trial).broken == least.broken
    assert len(least.trial.kinds) <= 2
    assert judged(least.trial).broken == ()


@pytest.mark.slow
def test_a_short_search_holds_and_meets_every_kind_of_trouble(capsys):
    assert main(["search", "--seeds", "7-14", "--demand-all", "--workers", "1"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "every law held" in told
    assert f"struck: {len(KINDS)}/{len(KINDS)}" in told
    assert f"hit: {len(CRASH_POINTS)}/{len(CRASH_POINTS)}" in told


@pytest.mark.slow
def test_the_same_trial_has_the_same_history(capsys):
    assert main(["search", "--seeds", "3", "--twice", "--workers", "1"]) == 0
    assert "not the same twice" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "asked",
    [
        ["--seeds", "x"],
        ["--seeds", "9-3"],
        ["--seeds", "1", "--kinds", "rain"],
        ["--seeds", "1", "--days", "0"],
        ["--seeds", "1", "--escrows-per-day", "nan"],
    ],
)
def test_a_question_that_cannot_be_played_is_refused(asked, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["search", *asked])
    assert refused.value.code == 64
    assert "sims" in capsys.readouterr().err
