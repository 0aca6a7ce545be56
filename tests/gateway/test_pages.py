"""The list of escrows over HTTP: one's own, page by page; what is wrong is named."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.worlds import ADA, ADMIN, BOB, EVE, NOW, bearer, views_of
from tests.projections.histories import CREATE, history
from toolkit.gateway.pages import EscrowsAsked, cursor_at, mark_in
from toolkit.gateway.problems import Refusal
from toolkit.projections.queries import Mark

LIST = "/api/projections/escrows"


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [line["escrow_id"] for line in answer.json()["escrows"]]


@pytest.fixture
def many(house):
    """Ten more escrows of Ada and Bob, beside theirs and the one of others."""
    for number in range(10, 20):
        made = replace(CREATE, escrow_id=f"E{number}", contract_id=f"C{number}")
        house.views.update(views_of(history((made,))))
    return house


async def test_everybody_sees_their_own_and_an_admin_all(house):
    for who, own in ((ADA, ["E1"]), (BOB, ["E1"]), (EVE, ["E2"]), (ADMIN, ["E2", "E1"])):
        assert ids(await house.ask("GET", LIST, who)) == own


async def test_a_filter_opens_no_door(house):
    assert ids(await house.ask("GET", f"{LIST}?buyer_id=ada", EVE)) == []
    assert ids(await house.ask("GET", f"{LIST}?buyer_id=ada", ADMIN)) == ["E1"]


async def test_a_buyer_is_no_seller_of_the_same_name(house):
    assert ids(await house.ask("GET", LIST, bearer("bob", "buyer"))) == []


async def test_a_line_tells_the_agreement_and_the_money(house):
    (line,) = (await house.ask("GET", LIST, ADA)).json()["escrows"]
    assert line["state"] == "DELIVERED"
    assert line["payment_status"] == "SUCCEEDED"
    assert line["paid"] == line["amount"] == {"minor": 100_00, "currency": "USD"}
    assert line["look_at"] == "/api/projections/escrow/E1"


async def test_pages_follow_each_other_to_the_end(many):
    seen, cursor = [], ""
    while cursor is not None:
        answer = await many.ask("GET", f"{LIST}?limit=4{cursor}", ADA)
        seen += ids(answer)
        given = answer.json()["next_cursor"]
        cursor = given and f"&cursor={given}"
    assert sorted(seen) == sorted(["E1", *(f"E{n}" for n in range(10, 20))])


async def test_the_last_page_has_no_cursor_though_it_is_full(house):
    answer = await house.ask("GET", f"{LIST}?limit=1", ADA)
    assert answer.json()["next_cursor"] is None


async def test_filters_narrow_the_list(many):
    assert ids(await many.ask("GET", f"{LIST}?state=DELIVERED", ADA)) == ["E1"]
    both = await many.ask("GET", f"{LIST}?state=DELIVERED&state=AWAIT_FUNDS", ADA)
    assert len(ids(both)) == 11
    assert ids(await many.ask("GET", f"{LIST}?rail=CUSTODIAN", ADA)) == []
    late = "2026-11-20T00:00:00Z"
    assert ids(await many.ask("GET", f"{LIST}?created_from={late}", ADA)) == []
    assert len(ids(await many.ask("GET", f"{LIST}?created_until={late}", ADA))) == 11


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "query.limit"),
        ("limit=101", "query.limit"),
        ("state=LOST", "query.state.0"),
        ("order=asc", "query.order"),
        ("created_from=yesterday", "query.created_from"),
        ("created_from=2026-11-19T09:00:00", "query.created_from"),
        ("buyer_id=a%00b", "query.buyer_id"),
        ("cursor=!", "query.cursor"),
        ("cursor=abcd", "query.cursor"),
        ("created_from=2026-11-20T00:00:00Z&created_until=2026-11-19T00:00:00Z", "query"),
    ],
)
async def test_what_is_wrong_is_named(house, query, field):
    answer = await house.ask("GET", f"{LIST}?{query}", ADA)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "/problems/invalid-query"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_cursor_is_of_one_list_only(many):
    cursor = (await many.ask("GET", f"{LIST}?limit=2", ADA)).json()["next_cursor"]
    other = await many.ask("GET", f"{LIST}?state=DELIVERED&cursor={cursor}", ADA)
    assert other.status_code == 422
    longer = await many.ask("GET", f"{LIST}?limit=50&cursor={cursor}", ADA)
    assert len(ids(longer)) == 9


async def test_somebody_elses_cursor_shows_nothing_of_theirs(many):
    cursor = (await many.ask("GET", f"{LIST}?limit=2", ADA)).json()["next_cursor"]
    assert ids(await many.ask("GET", f"{LIST}?cursor={cursor}", EVE)) in ([], ["E2"])


marks = st.builds(
    Mark,
    st.integers(0, 10**9).map(lambda us: NOW + timedelta(microseconds=us)),
    st.from_regex(r"[A-Za-z0-9._:@|+-]{1,128}", fullmatch=True),
)


@given(marks)
def test_a_cursor_leads_back_to_its_place(mark):
    filters = EscrowsAsked(state=["DELIVERED"]).filters
    assert mark_in(cursor_at(mark, filters), filters) == mark


@given(st.from_regex(r"[A-Za-z0-9_-]{1,200}", fullmatch=True))
def test_no_cursor_is_an_accident(cursor):
    with pytest.raises(Refusal):
        mark_in(cursor, "of another list")
