"""The REST API, put together: every route, its model, and how it may fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from toolkit.core.details import Details
from toolkit.core.money import Money
from toolkit.core.ports import Clock, Producer, Transactions
from toolkit.gateway import approvals as manual
from toolkit.gateway import custodian, escrows, health, news, pages, people, reports
from toolkit.gateway import details as known
from toolkit.gateway import trails as trail
from toolkit.gateway.access import GuardedRoute
from toolkit.gateway.description import describe
from toolkit.gateway.details import DetailsOut
from toolkit.gateway.edge import Edge
from toolkit.gateway.idempotency import KeyRing, Keys
from toolkit.gateway.limits import Limits
from toolkit.gateway.lookups import PublicKeys
from toolkit.gateway.models import (
    Accepted,
    ApprovalOut,
    EscrowOut,
    Health,
    Received,
)
from toolkit.gateway.pages import ApprovalPage, EscrowPage
from toolkit.gateway.ports import (
    ALONE_UP_TO,
    BODY_BYTES_MAX,
    BODY_WITHIN_S,
    Intake,
    Ports,
    Preferences,
    Trails,
)
from toolkit.gateway.preference_models import PreferencesOut, SecretOut
from toolkit.gateway.problems import install
from toolkit.gateway.proposals import Proposals
from toolkit.gateway.signers import NOBODY, Signers
from toolkit.gateway.tokens import Tokens
from toolkit.projections.queries import Queries

Endpoint = Callable[..., Awaitable[Response]]

SIZES = (414, 431)  # of whatever is asked
LIMITED = (*SIZES, 429, 500, 503)
TOKEN = (*LIMITED, 401, 403)
BODY = (400, 408, 413)
COMMAND = (*TOKEN, *BODY, 404, 409, 422)

# Method, path, what answers, with which status and model, and how else it may end.
ROUTES: tuple[tuple[str, str, Endpoint, int, type[BaseModel], tuple[int, ...]], ...] = (
    (
        "GET",
        "/api/contracts/{contract_id}/escrow",
        escrows.escrow_of_contract,
        200,
        EscrowOut,
        (*TOKEN, 404),
    ),
    (
        "POST",
        "/api/contracts/{contract_id}/executed",
        news.executed,
        202,
        Accepted,
        COMMAND,
    ),
    (
        "GET",
        "/api/projections/escrow/{escrow_id}",
        escrows.escrow,
        200,
        EscrowOut,
        (*TOKEN, 404),
    ),
    (
        "GET",
        "/api/projections/escrows",
        pages.escrow_page,
        200,
        EscrowPage,
        (*TOKEN, 422),
    ),
    (
        "POST",
        "/api/escrow/{escrow_id}/mark-delivered",
        escrows.mark_delivered,
        202,
        Accepted,
        COMMAND,
    ),
    ("POST", "/api/escrow/{escrow_id}/release", escrows.release, 202, Accepted, COMMAND),
    ("POST", "/api/escrow/{escrow_id}/dispute", escrows.dispute, 202, Accepted, COMMAND),
    ("POST", "/api/escrow/{escrow_id}/cancel", escrows.cancel, 202, Accepted, COMMAND),
    ("POST", "/api/disputes/{dispute_id}/resolve", escrows.resolve, 202, Accepted, COMMAND),
    (
        "GET",
        "/api/escrow/transactions/{transaction_id}/audit",
        trail.audit_trail,
        200,
        trail.TrailPage,
        (*TOKEN, 404, 422),
    ),
    (
        "GET",
        "/api/escrow/events/{hash}",
        trail.audit_event,
        200,
        trail.EventProof,
        (*TOKEN, 404),
    ),
    (
        "POST",
        "/api/escrow/events/{hash}/verify",
        trail.verify_event,
        200,
        trail.VerdictOut,
        (*TOKEN, *BODY, 404),
    ),
    ("POST", "/api/approvals", manual.propose, 201, ApprovalOut, COMMAND),
    ("GET", "/api/approvals", manual.approval_page, 200, ApprovalPage, (*TOKEN, 422)),
    (
        "GET",
        "/api/approvals/{approval_id}",
        manual.approval,
        200,
        ApprovalOut,
        (*TOKEN, 404),
    ),
    (
        "POST",
        "/api/approvals/{approval_id}/approve",
        manual.approve_proposal,
        202,
        ApprovalOut,
        (*TOKEN, *BODY, 404, 409),
    ),
    (
        "GET",
        "/api/people/{person_id}/preferences",
        people.preferences,
        200,
        PreferencesOut,
        (*TOKEN, 404, 500, 503),
    ),
    (
        "GET",
        "/api/people/{person_id}/details",
        known.details,
        200,
        DetailsOut,
        (*TOKEN, 404, 422),
    ),
    (
        "PUT",
        "/api/people/{person_id}/details",
        known.set_details,
        200,
        DetailsOut,
        (*TOKEN, *BODY, 404, 422),
    ),
    (
        "DELETE",
        "/api/people/{person_id}/details",
        known.erase_details,
        200,
        DetailsOut,
        (*TOKEN, 404, 422),
    ),
    (
        "PUT",
        "/api/people/{person_id}/preferences/{channel}",
        people.set_preference,
        200,
        PreferencesOut,
        (*TOKEN, 400, 404, 413, 422, 500, 503),
    ),
    (
        "POST",
        "/api/people/{person_id}/preferences/WEBHOOK/secret",
        people.replace_secret,
        200,
        SecretOut,
        (*TOKEN, *BODY, 404, 500, 503),
    ),
    (
        "POST",
        "/api/webhooks/stripe",
        news.stripe_webhook,
        200,
        Received,
        (*LIMITED, *BODY),
    ),
    (
        "POST",
        "/api/webhooks/custodian",
        custodian.custodian_webhook,
        200,
        Received,
        (*LIMITED, *BODY, 404),
    ),
    (
        "POST",
        "/api/webhooks/sendgrid",
        reports.sendgrid_webhook,
        200,
        Received,
        (*LIMITED, *BODY, 404),
    ),
    (
        "POST",
        "/api/webhooks/twilio",
        reports.twilio_webhook,
        200,
        Received,
        (*LIMITED, *BODY, 404),
    ),
    ("GET", "/health/live", health.live, 200, Health, SIZES),
    ("GET", "/health/ready", health.ready, 200, Health, (*SIZES, 503)),
)


def create(
    *,
    queries: Queries,
    producer: Producer,
    intake: Intake,
    preferences: Preferences,
    keys: Keys,
    approvals: Transactions,
    proposals: Proposals,
    clock: Clock,
    tokens: Tokens,
    webhook_secrets: Sequence[str],
    checks: Mapping[str, Callable[[], Awaitable[bool]]] | None = None,
    body_bytes_max: int = BODY_BYTES_MAX,
    body_within_s: float = BODY_WITHIN_S,
    limits: Limits | None = None,
    alone_up_to: Money = ALONE_UP_TO,
    custodian_keys: PublicKeys | None = None,
    details: Details | None = None,
    trails: Trails | None = None,
    signers: Signers = NOBODY,
    webhook_allows_private: bool = False,
    openapi_url: str | None = None,
) -> FastAPI:
    """Make the application. Its description is published only where an address is given."""
    app = _empty(openapi_url)
    app.state.ports = Ports(
        queries=queries,
        producer=producer,
        intake=intake,
        preferences=preferences,
        keys=KeyRing(keys),
        approvals=approvals,
        proposals=proposals,
        clock=clock,
        tokens=tokens,
        webhook_secrets=webhook_secrets,
        checks=checks or {},
        body_bytes_max=body_bytes_max,
        body_within_s=body_within_s,
        limits=limits,
        alone_up_to=alone_up_to,
        custodian_keys=custodian_keys,
        details=details,
        trails=trails,
        signers=signers,
        webhook_allows_private=webhook_allows_private,
    )
    app.router.route_class = GuardedRoute
    app.add_middleware(Edge)
    install(app)
    _add_routes(app)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign] # as FastAPI advises
    return app


def _empty(openapi_url: str | None) -> FastAPI:
    """Name the application; nothing of it redirects or draws pages."""
    return FastAPI(
        title="Escrow API",
        version="1.0.0",
        openapi_url=openapi_url,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )


def _add_routes(app: FastAPI) -> None:
    for method, path, endpoint, status, model, failures in ROUTES:
        app.add_api_route(
            path,
            endpoint,
            methods=[method],
            status_code=status,
            response_model=model,
            response_model_exclude_none=True,
            responses={failure: {} for failure in failures},
            operation_id=endpoint.__name__,
        )
    probe = custodian.custodian_probe
    path = "/api/webhooks/custodian"
    app.add_api_route(path, probe, methods=["HEAD"], include_in_schema=False)
