"""What the service hears is provable from its tables, page by page and event by event."""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest

from sims.world.chain import ChainModel
from tests.audit.logbook import NOW, REASON, SIGNER, event
from tests.audit.office import Clock, office
from toolkit.audit.decider import Policy
from toolkit.audit.merkle import holds_consistency
from toolkit.audit.note import Checkpoint
from toolkit.audit.proof import PART, verify
from toolkit.core.errors import Unavailable
from toolkit.core.message import derived, first
from toolkit.messages.audit import AnchorCheckpoint, ErasePersonalData

pytestmark = pytest.mark.embedded
KEY = SIGNER.verifier


@pytest.fixture
async def played(postgres_dsn):
    """Nine events of two escrows: two checkpoints by number, one by the clock."""
    async with office(postgres_dsn) as house:
        for number in range(6):
            await house.hear(event("S0", number), *([event("S1", number)] * (number < 3)))
        await house.rest()
        house.clock.now_at = NOW + timedelta(minutes=2)
        await house.rest()
        yield house


async def test_an_exported_trail_holds(played):
    verdict = verify(await played.reader.trail("S0"), KEY)
    assert (verdict.problems, verdict.doubts) == ([], [])
    assert (verdict.count, verdict.checkpoint.size) == (6, 9)


async def test_a_few_events_wait_for_the_clock_and_many_do_not(played):
    sealed = [s for s in played.said if type(s).__name__ == "CheckpointSealed"]
    assert [(s.from_index, s.to_index) for s in sealed] == [(0, 4), (4, 8), (8, 9)]


async def test_an_event_that_comes_twice_is_one_entry(played):
    assert await played.hear(event("S0", 2)) == 0
    assert len((await played.reader.trail("S0"))["entries"]) == 6


async def test_one_event_is_proven_by_its_hash(played):
    hash = (await played.reader.page("S1"))["entries"][2]["hash"]
    verdict = verify(await played.reader.event(hash), KEY)
    assert (verdict.problems, verdict.doubts, verdict.count) == ([], [PART], 1)
    assert await played.reader.event("0" * 64) is None
    assert await played.reader.trail("nobody") is None


async def test_a_trail_is_read_in_pages(played):
    first_page = await played.reader.page("S0", limit=4)
    rest = await played.reader.page("S0", limit=4, after=first_page["next"])
    positions = [e["position"] for e in (*first_page["entries"], *rest["entries"])]
    assert positions == [0, 1, 2, 3, 4, 5]
    assert (first_page["next"], rest["next"]) == (3, None)


@pytest.mark.parametrize(
    ("filters", "positions"),
    [
        ({"kinds": ("EscrowDisputed",)}, [2, 5]),
        ({"actor_id": "ada"}, [2, 5]),
        ({"actor_id": "bob"}, []),
        ({"from_at": NOW + timedelta(seconds=4)}, [4, 5]),
        ({"until_at": NOW + timedelta(seconds=1)}, [0]),
        ({"kinds": ("EscrowCreated", "EscrowDisputed"), "after": 2}, [3, 5]),
    ],
)
async def test_a_trail_is_filtered_by_kind_actor_and_time(played, filters, positions):
    page = await played.reader.page("S0", **filters)
    assert [entry["position"] for entry in page["entries"]] == positions


async def test_checkpoints_at_rest_are_consistent(played):
    old, new = await played.reader.checkpoint(4), await played.reader.checkpoint()
    found = await played.reader.consistency(old["size"], new["size"])
    before, after = Checkpoint.parse(old["note"]), Checkpoint.parse(new["note"])
    path = [bytes.fromhex(hash) for hash in found["path"]]
    assert holds_consistency(4, before.root, 9, after.root, path)


