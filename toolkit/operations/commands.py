"""The commands of whoever operates the platform, as `python -m toolkit` offers them."""

from __future__ import annotations

import argparse
from typing import Any

from toolkit.assembly import kafka_of
from toolkit.infra.settings import Settings
from toolkit.operations import (
    announce,
    audit,
    dead_letters,
    housekeeping,
    invariants,
    keyring,
    topics,
)

NAMES = (
    "announce",
    "topics",
    "dead-letters",
    "housekeeping",
    "invariants",
    "keyring",
)


def add_commands(commands: Any) -> None:
    """Declare them among the other commands."""
    announce.add_arguments(
        commands.add_parser("announce", help="tell the house what a reconciliation found")
    )
    topics.add_arguments(
        commands.add_parser("topics", help="compare the broker's topics with the file")
    )
    dead_letters.add_arguments(
        commands.add_parser("dead-letters", help="what could not be handled, and its end")
    )
    commands.add_parser("invariants", help="print what must not be true of the databases")
    audit.add_arguments(
        commands.add_parser("audit", help="export the audit trail, and verify it offline")
    )
    keyring.add_arguments(
        commands.add_parser("keyring", help="master keys of what is known of people")
    )
    commands.add_parser("housekeeping", help="forget handled ids and keys of long ago")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Do what was chosen."""
    match chosen.command:
        case "announce":
            return announce.run(chosen, settings)
        case "topics":
            return topics.run(chosen, kafka_of(settings))
        case "dead-letters":
            return dead_letters.run(chosen, settings)
        case "housekeeping":
            return housekeeping.run(settings)
        case "keyring":
            return keyring.rewrap(settings)
        case "invariants":
            return invariants.run(settings)
        case unknown:
            raise AssertionError(f"no operator's command: {unknown!r}")
