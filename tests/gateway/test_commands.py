"""A command is accepted once the broker has it, and only once for each key."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from tests.gateway.worlds import ADA, ADMIN, BOB, EVE, MARKET, House, bearer, token
from toolkit.core.message import derived
from toolkit.core.money import Money
from toolkit.gateway.idempotency import LEASE, MemoryKeys
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.escrow import (
    MarkDelivered,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    Resolution,
    ResolveDispute,
)

RELEASE = "/api/escrow/E1/release"
DISPUTE = "/api/escrow/E1/dispute"
RESOLVE = "/api/disputes/D1/resolve"
EXECUTED = "/api/contracts/C7/executed"
CONTRACT = {
    "buyer_id": "ada",
    "seller_id": "bob",
    "amount": {"minor": 250_000, "currency": "USD"},
    "executed_at": "2026-11-19T10:00:00+02:00",
    "payee_account": "acct_bob",
}
REPLAYED = "idempotency-replayed"


async def test_a_release_is_said_in_the_buyers_name(house):
    answer = await house.ask("POST", RELEASE, ADA, key="k")
    assert answer.status_code == 202
    (posting,) = house.broker.said
    assert posting.cargo.message == ReleaseFunds(
        escrow_id="E1", actor_id="ada", reason=ReleaseReason.BUYER
    )
    assert (posting.topic, posting.key) == ("escrow.commands.v1", "E1")
    assert answer.json() == {
        "command_id": str(posting.cargo.id),
        "escrow_id": "E1",
        "look_at": "/api/projections/escrow/E1",
    }


async def test_what_it_says_to_look_at_can_be_looked_at(house):
    answer = await house.ask("POST", RELEASE, ADA, key="k")
    assert (await house.ask("GET", answer.json()["look_at"], ADA)).status_code == 200


async def test_a_delivery_carries_its_evidence(house):
    await house.ask(
        "POST", "/api/escrow/E1/mark-delivered", BOB, key="k", body={"evidence": "Foto 7"}
    )
    assert house.broker.commands == [
        MarkDelivered(escrow_id="E1", actor_id="bob", evidence="Foto 7")
    ]


async def test_a_dispute_is_named_so_that_it_can_be_resolved(house):
    raised = await house.ask("POST", DISPUTE, ADA, key="k", body={"reason": "wrong colour"})
    (said,) = house.broker.commands
    assert isinstance(said, RaiseDispute)
    assert said.dispute_id == raised.json()["dispute_id"] == str(UUID(said.dispute_id))


async def test_an_admin_splits(house):
    part = {"minor": 4_000, "currency": "USD"}
    body = {"escrow_id": "E1", "resolution": "SPLIT", "seller_amount": part}
    await house.ask("POST", RESOLVE, ADMIN, key="k", body=body)
    assert house.broker.commands == [
        ResolveDispute(
            escrow_id="E1",
            dispute_id="D1",
            actor_id="root",
            resolution=Resolution.SPLIT,
            seller_amount=Money(40_00),
        )
    ]


async def test_an_executed_contract_is_announced_with_the_escrow_it_will_have(house):
    answer = await house.ask("POST", EXECUTED, MARKET, body=CONTRACT)
    assert answer.status_code == 202
    assert answer.json()["escrow_id"] == str(derived("escrow", "C7"))
    (posting,) = house.news.outbox.values()
    event = posting.cargo.message
    assert isinstance(event, ContractExecuted)
    assert (event.contract_id, event.amount) == ("C7", Money(2_500_00))
    assert event.executed_at.isoformat() == "2026-11-19T08:00:00+00:00"


async def test_a_seller_whose_id_is_where_they_are_paid_needs_no_other_account(house):
    chain = {"seller_id": f"0x{'ab' * 20}", "payee_account": None}
    large = {**CONTRACT, **chain, "amount": {"minor": 10_000_01, "currency": "USD"}}
    answer = await house.ask("POST", EXECUTED, MARKET, body=large)
    assert answer.status_code == 202


async def test_the_same_contract_again_is_no_news_and_another_under_its_id_is_refused(
    house,
):
    first = await house.ask("POST", EXECUTED, MARKET, body=CONTRACT)
    again = await house.ask("POST", EXECUTED, bearer("other", "contracts"), body=CONTRACT)
    other = await house.ask("POST", EXECUTED, MARKET, body={**CONTRACT, "buyer_id": "eve"})
    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")
    assert other.status_code == 422
    assert len(house.news.outbox) == 1


async def test_nothing_is_accepted_that_the_broker_did_not_confirm(house):
    house.broker.confirms = False
    refused = await house.ask("POST", RELEASE, ADA, key="k")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    house.broker.confirms = True
    accepted = await house.ask("POST", RELEASE, ADA, key="k")
    assert accepted.status_code == 202
    assert REPLAYED not in accepted.headers


async def test_a_key_stands_for_its_request_though_nobody_knows_whether_it_was_said(house):
    house.broker.confirms = False
    await house.ask("POST", DISPUTE, ADA, key="k", body={"reason": "late"})
    house.broker.confirms = True
    other = await house.ask("POST", DISPUTE, ADA, key="k", body={"reason": "broken"})
    assert other.status_code == 422
    again = await house.ask("POST", DISPUTE, ADA, key="k", body={"reason": "late"})
    assert again.status_code == 202


async def test_a_broker_that_is_down_is_try_again_later(house):
    house.broker.is_down = True
    refused = await house.ask("POST", RELEASE, ADA, key="k")
    assert refused.status_code == 503
    assert "same Idempotency-Key" in refused.json()["detail"]


async def test_the_same_request_again_is_answered_with_the_same_bytes(house):
    first = await house.ask("POST", DISPUTE, ADA, key="k", body={"reason": "late"})
    house.clock.at += timedelta(days=400)
    bearer_then = bearer_at(house, "ada", "buyer")
    again = await house.ask("POST", DISPUTE, bearer_then, key="k", body={"reason": "late"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert len(house.broker.said) == 1


def bearer_at(house, subject, *roles):
    now_s = int(house.clock.at.timestamp())
    text = token(subject, *roles, iat=now_s, exp=now_s + 300)
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.parametrize(
    ("path", "body"),
    [(DISPUTE, {"reason": "early"}), (RELEASE, None), ("/api/escrow/E3/dispute", None)],
    ids=["another body", "another path", "another escrow"],
)
async def test_a_key_is_good_for_one_request(house, path, body):
    await house.ask("POST", DISPUTE, ADA, key="k", body={"reason": "late"})
    other = await house.ask("POST", path, ADA, key="k", body=body or {"reason": "late"})
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert len(house.broker.said) == 1


async def test_two_people_may_choose_the_same_key(house):
    hers = await house.ask("POST", DISPUTE, ADA, key="k", body={"reason": "late"})
    his = await house.ask("POST", DISPUTE, BOB, key="k", body={"reason": "late"})
    assert hers.json()["command_id"] != his.json()["command_id"]


async def test_no_two_pairs_of_actor_and_key_share_a_command(house):
    path = "/api/escrow/E1/cancel"
    for who, key in ((bearer("a", "admin"), "b/c"), (bearer("a|b", "admin"), "c")):
        await house.ask("POST", path, who, key=key)
    assert len({posting.cargo.id for posting in house.broker.said}) == 2


async def test_a_hundred_twins_have_one_effect(house):
    twins = [house.ask("POST", RELEASE, ADA, key="k") for _ in range(100)]
    answers = await asyncio.gather(*twins)
    late = await house.ask("POST", RELEASE, ADA, key="k")
    accepted = [a for a in answers if a.status_code == 202]
    busy = [a for a in answers if a.status_code == 409]
    assert len(house.broker.said) == 1
    assert len(accepted) + len(busy) == 100
    assert busy
    assert {a.content for a in accepted} == {late.content}
    assert {a.headers["retry-after"] for a in busy} == {"1"}


@dataclass
class ForgetfulKeys(MemoryKeys):
    """Keeps no answer, as if we died before, until it is told to."""

    dies: bool = True

    async def keep(self, answered):
        if self.dies:
            raise RuntimeError("the power is gone")
        await MemoryKeys.keep(self, answered)


async def test_a_crash_after_publishing_costs_nothing_but_a_repetition():
    house = House(keys=ForgetfulKeys())
    assert (await house.ask("POST", RELEASE, ADA, key="k")).status_code == 500
    house.keys.dies = False
    assert (await house.ask("POST", RELEASE, ADA, key="k")).status_code == 409
    house.clock.at += LEASE
    assert (await house.ask("POST", RELEASE, ADA, key="k")).status_code == 202
    first, second = (posting.cargo for posting in house.broker.said)
    assert (first.id, first.message) == (second.id, second.message)


async def test_a_command_without_a_key_is_refused(house):
    answer = await house.ask("POST", RELEASE, ADA)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "header.idempotency-key"
    assert not house.broker.said


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "\x7f"])
async def test_a_key_is_short_and_printable(house, key):
    assert (await house.ask("POST", RELEASE, ADA, key=key)).status_code == 400


async def test_the_trace_of_the_caller_goes_on(house):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for given in (trace, "nonsense"):
        await house.ask("POST", RELEASE, ADA, key=given, headers={"traceparent": given})
    assert [p.cargo.traceparent for p in house.broker.said] == [trace, None]


WRONG = {
    "unknown field": (DISPUTE, {"reason": "late", "amount": 1}, "body.amount"),
    "missing field": (DISPUTE, {}, "body.reason"),
    "empty text": (DISPUTE, {"reason": "  "}, "body.reason"),
    "endless text": (DISPUTE, {"reason": "x" * 2_001}, "body.reason"),
    "a zero byte": (DISPUTE, {"reason": "a\x00b"}, "body.reason"),
    "half a character": (DISPUTE, b'{"reason": "\\ud800"}', "body.reason"),
    "a number as text": (DISPUTE, {"reason": 7}, "body.reason"),
    "a list": (DISPUTE, [], "body"),
    "split without a part": (RESOLVE, {"escrow_id": "E1", "resolution": "SPLIT"}, "body"),
    "resume by hand": (
        RESOLVE,
        {"escrow_id": "E1", "resolution": "RESUME"},
        "body.resolution",
    ),
    "a strange id": (
        RESOLVE,
        {"escrow_id": "E1/../E2", "resolution": "REFUND"},
        "body.escrow_id",
    ),
    "one side": (EXECUTED, {**CONTRACT, "seller_id": "ada"}, "body"),
    "nowhere to pay a card's money": (
        EXECUTED,
        {**CONTRACT, "payee_account": None},
        "body",
    ),
    "an account on chain": (
        EXECUTED,
        {**CONTRACT, "amount": {"minor": 10_000_01, "currency": "USD"}},
        "body",
    ),
    "less than a card pays": (
        EXECUTED,
        {**CONTRACT, "amount": {"minor": 49, "currency": "USD"}},
        "body",
    ),
    "no time zone": (
        EXECUTED,
        {**CONTRACT, "executed_at": "2026-11-19T10:00:00"},
        "body.executed_at",
    ),
    **{
        f"an amount of {minor!r}": (
            EXECUTED,
            {**CONTRACT, "amount": {"minor": minor, "currency": "USD"}},
            "body.amount.minor",
        )
        for minor in (0, -1, 12.5, 12.0, "12", True, None, 2**63)
    },
    "a currency nobody holds": (
        EXECUTED,
        {**CONTRACT, "amount": {"minor": 1, "currency": "EUR"}},
        "body.amount.currency",
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_wrong_input_is_named_and_nothing_is_said(house, case):
    path, body, field = WRONG[case]
    who = {DISPUTE: ADA, RESOLVE: ADMIN, EXECUTED: MARKET}[path]
    answer = await house.ask("POST", path, who, key="k", body=body)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert not house.broker.said
    assert not house.news.outbox


@pytest.mark.parametrize("body", [b"{", b"\xff", b"nonsense", b""])
async def test_a_body_that_is_no_json_is_refused(house, body):
    answer = await house.ask("POST", DISPUTE, ADA, key="k", body=body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_wrong_values_are_not_repeated_to_whoever_reads_along(house):
    answer = await house.ask(
        "POST", DISPUTE, ADA, key="k", body={"reason": 4242424242424242}
    )
    assert "4242424242424242" not in answer.text


async def test_a_body_over_the_limit_is_not_read(house):
    huge = {"reason": "x" * 5_000}
    answer = await house.ask("POST", DISPUTE, ADA, key="k", body=huge)
    assert answer.status_code == 413


async def test_a_body_that_hides_its_length_is_cut_off(house):
    async def long():
        for _ in range(1_000):
            yield b"x" * 1_000

    answer = await house.ask(
        "POST", DISPUTE, ADA, key="k", content=long(), headers={"content-type": "a/b"}
    )
    assert answer.status_code == 413


async def test_a_body_that_says_it_is_too_long_is_not_even_begun(house):
    async def untouched():
        raise AssertionError("somebody reads this")
        yield b""

    headers = {"content-type": "application/json", "content-length": "5000"}
    answer = await house.ask(
        "POST", DISPUTE, ADA, key="k", content=untouched(), headers=headers
    )
    assert answer.status_code == 413


async def test_an_id_that_cannot_be_is_not_found(house):
    assert (await house.ask("GET", "/api/projections/escrow/E%00", ADA)).status_code == 404


async def test_a_mistake_of_ours_shows_nothing_of_us(house):
    house.views["E1"] = None
    answer = await house.ask("GET", "/api/projections/escrow/E1", EVE)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "NoneType" not in answer.text
