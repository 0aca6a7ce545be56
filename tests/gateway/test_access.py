"""Nobody gets further than the table of roles and their own escrows."""

import pytest

from tests.gateway.examples import EXAMPLES
from tests.gateway.worlds import ADA, ADMIN, BOB, EVE, MALLORY, MARKET, bearer
from toolkit.gateway.access import ACCESS
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
CLOSED = [name for name in EXAMPLES if ACCESS[name]]


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
    example = EXAMPLES[method, path]
    filled, body = example.about(escrow[1:])
    is_known = example.person is None or caller.startswith(example.person)
    is_stranger = not is_known and Role.ADMIN not in roles
    answer = await house.ask(method, filled, who, key="k", body=body)
    if not roles & ACCESS[method, path]:
        expected = 403
    elif (example.owned and escrow not in own) or is_stranger:
        expected = 404
    else:
        expected = example.status
    assert answer.status_code == expected, answer.text
    is_done = answer.status_code == 202
    outboxes = (house.broker.said, house.news.outbox, house.approvals.outbox)
    assert sum(map(len, outboxes)) == int(is_done)


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
