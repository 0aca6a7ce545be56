"""Bugs planted on purpose: a simulator that does not find them proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.sims.mutants.judgement import JUDGEMENT
from tests.sims.mutants.money import MONEY
from tests.sims.mutants.plumbing import PLUMBING
from tests.sims.mutants.rails import RAILS

Mutant = Callable[[pytest.MonkeyPatch], None]

# Each with a seed that catches it, so that it need not be looked for; None is for those
# whose first seed only the search of `python -m tests.sims.mutants` finds.
MUTANTS: dict[Mutant, int | None] = {**PLUMBING, **JUDGEMENT, **MONEY, **RAILS}


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Let the real code have a bug for a while."""
    with pytest.MonkeyPatch.context() as patch:
        mutant(patch)
        yield
