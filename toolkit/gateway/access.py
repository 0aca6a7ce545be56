"""Who may call what: one table, asked before anything else of a request is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from toolkit.gateway.bodies import bounded_body, refuse_unreadable
from toolkit.gateway.ports import ports_of
from toolkit.gateway.problems import Refusal
from toolkit.gateway.tokens import Actor, Role, TokenRefused
from toolkit.projections.queries import Reader

Allowed = frozenset[Role] | None

ANYBODY: Allowed = None  # proves itself otherwise, or has nothing to prove
PARTIES = frozenset({Role.BUYER, Role.SELLER, Role.ADMIN})

# A route that is not here is closed to everybody.
ACCESS: Mapping[tuple[str, str], Allowed] = {
    ("GET", "/api/contracts/{contract_id}/escrow"): PARTIES,
    ("POST", "/api/contracts/{contract_id}/executed"): frozenset({Role.CONTRACTS}),
    ("GET", "/api/projections/escrow/{escrow_id}"): PARTIES,
    ("GET", "/api/projections/escrows"): PARTIES,
    ("POST", "/api/escrow/{escrow_id}/mark-delivered"): frozenset({Role.SELLER}),
    ("POST", "/api/escrow/{escrow_id}/release"): frozenset({Role.BUYER}),
    ("POST", "/api/escrow/{escrow_id}/dispute"): frozenset({Role.BUYER, Role.SELLER}),
    ("POST", "/api/escrow/{escrow_id}/cancel"): PARTIES,
    ("POST", "/api/disputes/{dispute_id}/resolve"): frozenset({Role.ADMIN}),
    ("GET", "/api/escrow/transactions/{transaction_id}/audit"): frozenset({Role.ADMIN}),
    ("GET", "/api/escrow/events/{hash}"): frozenset({Role.ADMIN}),
    ("POST", "/api/escrow/events/{hash}/verify"): frozenset({Role.ADMIN}),
    ("POST", "/api/approvals"): frozenset({Role.ADMIN}),
    ("GET", "/api/approvals"): frozenset({Role.ADMIN}),
    ("GET", "/api/approvals/{approval_id}"): frozenset({Role.ADMIN}),
    ("POST", "/api/approvals/{approval_id}/approve"): frozenset({Role.ADMIN}),
    ("GET", "/api/people/{person_id}/preferences"): PARTIES,
    ("PUT", "/api/people/{person_id}/preferences/{channel}"): PARTIES,
    ("GET", "/api/people/{person_id}/details"): PARTIES,
    ("PUT", "/api/people/{person_id}/details"): PARTIES,
    ("DELETE", "/api/people/{person_id}/details"): frozenset({Role.ADMIN}),
    ("POST", "/api/people/{person_id}/preferences/WEBHOOK/secret"): PARTIES,
    ("POST", "/api/webhooks/stripe"): ANYBODY,  # signed by the provider
    ("POST", "/api/webhooks/custodian"): ANYBODY,
    ("HEAD", "/api/webhooks/custodian"): ANYBODY,
    ("POST", "/api/webhooks/sendgrid"): ANYBODY,
    ("POST", "/api/webhooks/twilio"): ANYBODY,
    ("GET", "/health/live"): ANYBODY,
    ("GET", "/health/ready"): ANYBODY,
}
BODILESS = ("GET", "HEAD")
UNCOUNTED = "/health/"  # whoever watches us must not be turned away
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


class GuardedRoute(APIRoute):
    """A route that knows who is calling before it reads the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, path = super().get_route_handler(), self.path_format

        async def guarded(request: Request) -> Response:
            await admit(request, path)
            bounded = Request(request.scope, bounded_body(request))
            # What is signed is checked as raw bytes first, and parsed with care after.
            if request.method not in BODILESS and ACCESS[request.method, path]:
                refuse_unreadable(await bounded.body())
            return await handle(bounded)

        return guarded


async def admit(request: Request, path: str) -> None:
    """Let a caller pass whom the table names, and remember in what capacity."""
    if (request.method, path) not in ACCESS:
        raise _forbidden("This route is open to nobody yet.")
    limits = ports_of(request).limits
    if limits is not None and not path.startswith(UNCOUNTED):
        await limits.check_address(request)
    allowed = ACCESS[request.method, path]
    if allowed is None:  # anybody
        return
    actor = await _actor_of(request)
    if limits is not None:
        await limits.check_actor(request, actor)
    capacity = actor.roles & allowed
    if not capacity:
        who = " or ".join(sorted(allowed))
        raise _forbidden(f"This needs the role {who}: ask with a token that has it.")
    request.state.actor = Actor(id=actor.id, roles=capacity)


def actor_of(request: Request) -> Actor:
    """Answer who calls, with those of their roles that opened this route."""
    actor: Actor = request.state.actor
    return actor


def reader_of(actor: Actor) -> Reader:
    """Answer what a caller may see."""
    return Reader(
        buyer_id=actor.id if Role.BUYER in actor.roles else None,
        seller_id=actor.id if Role.SELLER in actor.roles else None,
        sees_all=Role.ADMIN in actor.roles,
    )


def traceparent_of(request: Request) -> str | None:
    """Pass the caller's trace on, if it is one."""
    given = request.headers.get("traceparent", "")
    return given if TRACEPARENT.fullmatch(given) else None


async def _actor_of(request: Request) -> Actor:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized("Send an access token: `Authorization: Bearer <token>`.", "")
    try:
        return await ports_of(request).tokens.caller_of(token.strip())
    except TokenRefused as refusal:
        raise _unauthorized(
            f"This token is not accepted: {refusal}.", ' error="invalid_token"'
        ) from refusal


def _unauthorized(detail: str, error: str) -> Refusal:
    return Refusal(
        401, "unauthorized", detail, headers={"WWW-Authenticate": f"Bearer{error}"}
    )


def _forbidden(detail: str) -> Refusal:
    return Refusal(403, "forbidden", detail)
