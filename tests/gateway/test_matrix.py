"""Every role at every route: generated, so that a new route cannot be forgotten."""

import re
from itertools import combinations

import pytest
from starlette.routing import Route

from tests.gateway.examples import EXAMPLES
from tests.gateway.worlds import bearer
from toolkit.gateway.access import ACCESS, GuardedRoute
from toolkit.gateway.tokens import Role

NOBODY = {
    "no token": {},
    "another scheme": {"Authorization": "Basic YWRhOnB3"},
    "an empty token": {"Authorization": "Bearer "},
}
ROLES = [
    frozenset(),
    *(frozenset({role}) for role in Role),
    *(frozenset(pair) for pair in combinations(Role, 2)),
]
OWNED = [
    name
    for name, example in EXAMPLES.items()
    if example.owned and ACCESS[name] & {Role.BUYER, Role.SELLER}
]


def routes_of(app):
    return {
        (method, route.path_format)
        for route in app.routes
        if isinstance(route, Route)
        for method in route.methods
    }


def somewhere(path):
    return re.sub(r"\{\w+\}", "X1", path)


def test_every_route_says_who_may_call_it(house):
    missing = routes_of(house.app) - set(ACCESS)
    assert not missing, (
        f"{sorted(missing)} are closed to everybody: add each to ACCESS in "
        "toolkit/gateway/access.py, with ANYBODY where it proves itself otherwise"
    )
    assert all(isinstance(route, GuardedRoute) for route in house.app.routes)


def test_every_entry_has_a_route(house):
    stale = set(ACCESS) - routes_of(house.app)
    assert not stale, f"{sorted(stale)} are in ACCESS, but no route: remove them"


def test_every_route_has_an_example(house):
    missing = routes_of(house.app) ^ set(EXAMPLES)
    assert not missing, (
        f"{sorted(missing)}: EXAMPLES in tests/gateway/examples.py needs one request that "
        "goes well for each route, and for nothing else; then run `make api`"
    )


@pytest.mark.parametrize("who", NOBODY)
@pytest.mark.parametrize(("method", "path"), [name for name in ACCESS if ACCESS[name]])
async def test_no_token_no_answer(house, method, path, who):
    answer = await house.ask(method, somewhere(path), NOBODY[who], key="k")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("roles", ROLES, ids=lambda roles: "+".join(sorted(roles)) or "-")
@pytest.mark.parametrize(("method", "path"), ACCESS)
async def test_a_role_opens_what_the_table_says_and_nothing_else(
    house, method, path, roles
):
    answer = await house.ask(method, somewhere(path), bearer("carol", *roles), key="k")
    allowed = ACCESS[method, path]
    is_open = allowed is None or bool(roles & allowed)
    assert answer.status_code != 401
    assert (answer.status_code != 403) == is_open, answer.text
    assert not house.broker.said, "nothing is said for a request without sense"


@pytest.mark.parametrize(("method", "path"), EXAMPLES)
async def test_the_example_of_a_route_goes_well(house, method, path):
    example = EXAMPLES[method, path]
    answer = await house.ask(
        method,
        example.path,
        example.who,
        key="k",
        body=example.body,
        headers=example.headers,
    )
    assert answer.status_code == example.status, answer.text


@pytest.mark.parametrize("stranger", ["eve", "mallory", "ada"])
@pytest.mark.parametrize(("method", "path"), OWNED)
async def test_what_is_somebody_elses_does_not_exist(house, method, path, stranger):
    example = EXAMPLES[method, path]
    number = 2 if stranger == "ada" else 1
    there, body = example.about(number)
    asked = [
        await house.ask(method, where, bearer(stranger, *roles), key=f"k{where}", body=what)
        for roles in ({"buyer"}, {"seller"}, {"buyer", "seller"})
        if set(roles) & ACCESS[method, path]
        for where, what in ((there, body), example.about(9))
    ]
    assert {answer.status_code for answer in asked} <= {404}
    assert len({answer.content for answer in asked}) <= 1, "theirs looks like nobody's"
    assert not house.broker.said
