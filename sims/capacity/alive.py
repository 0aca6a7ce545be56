"""Who is in the middle of a story when a peak begins: drawn, for nobody waits for weeks.

Stories last for days and weeks. Contracts have always come, so when the peak begins, as
many are alive as Little's law says (M/G/∞), and some of them pay, deliver or object while
it lasts. Those are drawn from stories that were told before, begun as long ago as it takes,
and played with the handlers of production. All others sleep through it and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sims.capacity.flow import Chance
from sims.studies.question import Question as Study
from sims.studies.question import Scenario
from sims.studies.story import Past, begin, pilot, pilot_chances
from sims.world.platform import Platform
from sims.world.time import Wait
from toolkit.core.message import record

TOLD = 400  # stories, from which those that are going on are drawn
FIRST = 500_000_000  # the numbers of their contracts


@record
class Begun:
    """A story that began so many seconds before the peak."""

    before_s: float
    story: int


def stories(seed: int) -> tuple[Study, Past]:
    """Tell stories from their beginning, and note when something happens in each."""
    study = Study(
        question="Who is alive?",
        shows=["held_mean_minor"],
        scenarios={"as it is": Scenario()},
        stories=TOLD,
        seed=seed,
    )
    return study, pilot(study, study.scenarios["as it is"])


def alive_mean(past: Past, rate: float) -> float:
    """How many are alive at any moment, by Little's law."""
    mean = sum(past.lives, timedelta()) / len(past.lives)
    return rate * mean.total_seconds()


def going_on(past: Past, rate: float, lasts_s: float, chance: Chance) -> list[Begun]:
    """Draw the stories in which something happens while the peak lasts, oldest first.

    Those of one kind begin as a Poisson stream of their own, and happen to matter if they
    began as long ago as one of their moments is after their beginning.
    """
    source, found = chance.stream("going on"), []
    each = rate / len(past.moments)
    for story, moments in enumerate(past.moments):
        for longest_s, least_s in stretches(moments, lasts_s):
            count = source.poisson(each * (longest_s - least_s))
            drawn = source.uniform(least_s, longest_s, count)
            found += [Begun(before_s=float(s), story=story) for s in drawn]
    return sorted(found, key=lambda begun: -begun.before_s)


def stretches(
    moments: Sequence[timedelta], lasts_s: float
) -> Iterator[tuple[float, float]]:
    """Say how long before the peak a story may have begun for it to matter; none twice."""
    ahead_s = 0.0
    for moment in moments:
        longest_s = moment.total_seconds()
        least_s = max(longest_s - lasts_s, ahead_s)
        if longest_s > least_s:
            yield longest_s, least_s
            ahead_s = longest_s


async def live(
    platform: Platform, study: Study, begun: Sequence[Begun], peak_s: float
) -> None:
    """Let each begin in its time, in a world whose peak comes then."""
    people = study.scenarios["as it is"].people
    for number, each in enumerate(begun, start=FIRST):
        at_s = peak_s - each.before_s
        await Wait(platform.env.timeout(at_s - platform.env.now))
        chances = pilot_chances(study, each.story)
        begin(platform, number, people, chances, platform.seed)
