"""What led to a broken law: the story of the escrows that it names, kept in a folder."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sims.manifest import manifest
from sims.scenarios.business_month import opened
from sims.search.trial import Trial, Verdict, in_silence, lived, month_of
from sims.world.platform import Platform
from toolkit.core.message import Envelope, record
from toolkit.messages.webhooks import WebhookReceived

LINES_MAX = 2_000
DETAILS_MAX = 160
TROUBLE = "trouble"
SPARE = timedelta(minutes=5)  # what struck right before the story may have begun it
TOLD_IN = ("intake", "escrow", "payments", "notifications")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
COLUMNS = pa.schema(
    [
        ("at", pa.timestamp("us", tz="UTC")),
        *((name, pa.string()) for name in ("lane", "what", "escrow_id", "details")),
    ]
)


@record
class Line:
    """One thing that happened, and on whose side."""

    at: datetime
    lane: str
    what: str
    escrow_id: str = ""
    details: str = ""


def keep(least: Verdict, folder: Path) -> list[Path]:
    """Play the history once more, and write `violation.json` and `timeline.parquet`."""
    trial = least.trial
    lines = sorted(story(trial), key=lambda line: line.at)[:LINES_MAX]
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "violation.json", folder / "timeline.parquet"]
    told = manifest(
        command=trial.command,
        seed=trial.seed,
        configuration=trial.configuration,
        kinds=list(trial.kinds),
        days=trial.days,
        escrows_per_day=trial.escrows_per_day,
        protocol=trial.protocol.value,
        broken=list(least.broken),
        lines=len(lines),
    )
    paths[0].write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    rows = [{name: getattr(line, name) for name in COLUMNS.names} for line in lines]
    pq.write_table(pa.Table.from_pylist(rows, COLUMNS), paths[1])
    return paths


def story(trial: Trial) -> Iterator[Line]:
    """Tell the story of those who are named; of everybody, where nobody is."""
    with in_silence(), tempfile.TemporaryDirectory(prefix="timeline-") as output:
        month = month_of(trial, Path(output))
        platform = opened(month)
        broken = lived(platform, month)
    envelopes = [
        (name, envelope) for name in TOLD_IN for envelope in platform.databases[name].events
    ]
    named = _named(broken, [envelope for _, envelope in envelopes])
    told = [
        _line(name, envelope, escrow_id)
        for name, envelope in envelopes
        if (escrow_id := getattr(envelope.message, "escrow_id", "")) in named or not named
    ]
    yield from told
    yield from _troubles(platform, told)


def _named(broken: Sequence[str], envelopes: list[Envelope]) -> set[str]:
    """Find the escrows that the sentences name, by their own id or by a message's."""
    ids = {id for sentence in broken for id in ID.findall(sentence)}
    escrows = {getattr(each.message, "escrow_id", "") for each in envelopes} - {""}
    by_message = {str(each.id): each.key for each in envelopes}
    return (ids & escrows) | {by_message[id] for id in ids if id in by_message}


def _line(name: str, envelope: Envelope, escrow_id: str) -> Line:
    lane, what = name, envelope.type
    if isinstance(envelope.message, WebhookReceived):
        lane, what = "provider", envelope.message.provider_event_type
    return Line(
        at=envelope.occurred_at,
        lane=lane,
        what=what,
        escrow_id=escrow_id,
        details=_details(envelope.message),
    )


def _troubles(platform: Platform, told: list[Line]) -> Iterator[Line]:
    """All that struck while the story lasted, whatever kind of trouble it was."""
    moments = [line.at for line in told] or [platform.start_at, platform.clock.now()]
    first, last = min(moments) - SPARE, max(moments) + SPARE
    for each in platform.troubles:
        if first <= each.at <= last:
            details = ", ".join(filter(None, (each.whom, each.details)))
            yield Line(at=each.at, lane=TROUBLE, what=each.what, details=details)


def _details(message: Any) -> str:
    told = repr(message)
    return told if len(told) <= DETAILS_MAX else f"{told[:DETAILS_MAX]}…"
