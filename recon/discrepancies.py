"""Collect what the rules find, each with an identity that is the same tomorrow."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from recon.engines.port import Engine
from recon.faults import SourceFault
from recon.records import insert
from recon.rulebook import SEVERITIES, Rule, rules
from recon.thresholds import thresholds


def create(db: duckdb.DuckDBPyConnection, faults: Sequence[SourceFault]) -> None:
    """Create what the rules and their severities read beside the day's relations."""
    db.execute(
        "create table source_faults (code varchar, source varchar, explanation varchar)"
    )
    told = [(fault.code, fault.source, fault.explanation) for fault in faults]
    insert(db, "source_faults", told)
    db.execute("create table kinds (code varchar, place integer)")
    db.execute(
        "create table thresholds"
        " (code varchar, measure varchar, at_least bigint, steps integer)"
    )
    limits = thresholds()
    kinds, rows = list[tuple[str, int]](), list[tuple[str, str, int, int]]()
    for rule in rules():
        place = SEVERITIES.index(rule.severity) + 1 + limits.steps_of_kind(rule.code)
        kinds.append((rule.code, min(max(place, 1), len(SEVERITIES))))
        rows += [
            (rule.code, row.measure, row.at_least, row.steps)
            for row in limits.of(rule.code)
        ]
    insert(db, "kinds", kinds)
    insert(db, "thresholds", rows)


def run_rule(engine: Engine, rule: Rule) -> None:
    """Add what one rule finds."""
    engine.execute(
        f"rules/{rule.name}.sql",
        f"insert into broken by name select '{rule.code}' as code,"
        f" '{rule.severity}' as severity, '{rule.owner}' as owner,"
        f" '{rule.name}' as rule, said.*"
        f" from ({rule.sql}) as said",
    )
