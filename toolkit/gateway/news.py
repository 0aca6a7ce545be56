"""News from outside: what Stripe tells, and which contracts were executed."""

from __future__ import annotations

import json
import re
from typing import Annotated

from fastapi import Header, Request
from starlette.responses import Response

from toolkit.core.message import derived
from toolkit.gateway.access import traceparent_of
from toolkit.gateway.escrows import ContractId
from toolkit.gateway.idempotency import Answer, Asked, fingerprint, once
from toolkit.gateway.models import Accepted, ContractBody, Received
from toolkit.gateway.ports import ports_of
from toolkit.gateway.problems import Refusal
from toolkit.gateway.signatures import SignatureRefused, verify
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.webhooks import WebhookReceived

EVENT_ID = re.compile(r"[A-Za-z0-9_]{1,255}", re.ASCII)
EVENT_TYPE = re.compile(r"[a-z0-9_.]{1,255}", re.ASCII)


async def stripe_webhook(
    request: Request,
    stripe_signature: Annotated[str, Header(description="Stripe's own: `t=…,v1=…`.")],
) -> Response:
    """Keep what Stripe tells, word for word; it is looked into afterwards."""
    ports, body = ports_of(request), await request.body()
    now = ports.clock.now()
    try:
        verify(body, stripe_signature, ports.webhook_secrets, now)
    except SignatureRefused as refusal:
        raise Refusal(400, "bad-signature", f"Not accepted: {refusal}.") from refusal
    id, type = _named(body)
    received = WebhookReceived(
        provider="stripe",
        provider_event_id=id,
        provider_event_type=type,
        payload=body.decode(),
        received_at=now,
    )
    is_new = await ports.intake.receive(
        received, derived("stripe", id), traceparent_of(request)
    )
    return Response(
        Received(known=not is_new).model_dump_json(), media_type="application/json"
    )


async def executed(
    request: Request, contract_id: ContractId, body: ContractBody
) -> Response:
    """A contract was signed by both sides: open its escrow.

    The contract's id is the idempotency key: the same contract again is answered the
    same, and another one under its id is refused.
    """
    ports = ports_of(request)
    asked = Asked(
        scope="contract",
        key=contract_id,
        fingerprint=fingerprint(request.method, request.url.path, await request.body()),
    )

    async def work() -> Answer:
        event = ContractExecuted(
            contract_id=contract_id,
            buyer_id=body.buyer_id,
            seller_id=body.seller_id,
            amount=body.amount.money(),
            executed_at=body.executed_at,
            payee_account=body.payee_account,
        )
        id = derived("contract executed", contract_id)
        await ports.intake.receive(event, id, traceparent_of(request))
        escrow_id = str(derived("escrow", contract_id))
        accepted = Accepted(
            command_id=str(id),
            escrow_id=escrow_id,
            look_at=f"/api/projections/escrow/{escrow_id}",
            dispute_id=None,
        )
        return Answer(status=202, body=accepted.model_dump_json(exclude_none=True).encode())

    return await once(ports.keys, ports.clock, asked, work)


def _named(body: bytes) -> tuple[str, str]:
    """Read the id and the type of an event, and nothing else of it."""
    try:
        event = json.loads(body.decode())
        id, type = event["id"], event["type"]
        if EVENT_ID.fullmatch(id) and EVENT_TYPE.fullmatch(type):
            return id, type
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    raise Refusal(
        400,
        "no-event",
        "The signature is right, but the body is no event with an id and a type. Send "
        "Stripe's events as they are.",
    )
