"""Precision and recall of every code over golden days: each form alone, many together."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.recon.golden import benign
from tests.recon.golden.book import FORMS, Golden, a_clean_day, drawn, golden_day
from tests.recon.golden.score import Score, judge, played

TOGETHER = 12


def measure(together: int = TOGETHER) -> dict[str, Any]:
    """Play all days and answer the share of right findings by code."""
    score = Score()
    for name, golden in _days(together):
        with tempfile.TemporaryDirectory(prefix="golden-") as folder:
            judge(score, golden, played(golden, Path(folder)), name)
    return {
        "precision": dict(score.precision),
        "recall": dict(score.recall),
        "findings": dict(score.hits),
        "told": [" ".join(map(str, line)) for line in score.told],
    }


def _days(together: int) -> list[tuple[str, Golden]]:
    stories = [benign.a_life_at_stripe, benign.a_life_at_the_custodian]
    alone = [
        (form.__name__, golden_day([form], stories=stories))
        for forms in FORMS.values()
        for form in forms
    ]
    calm = [(story.__name__, golden_day([], stories=[story])) for story in benign.ALONE]
    mixed = [
        (
            f"seed {seed}",
            golden_day(drawn(seed, share=0.4), seed=seed, stories=a_clean_day(seed)),
        )
        for seed in range(100, 100 + together)
    ]
    return [*alone, *calm, *mixed]
