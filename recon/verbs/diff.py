"""`diff`: two runs side by side, of one day or of two."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from recon.compare import ITEMS, compare
from recon.verbs.arguments import DIFFERENT
from recon.verbs.tables import table

HELP = "tell what one run says otherwise than another"
EXAMPLES = """
examples:
  python -m recon diff out/19 out/19-late
  python -m recon diff out/18 out/19 --json

exit status: 0 both say the same, 1 they differ, 64 no run
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("old", type=Path, metavar="OLD", help="the --output folder of the earlier run")
    add("new", type=Path, metavar="NEW", help="that of the later one")
    add("--json", action="store_true", help="for machines")


def do(given: argparse.Namespace) -> int:
    """Compare, tell, and give the exit status."""
    found = compare(given.old, given.new)
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        _tell(found)
    return DIFFERENT if found else 0


def _tell(found: dict[str, Any]) -> None:
    if not found:
        print("  both runs say the same")
    for part, entries in found.items():
        print(f"{part.replace('_', ' ')}")
        if part in ITEMS:
            print(table(entries))
            continue
        for name, (was, now) in entries.items():
            print(f"  {name}: {_short(was)} -> {_short(now)}")


def _short(side: Any) -> str:
    """Say an input or a proof by what a reader compares first."""
    if not isinstance(side, dict):
        return str(side)
    if "sha256" in side:
        return f"{side['rows']:,} rows, sha256 {side['sha256'][:12]}"
    return f"difference {side['difference_minor']}, unexplained {side['unexplained_minor']}"
