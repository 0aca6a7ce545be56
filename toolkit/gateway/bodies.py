"""Bodies within bounds: of a size, in a time, and of a depth, before they are parsed."""

from __future__ import annotations

import asyncio
import re

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from toolkit.gateway.ports import ports_of
from toolkit.gateway.problems import Refusal

DEPTH_MAX = 16
TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKET = re.compile(rb"[\[\]{}]")


def bounded_body(request: Request) -> Receive:
    """Stop reading a body that is larger than it says, says too much, or is too slow."""
    ports = ports_of(request)
    length, declared = 0, _declared_length(request)
    deadline_s: float | None = None

    async def bounded() -> Message:
        nonlocal length, deadline_s
        if declared > ports.body_bytes_max:
            raise HTTPException(413)
        now_s = asyncio.get_running_loop().time()
        deadline_s = deadline_s or now_s + ports.body_within_s
        try:
            async with asyncio.timeout_at(deadline_s):
                message = await request.receive()
        except TimeoutError as error:
            raise HTTPException(408, headers={"Connection": "close"}) from error
        length += len(message.get("body", b""))
        if length > ports.body_bytes_max:
            raise HTTPException(413)
        return message

    return bounded


def refuse_unreadable(body: bytes) -> None:
    """Refuse JSON that is not in UTF-8, or is nested deeper than anything read here."""
    if b"\0" in body:  # JSON holds none in UTF-8, and at every other byte in UTF-16
        detail = "The body is not in UTF-8. Send JSON as the API's description says."
        raise Refusal(400, "invalid-json", detail)
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for bracket in BRACKET.findall(TEXT.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEPTH_MAX:
            raise Refusal(
                400,
                "nested-too-deep",
                f"The body is nested deeper than {DEPTH_MAX}. Send a JSON object as the "
                "API's description says.",
            )


def _declared_length(request: Request) -> int:
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() else 0
