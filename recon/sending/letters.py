"""What a run has to send to a receiver: bodies, each under an id that stays the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from recon.alerts.pagerduty import ROUTING_KEY
from recon.faults import WrongUsageError
from recon.results import is_unfinished


@dataclass(frozen=True, slots=True)
class Letter:
    """The body of one POST. The same id is not sent to the same receiver again."""

    id: str
    body: bytes


def letters(kind: str, run: Path, secret: str | None) -> list[Letter]:
    """Everything a run tells a receiver of a kind, in its order.

    Raises WrongUsageError where the folder is no run's, or of an earlier version's.
    """
    name, read = KINDS[kind]
    path = run / "alerts" / name
    if is_unfinished(run):
        raise WrongUsageError(
            f"{run} is unfinished: its run died or is still at work; run the day again"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise WrongUsageError(
            f"{path} is not there ({error.strerror}); give --run the folder of a run"
        ) from error
    return list(read(text, secret))


def _webhook(text: str, _: str | None) -> Iterable[Letter]:
    for line in text.splitlines():
        yield Letter(json.loads(line)["id"], line.encode())


def _pagerduty(text: str, routing_key: str | None) -> Iterable[Letter]:
    for event in json.loads(text):
        body = json.dumps(event, ensure_ascii=False)
        # The key is the receiver's secret: it is put in here, and is no part of the id.
        sealed = body.replace(ROUTING_KEY, routing_key or "")
        yield Letter(_sha256(body.encode()), sealed.encode())


def _whole(text: str, _: str | None) -> Iterable[Letter]:
    body = text.encode()
    yield Letter(_sha256(body), body)


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


Reader = Callable[[str, str | None], Iterable[Letter]]
KINDS: Mapping[str, tuple[str, Reader]] = {
    "webhook": ("webhook.jsonl", _webhook),
    "alertmanager": ("alertmanager.json", _whole),
    "pagerduty": ("pagerduty.json", _pagerduty),
    "slack": ("slack.json", _whole),
}
