"""News from the custodian: signed with a key that is looked up, and kept once for ever."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64Error
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import Header, Request
from starlette.responses import Response

from toolkit.core.message import derived, record
from toolkit.gateway.access import traceparent_of
from toolkit.gateway.models import Received
from toolkit.gateway.ports import Ports, ports_of
from toolkit.gateway.problems import Refusal
from toolkit.messages.webhooks import WebhookReceived

UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
TYPE = re.compile(r"[A-Za-z0-9_.]{1,255}", re.ASCII)
MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d*Z", re.ASCII)
SIGNATURE_LENGTH_MAX = 256
# A notification is repeated as it was for days, so that an old one may be the first.
AGE_MAX = timedelta(days=4)
AHEAD_MAX = timedelta(seconds=60)


@record
class Notification:
    """What we read of a notification's envelope, and nothing else of it."""

    id: str
    type: str
    told_at: datetime


async def custodian_webhook(
    request: Request,
    x_circle_signature: Annotated[str, Header(description="ECDSA over the raw body.")],
    x_circle_key_id: Annotated[str, Header(description="Which public key verifies it.")],
) -> Response:
    """Keep what the custodian tells, word for word; it is looked into afterwards.

    The signature covers no time of sending. What guards against a replay is that each
    notification is kept once for ever, by its id; the envelope's own time, which is signed,
    bounds how old it may be.
    """
    ports, body = ports_of(request), await request.body()
    now = ports.clock.now()
    await _verify(ports, body, x_circle_signature, x_circle_key_id)
    told = _read(body)
    if not -AHEAD_MAX <= now - told.told_at <= AGE_MAX:
        raise Refusal(
            400,
            "bad-timestamp",
            "Not accepted: the notification's timestamp is more than 4 days old or from "
            "the future. Check the clocks.",
        )
    received = WebhookReceived(
        provider="custodian",
        provider_event_id=told.id,
        provider_event_type=told.type,
        payload=body.decode(),
        received_at=now,
    )
    id = derived("custodian", told.id)
    is_new = await ports.intake.receive(received, id, traceparent_of(request))
    return Response(
        Received(known=not is_new).model_dump_json(), media_type="application/json"
    )


async def custodian_probe(request: Request) -> Response:
    """Say that somebody listens here: the custodian asks before it subscribes us."""
    del request
    return Response(status_code=200)


async def _verify(ports: Ports, body: bytes, signature: str, key_id: str) -> None:
    if ports.custodian_keys is None:
        raise Refusal(404, "not-connected", "No custodian is connected to this platform.")
    if not UUID_TEXT.fullmatch(key_id):
        raise _forged("the key id is no UUID")
    key = await ports.custodian_keys.get(key_id)
    if key is None:
        raise _forged("the custodian knows no such key")
    try:
        key.verify(_decoded(signature), body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise _forged("the signature does not match the body") from None


def _decoded(signature: str) -> bytes:
    try:
        if len(signature) <= SIGNATURE_LENGTH_MAX:
            return b64decode(signature, validate=True)
    except (ValueError, NotBase64Error):
        pass
    raise _forged("the signature is no base64")


def _forged(reason: str) -> Refusal:
    return Refusal(400, "bad-signature", f"Not accepted: {reason}.")


def _read(body: bytes) -> Notification:
    try:
        said = json.loads(body.decode())
        id, type, told = (
            said[name] for name in ("notificationId", "notificationType", "timestamp")
        )
        moment = MOMENT.fullmatch(told)
        if UUID_TEXT.fullmatch(id) and TYPE.fullmatch(type) and moment:
            told_at = datetime.fromisoformat(moment[1]).replace(tzinfo=UTC)
            return Notification(id=id, type=type, told_at=told_at)
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    raise Refusal(
        400,
        "no-event",
        "The signature is right, but the body is no notification with an id, a type and a "
        "timestamp. Send the custodian's notifications as they are.",
    )
