"""The API's description says everything that the API does."""

import pytest

from tests.gateway.page import DOCUMENT, PAGE, document, page
from tests.gateway.worlds import ADA, BOB
from toolkit.gateway.access import ACCESS
from toolkit.gateway.application import ROUTES
from toolkit.projections.model import EscrowView


@pytest.fixture
def described(house):
    return house.app.openapi()


def operations(described):
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield (method.upper(), path), operation


def test_every_route_is_described(described):
    assert {name for name, _ in operations(described)} == {
        name for name in ACCESS if name[0] != "HEAD"
    }


def test_every_closed_route_asks_for_a_token_and_no_open_one_does(described):
    for name, operation in operations(described):
        assert ("security" in operation) == bool(ACCESS[name]), name


def test_every_failure_is_a_problem(described):
    for _, operation in operations(described):
        for status, response in operation["responses"].items():
            kinds = set(response["content"])
            expected = (
                "application/json" if int(status) < 400 else "application/problem+json"
            )
            assert kinds == {expected}


def test_every_reference_leads_somewhere(described):
    def references(node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references(described)) <= known


def test_every_input_refuses_what_it_does_not_know(described):
    for _, operation in operations(described):
        if body := operation.get("requestBody"):
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            schema = described["components"]["schemas"][name]
            assert schema["additionalProperties"] is False


def test_every_operation_has_a_name_of_its_own(described):
    names = [operation["operationId"] for _, operation in operations(described)]
    assert len(set(names)) == len(ROUTES)


async def test_the_description_is_not_published_unless_asked_for(house):
    for path in ("/openapi.json", "/docs", "/redoc"):
        assert (await house.ask("GET", path)).status_code == 404


async def test_an_escrow_is_shown_whole(house):
    shown = (await house.ask("GET", "/api/projections/escrow/E1", ADA)).json()
    assert shown["state"] == "DELIVERED"
    assert shown["amount"] == {"minor": 100_00, "currency": "USD"}
    assert shown["payment"]["status"] == "SUCCEEDED"
    assert shown["payment"]["paid"] == {"minor": 100_00, "currency": "USD"}
    assert shown["auto_release_at"].endswith("Z")
    assert [entry["type"] for entry in shown["timeline"]] == [
        "EscrowCreated",
        "EscrowAwaitFunds",
        "PaymentIntentCreated",
        "PaymentSucceeded",
        "EscrowFundsHeld",
        "EscrowDelivered",
    ]


async def test_the_escrow_of_a_contract_is_the_same_page(house):
    by_contract = await house.ask("GET", "/api/contracts/C1/escrow", BOB)
    by_id = await house.ask("GET", "/api/projections/escrow/E1", BOB)
    assert by_contract.content == by_id.content
    assert by_id.headers["cache-control"] == "no-store"


def test_what_is_shown_is_what_is_described(described):
    schema = described["components"]["schemas"]["EscrowOut"]
    assert set(schema["required"]) == set(schema["properties"])
    assert EscrowView.__name__ not in described["components"]["schemas"]


async def test_it_is_alive_without_anybody_else(house):
    assert (await house.ask("GET", "/health/live")).json() == {
        "status": "live",
        "checks": {},
    }


async def test_it_is_ready_when_everything_it_needs_answers(house):
    async def fine():
        return True

    async def down():
        raise OSError("no answer")

    house.app.state.ports.checks["database"] = fine
    answer = await house.ask("GET", "/health/ready")
    assert answer.json() == {"status": "ready", "checks": {"database": True}}
    house.app.state.ports.checks["broker"] = down
    answer = await house.ask("GET", "/health/ready")
    assert answer.status_code == 503
    assert "Not answering: broker." in answer.json()["detail"]


def test_the_document_that_is_kept_is_the_one_of_the_application():
    kept = DOCUMENT.read_text(encoding="utf-8")
    assert kept == document(), "the API has changed: look at the difference, run `make api`"


async def test_the_page_is_written_from_what_the_application_answers():
    kept = PAGE.read_text(encoding="utf-8")
    assert kept == await page(), "the API has changed: run `make api`"
