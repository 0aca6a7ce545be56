"""Looking at escrows, and asking for something to be done with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Path, Request
from pydantic import StringConstraints
from starlette.responses import Response

from toolkit.core.message import Command, Envelope, derived, first, record
from toolkit.core.money import Money
from toolkit.gateway.access import actor_of, reader_of, traceparent_of
from toolkit.gateway.idempotency import Answer, Asked, fingerprint, once
from toolkit.gateway.models import (
    ID_PATTERN,
    Accepted,
    DeliveryBody,
    DisputeBody,
    ResolutionBody,
    escrow_out,
)
from toolkit.gateway.ports import ports_of
from toolkit.gateway.problems import ADVICE, Refusal, unavailable
from toolkit.gateway.tokens import Actor, Role
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    MarkDelivered,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    Resolution,
    ResolveDispute,
)
from toolkit.projections.model import EscrowView, Terms

ContractId = Annotated[str, Path(pattern=ID_PATTERN)]
EscrowId = Annotated[str, Path(pattern=ID_PATTERN)]
DisputeId = Annotated[str, Path(pattern=ID_PATTERN)]
IdempotencyKey = Annotated[
    str,
    StringConstraints(pattern=r"^[!-~]{1,255}$"),
    Header(description="Chosen by you, one for each thing you want done; a UUID is best."),
]


@record
class Case:
    """What a command is said about, and by whom."""

    command_id: str
    actor: Actor
    terms: Terms


Say = Callable[[Case], Command]


async def escrow_of_contract(request: Request, contract_id: ContractId) -> Response:
    """The escrow of a contract."""
    reader = reader_of(actor_of(request))
    return _shown(await ports_of(request).queries.escrow_of_contract(contract_id, reader))


async def escrow(request: Request, escrow_id: EscrowId) -> Response:
    """One escrow: its state, its payment, and everything that happened to it."""
    reader = reader_of(actor_of(request))
    return _shown(await ports_of(request).queries.escrow(escrow_id, reader))


async def mark_delivered(
    request: Request,
    escrow_id: EscrowId,
    idempotency_key: IdempotencyKey,
    body: DeliveryBody,
) -> Response:
    """The seller has delivered: the buyer has seven days to look at it."""

    def say(case: Case) -> Command:
        return MarkDelivered(
            escrow_id=escrow_id, actor_id=case.actor.id, evidence=body.evidence
        )

    return await command(request, escrow_id, idempotency_key, say)


async def release(
    request: Request, escrow_id: EscrowId, idempotency_key: IdempotencyKey
) -> Response:
    """The buyer is content: pay the seller."""

    def say(case: Case) -> Command:
        return ReleaseFunds(
            escrow_id=escrow_id, actor_id=case.actor.id, reason=ReleaseReason.BUYER
        )

    return await command(request, escrow_id, idempotency_key, say)


async def dispute(
    request: Request,
    escrow_id: EscrowId,
    idempotency_key: IdempotencyKey,
    body: DisputeBody,
) -> Response:
    """One side objects: the money stays until an admin has resolved it."""

    def say(case: Case) -> Command:
        return RaiseDispute(
            escrow_id=escrow_id,
            dispute_id=str(derived("dispute", case.command_id)),
            actor_id=case.actor.id,
            reason=body.reason,
        )

    return await command(request, escrow_id, idempotency_key, say)


async def cancel(
    request: Request, escrow_id: EscrowId, idempotency_key: IdempotencyKey
) -> Response:
    """Call it off, as long as it is not paid."""

    def say(case: Case) -> Command:
        return CancelEscrow(
            escrow_id=escrow_id, actor_id=case.actor.id, reason=_side_of(case)
        )

    return await command(request, escrow_id, idempotency_key, say)


async def resolve(
    request: Request,
    dispute_id: DisputeId,
    idempotency_key: IdempotencyKey,
    body: ResolutionBody,
) -> Response:
    """An admin decides who gets the money."""

    def say(case: Case) -> Command:
        return ResolveDispute(
            escrow_id=body.escrow_id,
            dispute_id=dispute_id,
            actor_id=case.actor.id,
            resolution=Resolution(body.resolution),
            seller_amount=body.seller_amount.money() if body.seller_amount else None,
        )

    return await command(request, body.escrow_id, idempotency_key, say)


async def command(request: Request, escrow_id: str, key: str, say: Say) -> Response:
    """Say a command about an escrow, once, and answer when the broker has it."""
    ports, actor = ports_of(request), actor_of(request)
    asked = Asked(
        scope=f"actor:{actor.id}",
        key=key,
        fingerprint=fingerprint(request.method, request.url.path, await request.body()),
    )

    async def work() -> Answer:
        terms = await ports.terms.ask((escrow_id, reader_of(actor)))
        if terms is None:
            raise not_found()
        # No actor's id has a slash, so no two pairs of actor and key are written the same.
        id = derived("command", actor.id, key)
        said = say(Case(command_id=str(id), actor=actor, terms=terms))
        _refuse_alone(said, terms, ports.alone_up_to)
        envelope = first(said, id, ports.clock.now(), traceparent_of(request))
        if not await ports.posts.ask(envelope):
            raise unavailable()  # until the broker has it, nothing was accepted
        return _accepted(envelope)

    return await once(ports.keys, ports.clock, asked, work)


def _accepted(envelope: Envelope) -> Answer:
    message = envelope.message
    accepted = Accepted(
        command_id=str(envelope.id),
        escrow_id=message.escrow_id,
        look_at=f"/api/projections/escrow/{message.escrow_id}",
        dispute_id=message.dispute_id if isinstance(message, RaiseDispute) else None,
    )
    return Answer(status=202, body=accepted.model_dump_json(exclude_none=True).encode())


def _side_of(case: Case) -> CancelReason:
    """Say in whose name somebody cancels who may be more than one thing."""
    if Role.BUYER in case.actor.roles and case.actor.id == case.terms.buyer_id:
        return CancelReason.BUYER
    if Role.SELLER in case.actor.roles and case.actor.id == case.terms.seller_id:
        return CancelReason.SELLER
    return CancelReason.ADMIN


def _shown(view: EscrowView | None) -> Response:
    if view is None:
        raise not_found()
    return Response(
        escrow_out(view).model_dump_json(),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )


def _refuse_alone(said: Command, terms: Terms, alone_up_to: Money) -> None:
    """Refuse what one admin may not do alone: decide by hand about much money."""
    by_hand = isinstance(said, ResolveDispute) or (
        isinstance(said, CancelEscrow) and said.reason is CancelReason.ADMIN
    )
    if by_hand and _is_more(terms.amount, alone_up_to):
        raise Refusal(
            403,
            "needs-approval",
            f"About more than {alone_up_to} no admin decides alone: propose it with "
            "POST /api/approvals, and let another admin approve it.",
        )


def _is_more(amount: Money, limit: Money) -> bool:
    """Compare whole units, one for one: a USDC counts as a dollar."""
    mine, theirs = amount.currency.exponent, limit.currency.exponent
    return bool(amount.minor * 10**theirs > limit.minor * 10**mine)


def not_found() -> Refusal:
    return Refusal(404, "not-found", ADVICE[404])
