"""What the commands understand on their lines: days, moments, positions, and complaints."""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

from recon.engines.port import NAMES, USUAL, Wanted
from recon.faults import WrongUsageError
from recon.manifest import SOURCES, Position

DIFFERENT = 1  # what was compared is not the same
INCOMPLETE = 2
WRONG_USAGE = 64


class Parser(argparse.ArgumentParser):
    """A parser that complains with 64, since 2 means incomplete inputs here."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to call it."""
        self.print_usage(sys.stderr)
        self.exit(WRONG_USAGE, f"{self.prog}: {message}\n")


def add_engine(parser: argparse.ArgumentParser) -> None:
    """The engine that executes the rules."""
    add = parser.add_argument
    add("--engine", choices=NAMES, default="duckdb", help="what executes the rules")
    add_spark(parser)


def add_spark(parser: argparse.ArgumentParser) -> None:
    """Where Spark works."""
    add = parser.add_argument
    add("--spark-master", help="its cluster; usual: local[*]")
    add("--spark-work", type=Path, help="a folder that this machine and the cluster share")
    add(
        "--spark-conf",
        type=spark_setting,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of Spark's: spark.driver.memory=8g",
    )


def wanted(given: argparse.Namespace, engine: str) -> Wanted:
    """The engine as the line asks for it."""
    master, work, settings = given.spark_master, given.spark_work, given.spark_conf
    if getattr(given, "engine", None) == "duckdb" and (master or work or settings):
        raise WrongUsageError(
            "--spark-master, --spark-work and --spark-conf go with --engine spark; give it,"
            " or leave them out"
        )
    return Wanted(engine, master or USUAL.master, work, settings=tuple(settings))


def spark_setting(text: str) -> tuple[str, str]:
    """Read a setting of Spark's."""
    name, equals, value = text.partition("=")
    if not (name.startswith("spark.") and equals):
        raise argparse.ArgumentTypeError(f"{text!r}; write spark.driver.memory=8g")
    return name, value


def day(text: str) -> date:
    """Read a business day."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2026-11-19") from error


def moment(text: str) -> datetime:
    """Read a moment; one that names no zone is UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no moment; write 2026-11-20T12:00:00Z"
        ) from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def size(text: str) -> str:
    """Read a size of memory."""
    if not re.fullmatch(r"[1-9][0-9]*(MB|GB)", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write 500MB or 2GB")
    return text


def written(text: str) -> tuple[str, str, object]:
    """Read how a source's file is written: its key in the manifest, and the value."""
    source, colon, rest = text.partition(":")
    key, equals, value = rest.partition("=")
    if not colon or not equals or source not in SOURCES[1:]:
        raise argparse.ArgumentTypeError(
            f"{text!r}; write SOURCE:KEY=VALUE, such as stripe_activity:timezone=Etc/UTC,"
            f" of {', '.join(SOURCES[1:])}"
        )
    if key != "assets":
        return source, key, "\t" if value == "\\t" else value
    try:
        return source, key, dict(json.loads(value))
    except (ValueError, TypeError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r}: assets are a JSON object: {error}"
        ) from error


def position(text: str) -> Position:
    """Read the platform's own part of a holding."""
    rail, _, rest = text.partition(":")
    currency, *amounts = rest.split(":")
    try:
        minors = [int(amount) for amount in amounts]
    except ValueError:
        minors = []
    if rail not in {"STRIPE", "CUSTODIAN"} or len(minors) not in {2, 4}:
        raise argparse.ArgumentTypeError(
            f"{text!r}; write STRIPE:USD:1250000:1248110, amounts in minor units"
        )
    opening, closing, *holding = minors
    return Position(
        rail=rail,
        currency=currency.upper(),
        own_funds_opening_minor=opening,
        own_funds_closing_minor=closing,
        holding_opening_minor=holding[0] if holding else None,
        holding_closing_minor=holding[1] if holding else None,
    )
