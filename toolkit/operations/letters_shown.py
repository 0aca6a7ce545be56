"""Dead letters as people and machines read them; no secret is among what is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from toolkit.core.message import Envelope
from toolkit.infra.postgres.dead_letters import Letter, Request
from toolkit.messages.payload import instant, payload_json
from toolkit.messages.wire import TYPE
from toolkit.operations.redaction import line, shown

HEX_BYTES_MAX = 16  # the frame: what is behind it may be anybody's secret


def listed(letters: Sequence[Letter], *, as_json: bool) -> str:
    """Write them one a line, or as a JSON array."""
    if as_json:
        return json.dumps([summary(letter) for letter in letters], indent=1)
    if not letters:
        return "no dead letters"
    return "\n".join(_line(letter) for letter in letters)


def told(letter: Letter, *, as_json: bool) -> str:
    """Write one with its headers, its content, the reason, and who asked for what."""
    whole = {
        **summary(letter),
        "headers": _headers(letter),
        "content": _content(letter),
        "requests": [_request(request) for request in letter.requests],
    }
    if as_json:
        return json.dumps(whole, indent=1, ensure_ascii=False)
    return "\n".join(_told(name, value) for name, value in whole.items())


def summary(letter: Letter) -> dict[str, Any]:
    """Say in plain values where it came from, why it is here, and what it holds up."""
    request = letter.open_request
    return {
        "name": f"{letter.service}/{letter.id}",
        "type": _type(letter),
        "key": letter.delivery.key,
        "topic": letter.delivery.partition.topic,
        "partition": letter.delivery.partition.number,
        "offset": letter.delivery.offset,
        "failed_at": instant(letter.failed_at),
        "attempts": letter.delivery.attempts,
        "error": line(letter.error),
        "waiting": letter.waiting,
        "asked": request.action if request else None,
        "resolved_at": instant(letter.resolved_at) if letter.resolved_at else None,
    }


def _line(letter: Letter) -> str:
    found = summary(letter)
    asked = f" [{found['asked']} is asked for]" if found["asked"] else ""
    done = " [resolved]" if letter.resolved_at else ""
    return (
        f"{found['name']}  {found['failed_at']}  {found['type']}  {found['key']}  "
        f"{found['waiting']} wait  {found['error'][:120]}{asked}{done}"
    )


def _told(name: str, value: Any) -> str:
    if isinstance(value, dict):
        inner = "".join(f"\n  {key}: {_plain(part)}" for key, part in value.items())
        return f"{name}:{inner}"
    if isinstance(value, list):
        inner = "".join(f"\n  - {_plain(part)}" for part in value)
        return f"{name}:{inner or ' none'}"
    return f"{name}: {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "-" if value is None else str(value)


def _type(letter: Letter) -> str:
    if letter.delivery.envelope:
        return letter.delivery.envelope.type
    named = dict(letter.delivery.cargo.headers).get(TYPE, b"unknown")
    return str(named.decode("utf-8", "backslashreplace"))[:80]


def _headers(letter: Letter) -> dict[str, Any]:
    pairs = letter.delivery.cargo.headers
    found = shown({n: v.decode("utf-8", "backslashreplace") for n, v in pairs})
    assert isinstance(found, dict)
    return found


def _content(letter: Letter) -> Any:
    """Decode the message; bytes that are none of ours are shown as they are, in part."""
    envelope: Envelope | None = letter.delivery.envelope
    if envelope is not None:
        return shown(json.loads(payload_json(envelope.message)))
    value: bytes = letter.delivery.cargo.value
    return {
        "unreadable": letter.delivery.problem,
        "bytes": len(value),
        "begins": value[:HEX_BYTES_MAX].hex(),
    }


def _request(request: Request) -> dict[str, Any]:
    proposal = request.proposal
    return {
        "action": request.action,
        "reason": request.reason,
        "asked_by": proposal.proposed_by,
        "asked_at": instant(proposal.proposed_at),
        "decision": request.decision or "OPEN",
        "decided_by": request.decided_by,
        "decided_at": instant(request.decided_at) if request.decided_at else None,
        "outcome": request.remark,
    }
