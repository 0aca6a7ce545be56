"""`check`: hold every row of the inputs against the suites of expectations."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from recon.expect import check
from recon.verbs.arguments import DIFFERENT, INCOMPLETE, day

HELP = "hold every row of the inputs against its source's expectations"
EXAMPLES = """
examples:
  python -m recon check --day 2026-11-19 --inputs in/19 --output out/19-check
  python -m recon check --day 2026-11-19 --inputs in/19 --output out/19-check --data-docs

rows that fall short are listed in quarantine.csv and quarantine.parquet with the reason;
the inputs are left as they are; exit status 0 none, 1 some, 2 a source cannot be read
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("--day", type=day, required=True, help="the UTC business day, 2026-11-19")
    add("--inputs", type=Path, required=True, help="the folder with a manifest.json")
    add("--output", type=Path, required=True, help="a folder for what is found")
    add(
        "--data-docs",
        action="store_true",
        help="let Great Expectations judge a part and write data_docs/index.html",
    )


def do(given: argparse.Namespace) -> int:
    """Check, tell, and give the exit status."""
    found = check(given.day, given.inputs, given.output, with_docs=given.data_docs)
    for source, (rows, aside) in found.counts.items():
        print(f"  {rows:8,} rows  {aside:6,} set aside  {source}")
    for fault in found.faults:
        print(f"  {fault.code}: {fault.explanation}", file=sys.stderr)
    print(f"  results in {given.output}")
    if found.faults:
        return INCOMPLETE
    return DIFFERENT if any(aside for _, aside in found.counts.values()) else 0
