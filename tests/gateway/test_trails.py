"""The audit trail over HTTP: read page by page, and every event provable far from here."""

import pytest

from tests.audit.logbook import SIGNER
from tests.gateway.worlds import ADMIN, hash_of_event
from toolkit.audit.proof import PART, verify

TRAIL = "/api/escrow/transactions/E1/audit"


async def test_a_trail_is_read_page_by_page(house):
    seen, cursor = [], None
    for _ in range(3):
        more = f"&cursor={cursor}" if cursor else ""
        page = (await house.ask("GET", f"{TRAIL}?limit=2{more}", ADMIN)).json()
        seen += [entry["position"] for entry in page["entries"]]
        cursor = page.get("next_cursor")
    assert (seen, cursor) == ([0, 1, 2, 3, 4], None)


async def test_a_cursor_is_good_for_its_own_filters_and_trail(house):
    page = (await house.ask("GET", f"{TRAIL}?limit=1", ADMIN)).json()
    other = f"{TRAIL}?limit=1&kind=EscrowCreated&cursor={page['next_cursor']}"
    assert (await house.ask("GET", other, ADMIN)).status_code == 422


async def test_a_cursor_that_somebody_made_up_is_refused(house):
    from toolkit.gateway.pages import EPOCH, cursor_at
    from toolkit.gateway.trails import TrailAsked
    from toolkit.projections.queries import Mark

    filters = TrailAsked().filters("E1")
    for place in ("abc", "9" * 40, "-1"):
        made_up = cursor_at(Mark(EPOCH, place), filters)
        answer = await house.ask("GET", f"{TRAIL}?cursor={made_up}", ADMIN)
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("kind=EscrowDisputed", [2]),
        ("kind=EscrowCreated&kind=EscrowDisputed", [0, 2, 3]),
        ("actor_id=ada", [2]),
        ("occurred_from=2026-03-04T05:06:10Z", [3, 4]),
    ],
)
async def test_a_trail_is_filtered(house, query, positions):
    page = (await house.ask("GET", f"{TRAIL}?{query}", ADMIN)).json()
    assert [entry["position"] for entry in page["entries"]] == positions


async def test_the_proof_of_an_event_is_verified_without_us(house):
    answer = await house.ask("GET", f"/api/escrow/events/{hash_of_event(2)}", ADMIN)
    verdict = verify(answer.json(), SIGNER.verifier)
    assert (verdict.problems, verdict.doubts, verdict.count) == ([], [PART], 1)


async def test_an_event_is_verified_on_request(house):
    path = f"/api/escrow/events/{hash_of_event(2)}/verify"
    answer = (await house.ask("POST", path, ADMIN)).json()
    assert (answer["holds"], answer["problems"], answer["open"]) == (True, [], [PART])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/escrow/transactions/nobody/audit"),
        ("GET", f"/api/escrow/events/{'0' * 64}"),
        ("POST", f"/api/escrow/events/{'0' * 64}/verify"),
    ],
)
async def test_what_is_not_there_is_not_found(house, method, path):
    assert (await house.ask(method, path, ADMIN)).status_code == 404
