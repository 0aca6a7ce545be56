"""Much money moves by hand only when two admins agree, and then exactly once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from tests.gateway.served import application, migrated
from tests.gateway.worlds import ADA, ADMIN, NOW, PROPOSED, House, bearer
from toolkit.core.money import Money
from toolkit.core.ports import Versioned
from toolkit.gateway.ports import ALONE_UP_TO
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    Resolution,
    ResolveDispute,
)

GRACE, LINUS = bearer("grace", "admin"), bearer("linus", "admin")
SPLIT = {
    "action": {
        "do": "RESOLVE",
        "escrow_id": "E1",
        "dispute_id": "D1",
        "resolution": "SPLIT",
        "seller_amount": {"minor": 40_00, "currency": "USD"},
    },
    "reason": "half of it was broken",
}
CANCEL = {"action": {"do": "CANCEL", "escrow_id": "E1"}, "reason": "nobody answers"}


async def propose(house, who=GRACE, body=SPLIT, key="k"):
    return await house.ask("POST", "/api/approvals", who, key=key, body=body)


async def approve(house, id, who=LINUS):
    return await house.ask("POST", f"/api/approvals/{id}/approve", who)


def said(house):
    return [posting.cargo.message for posting in house.approvals.outbox.values()]


async def test_nothing_is_said_before_somebody_else_agrees(house):
    proposed = await propose(house)
    assert proposed.status_code == 201
    assert "approved_by" not in proposed.json()
    assert not said(house)
    assert not house.broker.said


async def test_what_two_agreed_on_is_said_as_it_was_proposed(house):
    id = (await propose(house)).json()["approval_id"]
    answer = await approve(house, id)
    assert (answer.status_code, answer.json()["approved_by"]) == (202, "linus")
    assert said(house) == [
        ResolveDispute(
            escrow_id="E1",
            dispute_id="D1",
            actor_id="grace",
            resolution=Resolution.SPLIT,
            seller_amount=Money(40_00),
        )
    ]


async def test_an_escrow_is_called_off_by_two(house):
    id = (await propose(house, body=CANCEL)).json()["approval_id"]
    await approve(house, id)
    assert said(house) == [
        CancelEscrow(escrow_id="E1", actor_id="grace", reason=CancelReason.ADMIN)
    ]


async def test_nobody_approves_their_own(house):
    id = (await propose(house)).json()["approval_id"]
    answer = await approve(house, id, GRACE)
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/approval-same-person"
    assert not said(house)


async def test_asking_again_says_nothing_again(house):
    id = (await propose(house)).json()["approval_id"]
    answers = [await approve(house, id) for _ in range(3)]
    assert len({answer.content for answer in answers}) == 1
    assert len(said(house)) == 1


async def test_a_third_admin_comes_too_late(house):
    id = (await propose(house)).json()["approval_id"]
    await approve(house, id)
    answer = await approve(house, id, ADMIN)
    assert answer.json()["type"] == "/problems/approval-approved"
    assert len(said(house)) == 1


@pytest.mark.parametrize(("age", "status"), [(23, 202), (24, 409), (48, 409)])
async def test_a_proposal_is_good_for_a_day(house, age, status):
    proposal = replace(PROPOSED.proposal, proposed_at=NOW - timedelta(hours=age))
    house.approvals.states["A1"] = Versioned(replace(PROPOSED, proposal=proposal), 1)
    answer = await approve(house, "A1")
    assert answer.status_code == status
    assert len(said(house)) == (status == 202)


async def test_the_same_proposal_again_is_the_same_one(house):
    first, again = await propose(house), await propose(house)
    assert first.content == again.content
    assert len(house.approvals.states) == 2  # with the one that was there


async def test_a_proposal_names_an_escrow_that_exists(house):
    action = {**SPLIT["action"], "escrow_id": "E9"}
    assert (await propose(house, body={**SPLIT, "action": action})).status_code == 404


@pytest.mark.parametrize("id", ["nobodys", "E1"])
async def test_what_was_not_proposed_cannot_be_approved(house, id):
    assert (await approve(house, id)).status_code == 404
    assert (await house.ask("GET", f"/api/approvals/{id}", GRACE)).status_code == 404


@pytest.mark.parametrize(
    ("limit", "status"),
    [(Money(100_00), 202), (Money(99_99), 403), (ALONE_UP_TO, 202)],
    ids=["as much", "a cent more", "as it comes"],
)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/disputes/D1/resolve", {"escrow_id": "E1", "resolution": "RELEASE"}),
        ("/api/escrow/E1/cancel", None),
    ],
)
async def test_above_an_amount_no_admin_decides_alone(house, limit, status, path, body):
    object.__setattr__(house.app.state.ports, "alone_up_to", limit)
    answer = await house.ask("POST", path, GRACE, key="k", body=body)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["type"] == "/problems/needs-approval"
        assert not house.broker.said


async def test_a_party_still_acts_alone_on_their_own_escrow(house):
    object.__setattr__(house.app.state.ports, "alone_up_to", Money(1))
    assert (
        await house.ask("POST", "/api/escrow/E1/cancel", ADA, key="k")
    ).status_code == 202


async def waiting(house, query=""):
    answer = await house.ask("GET", f"/api/approvals{query}", LINUS)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_approver_finds_what_waits_for_them(house):
    id = (await propose(house)).json()["approval_id"]
    assert [a["approval_id"] for a in (await waiting(house))["approvals"]] == ["A1", id]
    await approve(house, id)
    assert [a["approval_id"] for a in (await waiting(house))["approvals"]] == ["A1"]
    proposal = replace(PROPOSED.proposal, proposed_at=NOW - timedelta(hours=24))
    house.approvals.states["A1"] = Versioned(replace(PROPOSED, proposal=proposal), 1)
    assert await waiting(house) == {"approvals": [], "next_cursor": None}


async def listed_by_twos(house):
    """Five proposals beside the one that is there, read two at a time."""
    ids = ["A1"]
    for number in range(5):
        house.clock.at += timedelta(minutes=number % 2)  # some at the same moment
        ids.append((await propose(house, key=f"k{number}")).json()["approval_id"])
    seen, query = [], "?limit=2"
    while query:
        page = await waiting(house, query)
        seen += [a["approval_id"] for a in page["approvals"]]
        cursor = page["next_cursor"]
        query = cursor and f"?limit=2&cursor={cursor}"
    return seen, ids


async def test_pages_of_what_waits_follow_each_other_to_the_end(house):
    seen, ids = await listed_by_twos(house)
    assert sorted(seen) == sorted(ids)


async def test_a_cursor_of_another_list_is_refused(house):
    page = await house.ask("GET", "/api/projections/escrows?limit=1", ADMIN)
    cursor = page.json()["next_cursor"]
    answer = await house.ask("GET", f"/api/approvals?cursor={cursor}", LINUS)
    assert answer.status_code == 422


async def test_on_a_real_database_what_waits_is_listed_alike(postgres_dsn):
    migrated(postgres_dsn)
    async with application(postgres_dsn) as app:
        house = House()
        house.app, house.clock = app, app.state.ports.clock
        seen, ids = await listed_by_twos(house)
        await approve(house, ids[1])
        left = [a["approval_id"] for a in (await waiting(house))["approvals"]]
    assert sorted(seen) == sorted(ids[1:])  # nobody proposed A1 here
    assert sorted(left) == sorted(ids[2:])


async def test_on_a_real_database_many_who_agree_at_once_say_it_once(postgres_dsn):
    migrated(postgres_dsn)
    async with application(postgres_dsn) as app:
        house = House()
        house.app = app
        id = (await propose(house)).json()["approval_id"]
        tries = [approve(house, id, who) for who in [LINUS, GRACE, ADMIN] * 4]
        answers = await asyncio.gather(*tries)
    assert {a.status_code for a in answers} <= {202, 403, 409, 503}
    assert any(a.status_code == 202 for a in answers)
    with psycopg.connect(postgres_dsn) as connection:
        steps = connection.execute(
            "select step from gateway.approvals_log order by version"
        ).fetchall()
        (sent,) = connection.execute("select count(*) from gateway.outbox").fetchone()
    assert [step for (step,) in steps] == ["PROPOSED", "APPROVED"]
    assert sent == 1
