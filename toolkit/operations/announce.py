"""The command that tells the house what a reconciliation found, each piece of news once."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from toolkit.assembly import open_database
from toolkit.core.errors import Unreadable
from toolkit.core.message import Message
from toolkit.infra.settings import Settings
from toolkit.messages.payload import from_payload_json
from toolkit.messages.reconciliation import ReconciliationEvent
from toolkit.messages.topics import RECORD_BY_TYPE
from toolkit.operations.ends import DONE, USAGE, complain
from toolkit.runtime.intake import intake

EPILOG = """
The file is a run's alerts/events.jsonl. What was announced before is passed over, so that
a run may be announced as often as you like.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `python -m toolkit announce`."""
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, help="a run's alerts/events.jsonl")


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Read everything first, so that a file that is wrong announces nothing."""
    try:
        news = list(read(chosen.file))
    except (OSError, ValueError, Unreadable) as wrong:
        return complain(f"{chosen.file}: {wrong}; nothing was announced", USAGE)
    told = asyncio.run(_announce(news, settings))
    print(f"{told} announced, {len(news) - told} known already")
    return DONE


def read(file: Path) -> Iterator[tuple[UUID, Message]]:
    """Read each line's id and message. Raises ValueError or Unreadable, naming the line."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield _news(json.loads(line))
        except (ValueError, KeyError, TypeError, Unreadable) as wrong:
            raise ValueError(
                f"line {number} is no event of reconciliation: {wrong}"
            ) from wrong


def _news(line: dict[str, Any]) -> tuple[UUID, Message]:
    cls = RECORD_BY_TYPE.get(line["type"])
    if cls is None or not issubclass(cls, ReconciliationEvent):
        raise ValueError(f"its type is {line['type']!r:.80}")
    return UUID(line["id"]), from_payload_json(cls, json.dumps(line["message"]))


async def _announce(news: list[tuple[UUID, Message]], settings: Settings) -> int:
    """Say everything in the order given, through the door that knows what came before."""
    async with open_database(settings, "intake", speaks=True) as database:
        door = intake(database, settings.clock)
        return sum([await door.receive(message, id) for id, message in news])
