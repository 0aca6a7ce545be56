"""Deliver letters by HTTP: again when it may help, and never what was delivered before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from recon.faults import WrongUsageError
from recon.sending.ledger import Ledger
from recon.sending.letters import Letter

ATTEMPTS = 6
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1, 60
TIMEOUT_S = 15
# A receiver that is busy or broken may do better; any other refusal stays one.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

Sign = Callable[[Letter, int], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Shell:
    """The world's clock, and how to wait in it."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many were sent, how many had been before, and why it ended early if it did."""

    sent: int
    known: int
    fault: str | None


def deliver(
    letters: Iterable[Letter],
    url: str,
    ledger: Ledger,
    shell: Shell,
    sign: Sign = lambda _letter, _at_s: {},
) -> Delivered:
    """Send in order, and stop at the first that is not taken: the rest goes next time.

    A process that dies between a delivery and its note sends that one again, under its id.
    """
    _check(url)
    sent = known = 0
    with httpx.Client(timeout=TIMEOUT_S) as client:
        for letter in letters:
            if ledger.has(letter.id):
                known += 1
                continue
            if fault := _send(client, url, letter, shell, sign):
                return Delivered(sent, known, fault)
            ledger.note(letter.id, shell.now())
            sent += 1
    return Delivered(sent, known, None)


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise WrongUsageError("the receiver's address is none; give https://host/path")


def _send(
    client: httpx.Client, url: str, letter: Letter, shell: Shell, sign: Sign
) -> str | None:
    """Why it was not taken, after as many attempts as there are; nothing when it was."""
    host = urlsplit(url).hostname
    fault = None
    for attempt in range(1, ATTEMPTS + 1):
        at_s = int(shell.now().astimezone(UTC).timestamp())
        headers = {"content-type": "application/json", **sign(letter, at_s)}
        asked_s = None
        try:
            answer = client.post(url, content=letter.body, headers=headers)
        except httpx.TransportError as error:
            fault = f"{host} does not answer ({type(error).__name__})"
        else:
            if answer.is_success:
                return None
            fault = f"{host} answers {answer.status_code}"
            if answer.status_code not in PASSING:
                return fault
            asked_s = answer.headers.get("retry-after")
        if attempt < ATTEMPTS:
            shell.sleep(_pause_s(attempt, asked_s))
    return f"{fault}, {ATTEMPTS} times"


def _pause_s(attempt: int, asked_s: str | None) -> int:
    """Twice as long each time, or as the receiver asks."""
    is_stated = asked_s is not None and asked_s.isdigit()
    pause_s = int(asked_s or 0) if is_stated else FIRST_PAUSE_S << (attempt - 1)
    return min(pause_s, LONGEST_PAUSE_S)
