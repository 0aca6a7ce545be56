"""The least that still breaks a law: one kind of trouble after another is taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sims.search.trial import Trial, Verdict

ESCROWS_MIN = 1.0
TRIES_MAX = 100

Judge = Callable[[Trial], Verdict]


def shrunk(verdict: Verdict, judge: Judge) -> Verdict:
    """Answer the smallest trial that was found to break a law, whichever law it is."""
    *_, least = shrinking(verdict, judge)
    return least


def shrinking(verdict: Verdict, judge: Judge) -> Iterator[Verdict]:
    """Answer trials that break a law, whichever it is, each smaller than the one before.

    Less trouble makes another history, in which the law may hold by luck; so this is a
    search, and its end is the last one that broke.
    """
    tries = 0
    best = verdict
    yield best
    goes_on = True
    while goes_on:
        goes_on = False
        for smaller in _smaller(best.trial):
            if tries >= TRIES_MAX:
                return
            tries += 1
            found = judge(smaller)
            if found.broken:
                best, goes_on = found, True
                yield best
                break


def _smaller(trial: Trial) -> Iterator[Trial]:
    kinds, size = trial.kinds, len(trial.kinds)
    while size > 1:  # half of it at once, then a quarter, and at last one by one
        size = (size + 1) // 2
        for start in range(0, len(kinds), size):
            yield replace(trial, kinds=kinds[:start] + kinds[start + size :])
    if len(kinds) == 1:
        yield replace(trial, kinds=())
    if trial.days > 1:
        yield replace(trial, days=trial.days // 2)
    if trial.escrows_per_day > ESCROWS_MIN:
        yield replace(trial, escrows_per_day=max(trial.escrows_per_day / 2, ESCROWS_MIN))


def as_test(verdict: Verdict) -> str:
    """Write a trial as a pytest file that fails until the bug is mended."""
    trial = verdict.trial
    said = "".join(f"    # {sentence}\n" for sentence in verdict.broken[:3])
    return (
        '"""A history that broke a law once."""\n\n'
        "from sims.search.trial import Trial, judged\n"
        "from sims.world.groups import Protocol\n\n\n"
        f"def test_every_law_holds_with_seed_{trial.seed}():\n"
        f"{said}"
        "    trial = Trial(\n"
        f"        seed={trial.seed},\n"
        f"        kinds={trial.kinds!r},\n"
        f"        days={trial.days},\n"
        f"        escrows_per_day={trial.escrows_per_day!r},\n"
        f"        protocol=Protocol({trial.protocol.value!r}),\n"
        "    )\n"
        "    assert judged(trial).broken == ()\n"
    )
