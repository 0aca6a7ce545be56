"""Collect what the rules find, each with an identity that is the same tomorrow."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from recon.faults import SourceFault
from recon.rulebook import NEAREST, SEVERITIES, SEVERITY, Rule, rules
from recon.thresholds import thresholds

# What a rule may say; what it leaves out is absent.
FOUND = """
create table found (
    discrepancy_id varchar,
    code varchar,
    severity varchar,
    owner varchar,
    rule varchar,
    rail varchar,
    subject varchar,
    provider_ref varchar,
    event_id varchar,
    expected_minor decimal(38, 0),
    actual_minor decimal(38, 0),
    difference_minor decimal(38, 0),
    currency varchar,
    occurred_at timestamp,
    natural_key varchar,
    effect_minor decimal(38, 0),
    other_currency varchar,
    other_effect_minor decimal(38, 0),
    alternative_minor decimal(38, 0),
    other_alternative_minor decimal(38, 0),
    explanation varchar,
    nearest_candidate varchar,
    booking_id bigint,
    movement_id bigint
)
"""

# The identity is made of the code and of what names the break in the world: never of the
# order of rows or an amount that may be corrected tomorrow.
NAMED = """
update found
set
    discrepancy_id = 'dsc_' || left(
        sha256(concat_ws('|', code, coalesce(rail, ''),
            coalesce(natural_key, event_id, subject))),
        24
    ),
    difference_minor = actual_minor - expected_minor,
    effect_minor = coalesce(effect_minor, 0),
    explanation = coalesce(explanation, code)
where discrepancy_id is null
"""


def create(db: duckdb.DuckDBPyConnection, faults: Sequence[SourceFault]) -> None:
    """Create `found`, empty, and `source_faults`, which a rule reads."""
    db.execute(FOUND)
    db.execute(
        "create table source_faults (code varchar, source varchar, explanation varchar)"
    )
    for fault in faults:
        db.execute(
            "insert into source_faults values (?, ?, ?)",
            [fault.code, fault.source, fault.explanation],
        )


def run_rule(db: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """Add what one rule finds."""
    db.execute(
        f"insert into found by name select '{rule.code}' as code,"
        f" '{rule.severity}' as severity, '{rule.owner}' as owner,"
        f" '{rule.name}' as rule, broken.*"
        f" from ({rule.sql}) as broken"
    )
    db.execute(NAMED)


def name_nearest(db: duckdb.DuckDBPyConnection) -> None:
    """Say for every unmatched record which one of the other side came nearest."""
    db.execute(NEAREST.read_text(encoding="utf-8"))


def grade(db: duckdb.DuckDBPyConnection) -> None:
    """Give everything reported its severity: by kind, by amount and by age."""
    limits = thresholds()
    db.execute("create table kinds (code varchar, place integer)")
    db.execute(
        "create table thresholds"
        " (code varchar, measure varchar, at_least bigint, steps integer)"
    )
    for rule in rules():
        place = SEVERITIES.index(rule.severity) + 1 + limits.steps_of_kind(rule.code)
        place = min(max(place, 1), len(SEVERITIES))
        db.execute("insert into kinds values (?, ?)", [rule.code, place])
        for row in limits.of(rule.code):
            db.execute(
                "insert into thresholds values (?, ?, ?, ?)",
                [rule.code, row.measure, row.at_least, row.steps],
            )
    db.execute(SEVERITY.read_text(encoding="utf-8"))
