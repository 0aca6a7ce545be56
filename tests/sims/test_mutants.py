"""Each planted bug is caught with the seed that stands beside it, by the search itself.

`python -m tests.sims.mutants` looks for these seeds, and prints their median.
"""

import pytest

from sims.search.trial import drawn, judged
from tests.sims.mutants import MUTANTS, planted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutant", "seed"),
    [pytest.param(m, s, id=f"{m.__name__}, seed={s}") for m, s in MUTANTS.items() if s],
)
def test_a_planted_bug_is_caught(mutant, seed):
    with planted(mutant):
        assert judged(drawn(seed), is_hasty=True).broken


def test_enough_is_planted():
    assert sum(seed is not None for seed in MUTANTS.values()) >= 20