async def test_erased_people_are_nowhere_in_the_tables_and_the_trail_holds(
    played, postgres_dsn
):
    asked = ErasePersonalData(stream_id="S0", actor_id="officer", reason="Art. 17")
    await played.hear(first(asked, derived("erase"), played.clock.now()))
    await played.rest()
    played.clock.now_at += timedelta(minutes=2)
    await played.rest()
    document = await played.reader.trail("S0")
    verdict = verify(document, KEY)
    assert (verdict.problems, verdict.doubts) == ([], [])
    assert verdict.count == 7  # that people were forgotten is an event too
    assert REASON not in json.dumps(document)
    with psycopg.connect(postgres_dsn) as connection:
        for table in ("entries", "disclosures", "actors"):
            rows = connection.execute(
                f"select count(*) from audit.{table} as t"
                " where stream_id = 'S0' and t::text like any(array['%kitchen%', '%ada%'])"
            ).fetchone()
            assert rows == (0,), table


async def test_a_row_that_somebody_changed_in_the_tables_does_not_verify(
    played, postgres_dsn
):
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute(
            "update audit.entries set canonical = replace(canonical, '25000', '35000')"
            " where stream_id = 'S0' and position = 1"
        )
    verdict = verify(await played.reader.trail("S0"), KEY)
    assert any(p.startswith("event 1 was changed") for p in verdict.problems)


async def test_what_others_answer_to_the_same_event_is_heard_too(postgres_dsn):
    """Whoever answers an event first gives that answer the id that is derived of it."""
    async with office(postgres_dsn) as house:
        asked = event("S0", 0)
        answer = asked.caused(0, event("S0", 1).message, NOW)
        await house.hear(asked)
        await house.rest()
        assert await house.hear(answer) == 1
        await house.rest()
        house.clock.now_at = NOW + timedelta(minutes=2)
        await house.rest()
        verdict = verify(await house.reader.trail("S0"), KEY)
        assert (verdict.count, verdict.doubts, verdict.problems) == (2, [], [])


@dataclass
class Chain:
    """The simulator's chain, as a port; while `is_silent` nobody answers."""

    model: ChainModel
    is_silent: bool = False
    calls: int = 0

    async def anchor(self, asked):
        self.calls += 1
        if self.is_silent:
            raise Unavailable("no node")
        return self.model.anchor(asked)


@asynccontextmanager
async def on_a_chain(dsn):
    clock = Clock()
    chain = Chain(ChainModel(clock.now, seed=1))
    policy = Policy(leaves_max=4, anchor_every=timedelta(hours=1))
    async with office(dsn, anchor=chain, policy=policy, clock=clock) as house:
        yield house, chain


async def wait(house, **parts):
    house.clock.now_at += timedelta(**parts)
    await house.rest()


async def test_what_is_anchored_is_told_once_and_proven_on(postgres_dsn):
    async with on_a_chain(postgres_dsn) as (house, chain):
        for number in range(4):
            await house.hear(event("S0", number))
        await house.rest()
        await wait(house, minutes=2)  # its block is deep by now
        for number in range(4, 8):
            await house.hear(event("S0", number))
        await house.rest()
        told = [m for m in house.said if type(m).__name__ == "AuditAnchored"]
        assert [(m.from_sequence, m.to_sequence) for m in told] == [(0, 3)]
        document = await house.reader.trail("S0")
        verdict = verify(document, KEY)
        assert (verdict.problems, verdict.doubts) == ([], [])
        assert "the root" in verdict.anchor
        assert (document["anchor"]["size"], verdict.checkpoint.size) == (4, 8)
        await wait(house, hours=1)
        await wait(house, minutes=2)
        assert [a.asked.to_index for a in chain.model.anchors.values()] == [4, 8]
        forged = {**document["anchor"], "merkle_root": "ab" * 32}
        lie = verify({**document, "anchor": forged}, KEY)
        assert lie.problems == ["the checkpoint does not go on from the anchored root"]


async def test_a_chain_that_is_silent_is_left_alone_for_a_while(postgres_dsn):
    async with on_a_chain(postgres_dsn) as (house, chain):
        house.notary.breaker.failures_max = 10
        chain.is_silent = True
        for number in range(4):
            await house.hear(event("S0", number))
        await house.rest()
        asked = next(m for m in house.pending if isinstance(m, AnchorCheckpoint))
        for _ in range(20):
            with pytest.raises(Unavailable):
                await house.notary.perform(asked, None)
        assert chain.calls == 10
        chain.is_silent = False
        await wait(house, minutes=2)
        await wait(house, minutes=2)
        assert len(chain.model.anchors) == 1
