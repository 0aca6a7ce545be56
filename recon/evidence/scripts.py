"""Which SQL a run has run, in its order."""

from __future__ import annotations

from pathlib import Path

from recon import memory, writers
from recon.alerts.findings import QUERY
from recon.journal.proposal import QUERY as JOURNAL
from recon.rulebook import (
    FOUND,
    NEAREST,
    PARAMETERS,
    PROOFS,
    RULES,
    SEVERITY,
    STEPS,
    THRESHOLDS,
    TRANSITIONS,
    rules,
    scripts,
)
from recon.suggesting.suggest import ALIKE, LEFT

PUBLISHED = writers.SCRIPTS / "published.sql"


def ran(*, is_judged: bool, keeps_state: bool) -> list[Path]:
    """A run's scripts and the table they read; on incomplete inputs few of them run."""
    vocabulary, *steps = scripts(STEPS)
    if not is_judged:
        unpublished = writers.SCRIPTS / "unpublished.sql"
        return [vocabulary, FOUND, *_phase("sources"), unpublished, PUBLISHED, QUERY]
    tie_outs, safeguarding, three_way = scripts(PROOFS)
    remember = [memory.SCRIPTS / "remember.sql"] if keeps_state else []
    return [
        vocabulary,
        PARAMETERS,
        TRANSITIONS,
        memory.SCRIPTS / "schema.sql",
        memory.SCRIPTS / "recall.sql",
        *steps,
        FOUND,
        *_phase("movements"),
        tie_outs,
        *_phase("tie_out"),
        safeguarding,
        *_phase("safeguarding"),
        three_way,
        NEAREST,
        LEFT,
        memory.SCRIPTS / "carry.sql",
        THRESHOLDS,
        SEVERITY,
        ALIKE,
        memory.SCRIPTS / "changes.sql",
        PUBLISHED,
        JOURNAL,
        QUERY,
        *remember,
    ]


def _phase(phase: str) -> list[Path]:
    return [RULES / f"{rule.name}.sql" for rule in rules() if rule.phase == phase]
