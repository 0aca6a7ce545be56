"""`compare-events`: do archive, event tables and topics hold the same events?"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from recon.copies.compare import Compared, Places, compare
from recon.faults import SourceMissingError, WrongUsageError
from recon.verbs.arguments import DIFFERENT, INCOMPLETE, day

HELP = "say whether archive, event tables and topics hold the same events"
EVENT_TOPICS = ("escrow.events.v1", "payments.events.v1")
DSN = "RECON_POSTGRES_DSN"
SHOWN = 20
EXAMPLES = """
examples:
  RECON_POSTGRES_DSN_FILE=dsn python -m recon compare-events --day 2026-11-19 \\
      --archive archive --postgres
  python -m recon compare-events --archive archive --kafka 127.0.0.1:9092 \\
      --kafka-settings kafka.properties --output differences.csv

exit status: 0 they are equal, 1 they differ, 2 one could not be read
"""
SAYS = {
    "ONLY_IN_ONE": "is in {one} and not in {other}",
    "ONLY_IN_OTHER": "is in {other} and not in {one}",
    "DIFFERS": "differs between {one} and {other} in {differs_in}",
    "ID_TWICE": "is in {one} twice, with different content",
    "VERSION_TWICE": "have the same version in {one}",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add(
        "--day", type=day, help="the UTC day in which events occurred; all days if left out"
    )
    add("--archive", type=Path, help="<topic>/<partition>/<first offset>.parquet")
    add(
        "--postgres",
        action="store_true",
        help=f"the services' event tables; the DSN is in {DSN}, or in the file that"
        f" {DSN}_FILE names, and its login need only be able to read",
    )
    add("--kafka", metavar="HOST:PORT", help="the topics, from their beginning to now")
    add(
        "--kafka-settings",
        type=Path,
        metavar="FILE",
        help="further settings of librdkafka, one name=value a line, such as a login's",
    )
    add(
        "--topic",
        action="append",
        default=[],
        help=f"a topic; may be repeated; {' and '.join(EVENT_TOPICS)} if left out",
    )
    add("--output", type=Path, metavar="FILE", help="a CSV of all differences")
    add("--json", action="store_true", help="for machines")


def do(given: argparse.Namespace) -> int:
    """Compare, tell, and give the exit status."""
    places = _places(given)
    try:
        found = compare(places, given.topic or EVENT_TOPICS, given.day, SHOWN, given.output)
    except SourceMissingError as error:
        print(f"python -m recon: {error}", file=sys.stderr)
        return INCOMPLETE
    if given.json:
        print(json.dumps(_document(found), indent=2))
    else:
        _tell(found)
    return DIFFERENT if found.differences_total else 0


def _places(given: argparse.Namespace) -> Places:
    if (given.archive is not None) + given.postgres + (given.kafka is not None) < 2:
        raise WrongUsageError(
            "give two places at least that hold the events:"
            " --archive FOLDER, --postgres, --kafka HOST:PORT"
        )
    if given.kafka_settings and not given.kafka:
        raise WrongUsageError("--kafka-settings goes with --kafka; give both")
    kafka = None
    if given.kafka:
        kafka = {**_settings(given.kafka_settings), "bootstrap.servers": given.kafka}
    dsn = _dsn(os.environ) if given.postgres else None
    return Places(archive=given.archive, dsn=dsn, kafka=kafka)


def _dsn(environment: Mapping[str, str]) -> str:
    path = environment.get(f"{DSN}_FILE")
    dsn = _text(Path(path)) if path else environment.get(DSN, "")
    if not dsn.strip():
        raise WrongUsageError(
            f"--postgres needs a DSN; set {DSN}, or {DSN}_FILE to the file that holds it"
        )
    return dsn.strip()


def _settings(path: Path | None) -> dict[str, str]:
    lines = _text(path).splitlines() if path else []
    stated = [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    for number, line in enumerate(stated, start=1):
        if "=" not in line:
            raise WrongUsageError(
                f"{path}: setting {number} is not name=value; write it so"
            )
    pairs = (line.partition("=") for line in stated)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsageError(f"{path} cannot be read; give a file of text") from error


def _document(found: Compared) -> dict[str, object]:
    return {
        "is_equal": not found.differences_total,
        "events": dict(found.counts),
        "differences_total": found.differences_total,
        "differences": list(found.differences),
    }


def _tell(found: Compared) -> None:
    for copy, count in found.counts.items():
        print(f"  {count:>12,} events in {_place(copy)}")
    for difference in found.differences:
        one, other = _place(difference["one"]), _place(difference["other"])
        said = SAYS[difference["kind"]].format(
            one=one, other=other, differs_in=difference["differs_in"]
        )
        print(
            f"  {difference['topic']} {difference['aggregate_id']}"
            f" version {difference['aggregate_version']}: {difference['event_id']} {said}"
        )
    further = found.differences_total - len(found.differences)
    if further:
        print(f"  and {further:,} further differences; --output FILE has them all")
    print(
        f"  {found.differences_total:,} differences"
        if found.differences_total
        else "  equal"
    )


def _place(copy: str | None) -> str:
    return f"the {copy.replace('_', ' ')}" if copy else ""
