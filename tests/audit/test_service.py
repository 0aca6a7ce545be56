"""What the service hears is provable from its tables, page by page and event by event."""

import json
from datetime import timedelta

import pytest

from tests.audit.logbook import NOW, REASON, SIGNER, event
from tests.audit.office import office
from toolkit.audit.merkle import holds_consistency
from toolkit.audit.note import Checkpoint
from toolkit.audit.proof import verify
from toolkit.core.message import derived, first
from toolkit.messages.audit import ErasePersonalData

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
    assert (verdict.problems, verdict.doubts, verdict.count) == ([], [], 1)
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
    import psycopg

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
    import psycopg

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
