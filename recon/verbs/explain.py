"""`explain`: tell the whole story of one escrow, in the order of time."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from recon.explain import explain
from recon.verbs.arguments import day
from recon.verbs.tables import table

HELP = "tell the whole story of one escrow, in the order of time"
EXAMPLES = """
examples:
  python -m recon explain 8c41... --day 2026-11-19 --inputs in/19
  python -m recon explain ch_3Px... --day 2026-11-19 --inputs in/19 --state state.duckdb

an id is that of a discrepancy (its beginning is enough), an escrow, an event, a payment, a
transfer, a refund or a provider's row; amounts are signed as at the provider, those of
pairs in minor units
"""
SHOWN = ("moment", "kind", "what", "provider_ref", "amount", "fate", "place")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("id", metavar="ID", help="what the story is about")
    add("--day", type=day, required=True, help="the UTC business day, 2026-11-19")
    add("--inputs", type=Path, required=True, help="a folder with a manifest.json")
    add("--state", type=Path, help="what is carried from one day to the next; only read")
    add("--json", action="store_true", help="for machines")


def do(given: argparse.Namespace) -> int:
    """Tell, and give the exit status."""
    story = explain(given.day, given.inputs, given.state, given.id)
    if given.json:
        print(json.dumps(story.document, indent=2))
        return 0
    print(f"{story.subject}")
    print(table([{name: line[name] for name in SHOWN} for line in story.lines]))
    for heading, rows in (
        ("paired", story.pairs),
        ("kept apart from the nearest candidate by", story.gates),
        ("suggested to whoever looks into it", story.suggestions),
    ):
        if rows:
            print(f"\n{heading}")
            print(table(rows))
    return 0
