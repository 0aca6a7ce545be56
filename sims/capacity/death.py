"""What one death costs: the longest stay of a message, and how long it is felt."""

from __future__ import annotations

from dataclasses import dataclass

from sims.capacity.estimates import Estimate, mean_of_runs
from sims.capacity.flow import Chance, Death, arrivals, through
from sims.capacity.question import Plan, Question, staged
from toolkit.core.message import record

RUNS = 5
CALM_S, AFTER_S = 20.0, 60.0  # around a death, at the least
OVER_BY = 0.9  # of a run: what is late after that may be late for longer
FELT = 1.05  # a stay is due to the death if it is so much longer than without it
MESSAGES_MAX = 400_000  # of a run


@record
class AfterDeath:
    """What was felt, in seconds; where it is not over, no run saw its end."""

    sojourn_max_s: Estimate
    over_after_s: Estimate
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordeal:
    """One consumer of each stage dies while a load goes on."""

    question: Question
    rate: float
    plan: Plan
    lasts_s: float

    def felt(self, run: int) -> tuple[float, float]:
        """Answer the longest stay, and when after the death the last late message came."""
        chance = Chance(seed=self.question.seed, run=run)
        stages, count = staged(self.question, self.plan), int(self.rate * self.lasts_s)
        at_s, keys = arrivals(self.question.load_at(self.rate), count, chance)
        calm = through(stages, at_s, keys, chance) - at_s
        stayed = through(stages, at_s, keys, chance, death(self.question)) - at_s
        is_late = stayed > self.question.objective.within_ms / 1_000
        late = at_s[is_late & (stayed > FELT * calm)]
        over_s = float(late.max()) - CALM_S if len(late) else 0.0
        return float(stayed.max()), max(over_s, 0.0)


def death(question: Question) -> Death:
    dies = question.one_dies
    return Death(
        at_s=CALM_S,
        unnoticed_s=dies.session_timeout_s + dies.rebalance_s,
        back_s=CALM_S + dies.back_after_s,
    )


def after_a_death(question: Question, rate: float, plan: Plan) -> AfterDeath:
    """Play it for as long as it is felt, or as long as is worth it."""
    dies = death(question)
    lasts_s = dies.back_s + dies.unnoticed_s + AFTER_S
    while True:
        ordeal = Ordeal(question=question, rate=rate, plan=plan, lasts_s=lasts_s)
        runs = [ordeal.felt(run) for run in range(RUNS)]
        is_over = all(over_s < OVER_BY * lasts_s - CALM_S for _, over_s in runs)
        if is_over or 2 * lasts_s * rate > MESSAGES_MAX:
            return AfterDeath(
                sojourn_max_s=mean_of_runs([longest_s for longest_s, _ in runs]),
                over_after_s=mean_of_runs([over_s for _, over_s in runs]),
                is_over=is_over,
            )
        lasts_s *= 2
