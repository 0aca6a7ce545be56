"""Nobody gets further than the table of roles and their own escrows."""

import pytest
from starlette.routing import Route

from tests.gateway.worlds import ADA, ADMIN, BOB, EVE, MALLORY, MARKET, bearer
from toolkit.gateway.access import ACCESS, GuardedRoute
from toolkit.gateway.tokens import Role

CALLERS = {
    "ada the buyer": (ADA, {Role.BUYER}, {"E1"}),
    "bob the seller": (BOB, {Role.SELLER}, {"E1"}),
    "eve, buyer of another": (EVE, {Role.BUYER}, {"E2"}),
    "mallory, seller of another": (MALLORY, {Role.SELLER}, {"E2"}),
    "an admin": (ADMIN, {Role.ADMIN}, {"E1", "E2"}),
    "the marketplace": (MARKET, {Role.CONTRACTS}, set()),
    "somebody without a role": (bearer("carol"), set(), set()),
    "somebody of an unknown role": (bearer("dave", "superuser"), set(), set()),
    "bob, who calls himself a buyer": (bearer("bob", "buyer"), {Role.BUYER}, set()),
    "ada, who calls herself a seller": (bearer("ada", "seller"), {Role.SELLER}, set()),
}
MONEY = {"minor": 100, "currency": "USD"}
BODIES = {
    "/api/escrow/{escrow_id}/mark-delivered": {"evidence": "on the doorstep"},
    "/api/escrow/{escrow_id}/dispute": {"reason": "wrong colour"},
    "/api/disputes/{dispute_id}/resolve": {"escrow_id": "E1", "resolution": "REFUND"},
    "/api/contracts/{contract_id}/executed": {
        "buyer_id": "ada",
        "seller_id": "bob",
        "amount": MONEY,
        "executed_at": "2026-11-19T08:00:00Z",
    },
}
CLOSED = [(method, path) for (method, path), allowed in ACCESS.items() if allowed]


def asked(path, escrow="E1"):
    """The path and the body of a request about one escrow."""
    body = BODIES.get(path)
    if body and "escrow_id" in body:
        body = {**body, "escrow_id": escrow}
    number = escrow[1:]
    filled = path.format(
        escrow_id=escrow, contract_id=f"C{number}", dispute_id=f"D{number}"
    )
    return filled, body


def test_every_route_has_an_entry_and_every_entry_a_route(house):
    routes = {
        (method, route.path_format)
        for route in house.app.routes
        if isinstance(route, Route)
        for method in route.methods
    }
    assert routes == set(ACCESS)
    assert all(isinstance(route, GuardedRoute) for route in house.app.routes)


async def test_a_route_without_an_entry_is_closed_to_everybody(house):
    async def forgotten():
        raise AssertionError("nobody comes this far")

    house.app.add_api_route("/api/forgotten", forgotten, methods=["GET"])
    for who in (None, ADA, ADMIN):
        assert (await house.ask("GET", "/api/forgotten", who)).status_code == 403


@pytest.mark.parametrize(("method", "path"), CLOSED)
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("escrow", ["E1", "E2"])
async def test_roles_and_tenants(house, method, path, caller, escrow):
    who, roles, own = CALLERS[caller]
    filled, body = asked(path, escrow)
    answer = await house.ask(method, filled, who, key="k", body=body)
    if not roles & ACCESS[method, path]:
        expected = 403
    elif "executed" not in path and escrow not in own:
        expected = 404
    else:
        expected = 202 if method == "POST" else 200
    assert answer.status_code == expected, answer.text
    is_done = answer.status_code == 202
    assert len(house.broker.said) + len(house.news.outbox) == int(is_done)


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_no_token_no_answer(house, method, path):
    filled, body = asked(path)
    for who in ({}, {"Authorization": "Basic YWRhOnB3"}, {"Authorization": "Bearer "}):
        answer = await house.ask(method, filled, who, key="k", body=body)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_who_calls_is_asked_before_the_body_is_read(house):
    answer = await house.ask("POST", "/api/escrow/E1/dispute", key="k", body=b"{")
    assert answer.status_code == 401


async def test_another_tenants_escrow_looks_like_one_that_does_not_exist(house):
    theirs = await house.ask("GET", "/api/projections/escrow/E2", ADA)
    nobodys = await house.ask("GET", "/api/projections/escrow/E9", ADA)
    assert theirs.content == nobodys.content


async def test_a_second_role_opens_no_more_than_its_own_routes(house):
    both = bearer("ada", "buyer", "admin")
    release = await house.ask("POST", "/api/escrow/E2/release", both, key="k")
    look = await house.ask("GET", "/api/projections/escrow/E2", both)
    assert (release.status_code, look.status_code) == (404, 200)


async def test_a_key_that_found_nothing_may_be_used_again(house):
    path = "/api/escrow/E1/release"
    view = house.views.pop("E1")
    assert (await house.ask("POST", path, ADA, key="k")).status_code == 404
    house.views["E1"] = view
    assert (await house.ask("POST", path, ADA, key="k")).status_code == 202


@pytest.mark.parametrize(
    ("who", "reason"),
    [(ADA, "BUYER"), (BOB, "SELLER"), (ADMIN, "ADMIN")],
    ids=["ada", "bob", "an admin"],
)
async def test_whoever_cancels_does_so_in_their_own_name(house, who, reason):
    await house.ask("POST", "/api/escrow/E1/cancel", who, key="k")
    (said,) = house.broker.commands
    assert said.reason == reason
