"""Are lists newest first, paged without gaps, and filtered as asked?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe_faces import HandClock, pay, send

from sims.world.stripe import InProcessStripe, StripeError, StripeModel


@pytest.fixture
def charges(face, clock):
    """Five charges, one a minute, oldest first."""
    ids = []
    for number in range(5):
        ids.append(pay(face, escrow=f"E{number}")["latest_charge"])
        clock.advance(minutes=1)
    return ids


def ids_of(answer):
    return [row["id"] for row in answer["data"]]


def test_the_newest_comes_first(face, charges):
    assert ids_of(face.list_charges()) == charges[::-1]


def test_a_page_ends_where_the_limit_says(face, charges):
    page = face.list_charges({"limit": 2})
    assert (ids_of(page), page["has_more"]) == ([charges[4], charges[3]], True)
    page = face.list_charges({"limit": 2, "starting_after": charges[3]})
    assert ids_of(page) == [charges[2], charges[1]]
    page = face.list_charges({"limit": 2, "starting_after": charges[1]})
    assert (ids_of(page), page["has_more"]) == ([charges[0]], False)


def test_a_page_can_be_read_backwards(face, charges):
    page = face.list_charges({"limit": 2, "ending_before": charges[1]})
    assert (ids_of(page), page["has_more"]) == ([charges[3], charges[2]], True)


def test_created_bounds_a_list(face, charges):
    second = face.retrieve_charge(charges[1])["created"]
    fourth = face.retrieve_charge(charges[3])["created"]
    between = face.list_charges({"created": {"gte": second, "lt": fourth}})
    assert ids_of(between) == [charges[2], charges[1]]


def test_a_transfer_group_finds_its_charge_and_transfers(face, charges):
    transfer = send(face, charges[2], 100)
    group = {"transfer_group": "escrow_E2"}
    assert ids_of(face.list_charges(group)) == [charges[2]]
    assert ids_of(face.list_transfers(group)) == [transfer["id"]]


def test_a_list_can_expand_its_rows(face, charges):
    page = face.list_charges({"limit": 1, "expand": ["data.balance_transaction"]})
    assert page["data"][0]["balance_transaction"]["source"] == charges[4]


def test_balance_transactions_are_found_by_their_source(face, charges):
    [line] = face.list_balance_transactions({"source": charges[0]})["data"]
    assert (line["source"], line["reporting_category"]) == (charges[0], "charge")


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 101}, {"starting_after": "ch_x"}]
)
def test_a_page_that_cannot_be_is_refused(face, params):
    with pytest.raises(StripeError) as refusal:
        face.list_charges(params)
    assert refusal.value.http_status == 400


@given(count=st.integers(0, 12), limit=st.integers(1, 5))
def test_paging_shows_every_row_once_in_either_direction(count, limit):
    stripe = InProcessStripe(StripeModel(now=HandClock().now, seed=1))
    made = [pay(stripe)["latest_charge"] for _ in range(count)]
    forward, page = [], stripe.list_charges({"limit": limit})
    while forward.extend(ids_of(page)) or page["has_more"]:
        page = stripe.list_charges({"limit": limit, "starting_after": forward[-1]})
    assert forward == made[::-1]
    if made:
        backward = [made[0]]
        while len(backward) < count:
            page = stripe.list_charges({"limit": limit, "ending_before": backward[-1]})
            backward.extend(reversed(ids_of(page)))
        assert backward == made


def test_a_search_finds_by_metadata_once_the_index_has_caught_up(local, clock):
    intent = pay(local, escrow="E1")
    pay(local, escrow="E2")
    asked = {"query": "metadata['escrow_id']:'E1' AND status:'succeeded'"}
    assert local.get("/v1/payment_intents/search", asked)["data"] == []
    clock.advance(minutes=1)
    found = local.get("/v1/payment_intents/search", asked)
    assert ids_of(found) == [intent["id"]]


def test_the_sdk_pages_through_a_search(http, clock):
    made = [pay(http)["latest_charge"] for _ in range(5)]
    clock.advance(minutes=1)
    asked = {"query": "metadata['escrow_id']:'E1'", "limit": 2}
    found = http.v1.charges.search(asked).auto_paging_iter()
    assert [charge.id for charge in found] == made[::-1]


def test_events_that_have_not_arrived_can_be_listed(local, model):
    local.create_payment_intent({"amount": 12_300, "currency": "usd"})
    [delivery] = model.due_webhooks()
    missing = {"delivery_success": "false"}
    assert ids_of(local.list_events(missing)) == [delivery.event.id]
    model.webhook_delivered(delivery)
    assert ids_of(local.list_events(missing)) == []
