"""Four eyes on what moves much money by hand: one admin proposes, another approves.

The command goes into the gateway's outbox in the transaction that marks the approval: it
is said exactly when it was approved, however often somebody asks, or dies.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query, Request
from starlette.responses import Response

from toolkit.core.approval import Objection, Proposal, approve
from toolkit.core.message import derived, first
from toolkit.core.ports import Effects, Versioned
from toolkit.gateway.access import actor_of, reader_of, traceparent_of
from toolkit.gateway.escrows import IdempotencyKey, not_found
from toolkit.gateway.idempotency import Answer, Asked, fingerprint, once
from toolkit.gateway.models import (
    ID_PATTERN,
    ApprovalBody,
    ApprovalOut,
    CancelAction,
)
from toolkit.gateway.pages import ApprovalPage, PageAsked, cursor_at, mark_in
from toolkit.gateway.ports import Ports, ports_of
from toolkit.gateway.problems import Refusal
from toolkit.gateway.proposals import Approval, Manual
from toolkit.messages.escrow import CancelEscrow, CancelReason, Resolution, ResolveDispute

log = logging.getLogger(__name__)

ApprovalId = Annotated[str, Path(pattern=ID_PATTERN)]
LIST = "approvals that wait"  # what a cursor of this list is for
NO_STORE = {"Cache-Control": "no-store"}


async def propose(
    request: Request, idempotency_key: IdempotencyKey, body: ApprovalBody
) -> Response:
    """An admin proposes a manual action; nothing is done until another one approves it."""
    ports, actor = ports_of(request), actor_of(request)
    asked = Asked(
        scope=f"actor:{actor.id}",
        key=idempotency_key,
        fingerprint=fingerprint(request.method, request.url.path, await request.body()),
    )

    async def work() -> Answer:
        if await ports.terms.ask((body.action.escrow_id, reader_of(actor))) is None:
            raise not_found()
        approval = Approval(
            proposal=Proposal(proposed_by=actor.id, proposed_at=ports.clock.now()),
            reason=body.reason,
            command=_command(body, actor.id),
        )
        approval_id = str(derived("approval", actor.id, idempotency_key))
        kept = await _change(ports, approval_id, lambda known: known or approval)
        return Answer(status=201, body=_shown(approval_id, kept))

    return await once(ports.keys, ports.clock, asked, work)


async def approval_page(request: Request, asked: Annotated[PageAsked, Query()]) -> Response:
    """What waits for a second admin, the oldest first; what is too old is not shown."""
    ports = ports_of(request)
    after = mark_in(asked.cursor, LIST) if asked.cursor else None
    found = await ports.proposals.waiting(ports.clock.now(), asked.limit + 1, after)
    shown = found[: asked.limit]
    page = ApprovalPage(
        approvals=[_out(each.approval_id, each.approval) for each in shown],
        next_cursor=cursor_at(shown[-1].mark, LIST) if len(found) > asked.limit else None,
    )
    return Response(page.model_dump_json(), 200, NO_STORE, "application/json")


async def approval(request: Request, approval_id: ApprovalId) -> Response:
    """What was proposed, by whom and why, and who approved it."""
    kept = await _change(ports_of(request), approval_id, lambda known: known)
    return Response(_shown(approval_id, kept), 200, NO_STORE, "application/json")


async def approve_proposal(request: Request, approval_id: ApprovalId) -> Response:
    """Another admin approves it: the command is said, once however often this is asked."""
    ports, actor, now = ports_of(request), actor_of(request), ports_of(request).clock.now()

    def decide(known: Approval | None) -> Approval | None:
        match known and approve(known.proposal, actor.id, now):
            case Objection() as objection:
                log.warning("%s may not approve %s: %s", actor.id, approval_id, objection)
                raise _objected(objection)
            case Proposal() as proposal if known:
                return replace(known, proposal=proposal)
        return None

    kept = await _change(ports, approval_id, decide, traceparent_of(request))
    return Response(_shown(approval_id, kept), 202, NO_STORE, "application/json")


async def _change(
    ports: Ports,
    approval_id: str,
    decide: Callable[[Approval | None], Approval | None],
    traceparent: str | None = None,
) -> Approval:
    """Decide under a lock on what is known; say the command where it becomes approved."""
    async with ports.approvals.transaction() as transaction:
        snapshot = await transaction.open([], [approval_id])
        known = snapshot.states.get(approval_id)
        before: Approval | None = known.state if known else None
        after = decide(before)
        if after is None:
            raise not_found()
        if after != before:
            version = known.version if known else 0
            effects = Effects(
                states={approval_id: Versioned(after, version + 1)},
                found={approval_id: version},
            )
            if after.proposal.is_approved:
                id = derived("approved", approval_id)
                said = first(after.command, id, ports.clock.now(), traceparent)
                effects.outbox.append(said)
            await transaction.write(effects)
    return after


def _command(body: ApprovalBody, actor_id: str) -> Manual:
    action = body.action
    if isinstance(action, CancelAction):
        return CancelEscrow(
            escrow_id=action.escrow_id, actor_id=actor_id, reason=CancelReason.ADMIN
        )
    return ResolveDispute(
        escrow_id=action.escrow_id,
        dispute_id=action.dispute_id,
        actor_id=actor_id,
        resolution=Resolution(action.resolution),
        seller_amount=action.seller_amount.money() if action.seller_amount else None,
    )


def _shown(approval_id: str, kept: Approval) -> bytes:
    return _out(approval_id, kept).model_dump_json(exclude_none=True).encode()


def _out(approval_id: str, kept: Approval) -> ApprovalOut:
    proposal, command = kept.proposal, kept.command
    return ApprovalOut(
        approval_id=approval_id,
        command=type(command).__name__,
        escrow_id=command.escrow_id,
        reason=kept.reason,
        proposed_by=proposal.proposed_by,
        expires_at=proposal.expires_at,
        approved_by=proposal.approved_by,
        approved_at=proposal.approved_at,
        approve_at=f"/api/approvals/{approval_id}/approve",
        look_at=f"/api/projections/escrow/{command.escrow_id}",
    )


def _objected(objection: Objection) -> Refusal:
    status = 403 if objection is Objection.SAME_PERSON else 409
    code = objection.name.lower().replace("_", "-")
    return Refusal(status, f"approval-{code}", f"Not approved: {objection}.")
