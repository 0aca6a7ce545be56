"""What became of e-mails and SMS: SendGrid's events and Twilio's callbacks, each verified.

They go straight to notifications, and never on the broker or into the archive: they are
full of addresses. Only letters that came back are of interest, each of them once.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from hmac import compare_digest, new
from typing import Annotated, Any
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import Header, Request
from starlette.responses import Response

from toolkit.gateway.models import PERSON_PATTERN, Received
from toolkit.gateway.ports import ports_of
from toolkit.gateway.problems import Refusal
from toolkit.messages.notifications import Channel, ReportReturn

UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
NAME = re.compile(r"[A-Za-z]{1,64}", re.ASCII)
SECONDS = re.compile(r"\d{1,10}", re.ASCII)
STATUS = re.compile(r"\d\.\d{1,3}\.\d{1,3}", re.ASCII)
SIGNATURE_LENGTH_MAX = 256
AGE_MAX, AHEAD_MAX = timedelta(days=4), timedelta(seconds=60)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIELDS_MAX = 64
# Twilio's errors by which a number is dead for us; others may be gone the next time.
DEAD = frozenset({"21211", "21610", "21614", "30004", "30005", "30006"})
CAME_BACK = ("undelivered", "failed")


async def sendgrid_webhook(
    request: Request,
    x_twilio_email_event_webhook_signature: Annotated[
        str, Header(description="ECDSA over the timestamp and the raw body.")
    ],
    x_twilio_email_event_webhook_timestamp: Annotated[
        str, Header(description="Unix time, in seconds.")
    ],
) -> Response:
    """Learn which e-mails came back."""
    ports, body = ports_of(request), await request.body()
    keys = ports.signers.sendgrid
    if not keys:
        raise Refusal(404, "not-connected", "No e-mail is sent by this platform.")
    timestamp = x_twilio_email_event_webhook_timestamp
    if not SECONDS.fullmatch(timestamp):
        raise _forged("the timestamp is no Unix time")
    verify_mail(keys, timestamp.encode() + body, x_twilio_email_event_webhook_signature)
    age = ports.clock.now() - (EPOCH + timedelta(seconds=int(timestamp)))
    if not -AHEAD_MAX <= age <= AGE_MAX:
        raise Refusal(400, "bad-timestamp", "Not accepted: too old, or from the future.")
    return await _told(request, list(mails_in(body)))


async def twilio_webhook(
    request: Request,
    x_twilio_signature: Annotated[
        str, Header(description="HMAC-SHA1 over the full address and the form.")
    ],
) -> Response:
    """Learn that an SMS did not arrive."""
    ports, body = ports_of(request), await request.body()
    token, public_url = ports.signers.twilio_token, ports.signers.public_url
    if token is None or public_url is None:
        raise Refusal(404, "not-connected", "No SMS are sent by this platform.")
    query = request.url.query
    url = f"{public_url.rstrip('/')}{request.url.path}{'?' if query else ''}{query}"
    form = read_form(body)
    verify_sms(token, url, form, x_twilio_signature)
    report = sms_in(dict(parse_qsl(query)), dict(form))
    return await _told(request, [report] if report else [])


def mails_in(body: bytes) -> Iterator[ReportReturn]:
    """Read those events of a batch that say that a letter of ours came back."""
    try:
        events = json.loads(body.decode())
    except (ValueError, RecursionError):
        events = None
    if not isinstance(events, list):
        raise _unreadable("The body is no array of events.")
    for event in events:
        if isinstance(event, dict) and (found := _mail(event)):
            yield found


def _mail(event: Mapping[str, Any]) -> ReportReturn | None:
    """Say why a mail came back; what a server wrote is left out, it quotes addresses."""
    match event.get("event"), event.get("type"):
        case "bounce", "blocked":
            reason, is_unreachable = f"blocked{_status(event)}", False
        case "bounce", _:
            reason, is_unreachable = f"bounced{_status(event)}", True
        case "dropped", _:
            reason, is_unreachable = "dropped: SendGrid sends nothing there any more", True
        case _:
            return None
    return _report(Channel.EMAIL, event, event.get("email"), reason, dead=is_unreachable)


def _status(event: Mapping[str, Any]) -> str:
    status = event.get("status")
    return f": {status}" if isinstance(status, str) and STATUS.fullmatch(status) else ""


def sms_in(named: Mapping[str, str], form: Mapping[str, str]) -> ReportReturn | None:
    """Read a callback; the letter is named in its address."""
    status, code = form.get("MessageStatus"), form.get("ErrorCode", "")
    if status not in CAME_BACK:
        return None
    reason = f"{status}: {code}" if code.isdecimal() and len(code) < 8 else status
    return _report(Channel.SMS, named, form.get("To"), reason, dead=code in DEAD)


def _report(
    channel: Channel, named: Mapping[str, Any], address: Any, reason: str, *, dead: bool
) -> ReportReturn | None:
    """Put a report together; what is not about a letter of ours is passed over."""
    notification, person, template, cause = (
        named.get(name) for name in ("notification_id", "recipient_id", "template", "cause")
    )
    texts = (notification, person, template, cause, address)
    if not all(isinstance(text, str) for text in texts):
        return None
    if not UUID_TEXT.fullmatch(str(notification)) or not UUID_TEXT.fullmatch(str(cause)):
        return None
    if not re.fullmatch(PERSON_PATTERN, str(person)) or not NAME.fullmatch(str(template)):
        return None
    return ReportReturn(
        recipient_id=str(person),
        notification_id=str(notification),
        channel=channel,
        address=str(address),
        template=str(template),
        cause=str(cause),
        reason=reason,
        is_unreachable=dead,
    )


async def _told(request: Request, reports: Sequence[ReportReturn]) -> Response:
    preferences = ports_of(request).preferences
    is_news = [await preferences.report(report) for report in reports]
    return Response(
        Received(known=not any(is_news)).model_dump_json(), media_type="application/json"
    )


def verify_mail(
    keys: Sequence[ec.EllipticCurvePublicKey], signed: bytes, signature: str
) -> None:
    """Accept what one of SendGrid's keys signed, the timestamp before the body."""
    if len(signature) > SIGNATURE_LENGTH_MAX:
        raise _forged("the signature is too long")
    try:
        given = b64decode(signature, validate=True)
    except (ValueError, NotBase64Error):
        raise _forged("the signature is no base64") from None
    for key in keys:
        try:
            key.verify(given, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            continue
        return
    raise _forged("the signature does not match the body")


def verify_sms(
    token: str, url: str, form: Sequence[tuple[str, str]], signature: str
) -> None:
    """Accept what Twilio signed: the address, and each parameter in their order."""
    signed = url + "".join(name + value for name, value in sorted(form))
    expected = b64encode(new(token.encode(), signed.encode(), sha1).digest())
    if not compare_digest(expected, signature.encode()):
        raise _forged("the signature matches neither the address nor the form")


def read_form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode(),
            keep_blank_values=True,
            max_num_fields=FIELDS_MAX,
            errors="strict",
        )
    except ValueError:
        raise _unreadable("The body is no form.") from None


def _forged(reason: str) -> Refusal:
    return Refusal(400, "bad-signature", f"Not accepted: {reason}.")


def _unreadable(problem: str) -> Refusal:
    return Refusal(400, "no-event", f"{problem} Send the provider's reports as they are.")
