"""Every event is archived once, whatever happens to the archivist."""

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.archive.worlds import (
    LOG,
    NOW,
    EndOfLogError,
    HandClock,
    Tape,
    delivery,
)
from toolkit.archive.files import READABLE, Overtaken, append, next_offset, resume
from toolkit.archive.service import Archivist, archive
from toolkit.core.ports import Partition, Polled


class PowerCutError(Exception):
    """The machine went away."""


# What contracts/recon.md wants of escrow_events, and the source of the event.
CONTRACT = {
    "topic": "VARCHAR",
    "partition": "INTEGER",
    "offset": "BIGINT",
    "event_id": "VARCHAR",
    "event_type": "VARCHAR",
    "aggregate_id": "VARCHAR",
    "aggregate_version": "BIGINT",
    "occurred_at": "TIMESTAMP WITH TIME ZONE",
    "correlation_id": "VARCHAR",
    "causation_id": "VARCHAR",
    "payload": "VARCHAR",
    "ce_source": "VARCHAR",
}
SOME = [delivery(offset) for offset in range(25)]


async def run(tape, root, *, records_max=10):
    with suppress(EndOfLogError):
        await archive(tape, HandClock(), root, records_max=records_max)


def chain(root, topic=LOG.topic, side=""):
    return sorted((root / side / topic).glob("*/*.parquet"))


def offsets(root, side=""):
    return [
        offset
        for file in chain(root, side=side)
        for offset in pq.read_table(file).column("offset").to_pylist()
    ]


async def test_each_file_is_named_by_its_first_offset_and_follows_the_one_before(tmp_path):
    await run(Tape(SOME, at_a_time=5), tmp_path)
    assert [int(file.stem) for file in chain(tmp_path)] == [0, 10]
    assert offsets(tmp_path) == list(range(20))


async def test_duckdb_reads_the_contracts_columns(tmp_path):
    await run(Tape(SOME, at_a_time=5), tmp_path)
    glob = tmp_path / LOG.topic / "*" / "*.parquet"
    with duckdb.connect() as connection:
        rows = connection.sql(f"describe select * from read_parquet('{glob}')").fetchall()
        told = connection.sql(
            f"select event_id, aggregate_id, payload->>'escrow_id', epoch_us(occurred_at)"
            f" from read_parquet('{glob}') where \"offset\" = 7"
        ).fetchall()
    assert {row[0]: row[1] for row in rows} == CONTRACT
    micros = int(NOW.timestamp()) * 1_000_000 + 7
    assert told == [("00000000-0000-0000-0000-000000000008", "E7", "E7", micros)]


async def test_nothing_new_is_written_when_started_again(tmp_path):
    await run(Tape(SOME, at_a_time=5), tmp_path)
    before = {file: file.read_bytes() for file in chain(tmp_path)}
    await run(Tape(SOME[:20], at_a_time=5), tmp_path)
    assert {file: file.read_bytes() for file in chain(tmp_path)} == before


async def test_a_file_is_written_when_its_first_record_has_waited_long_enough(tmp_path):
    clock, tape = HandClock(), Tape(SOME[:3])
    archivist = Archivist(tape, clock, tmp_path, age_max=timedelta(seconds=60))
    await archivist.turn()
    await archivist.turn()
    clock.at += timedelta(seconds=59)
    tape.news = [Polled(), Polled()]
    await archivist.turn()
    assert not chain(tmp_path)
    clock.at += timedelta(seconds=1)
    await archivist.turn()
    assert offsets(tmp_path) == [0, 1, 2]


async def test_a_record_that_is_delivered_twice_is_archived_once(tmp_path):
    clock, tape = HandClock(), Tape([])
    archivist = Archivist(tape, clock, tmp_path, records_max=4)
    twice = [*SOME[:3], *SOME[1:5]]
    tape.news += [Polled(deliveries=twice)]
    await archivist.turn()
    await archivist.turn()
    assert offsets(tmp_path) == [0, 1, 2, 3, 4]


async def test_what_is_gathered_of_a_revoked_partition_is_left_to_its_next_owner(tmp_path):
    tape = Tape(SOME, news=[Polled(assigned=[LOG]), Polled(deliveries=SOME[:4])])
    archivist = Archivist(tape, HandClock(), tmp_path, records_max=4)
    await archivist.turn()
    tape.news[0] = Polled(revoked=[LOG], deliveries=SOME[:4])
    await archivist.turn()
    assert not chain(tmp_path)


async def test_an_owner_that_was_declared_dead_writes_nothing_over_the_new_ones(tmp_path):
    zombie = Archivist(Tape(SOME, at_a_time=25), HandClock(), tmp_path, records_max=25)
    await zombie.turn()
    await run(Tape(SOME[:10], at_a_time=10), tmp_path)
    await zombie.turn()  # its sheaf of 25 is due, and comes too late
    assert offsets(tmp_path) == list(range(10))
    zombie.records_max = 15
    await zombie.turn()
    assert offsets(tmp_path) == list(range(25))


def test_two_writers_of_one_file_make_one_file(tmp_path):
    append(tmp_path, LOG, first=0, goes_on_at=5, readable=[])
    with pytest.raises(Overtaken, match="no longer ends at 0"):
        append(tmp_path, LOG, first=0, goes_on_at=9, readable=[])
    assert next_offset(tmp_path, LOG) == 5


def test_a_writer_that_is_overtaken_in_the_midst_of_it_leaves_the_first_file(
    tmp_path, monkeypatch
):
    real = os.fsync

    def overtake(handle):
        real(handle)
        monkeypatch.setattr(os, "fsync", real)
        append(tmp_path, LOG, first=0, goes_on_at=5, readable=[])

    monkeypatch.setattr(os, "fsync", overtake)
    with pytest.raises(Overtaken, match="exists"):
        append(tmp_path, LOG, first=0, goes_on_at=9, readable=[])
    assert next_offset(tmp_path, LOG) == 5


async def test_what_a_crash_left_beside_is_not_there_twice_when_batches_differ(
    tmp_path, monkeypatch
):
    records = [delivery(o, readable=o != 7) for o in range(10)]

    def crash(*_):
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", crash)
        with pytest.raises(PowerCutError):
            await run(Tape(records, at_a_time=10), tmp_path, records_max=10)
    assert offsets(tmp_path, "unreadable") == [7]
    await run(Tape(records, at_a_time=5), tmp_path, records_max=5)
    assert offsets(tmp_path, "unreadable") == [7]


async def test_what_cannot_be_read_is_kept_beside_with_its_reason(tmp_path):
    records = [delivery(o, readable=o % 4 != 1) for o in range(20)]
    await run(Tape(records, at_a_time=5), tmp_path)
    assert sorted(offsets(tmp_path) + offsets(tmp_path, "unreadable")) == list(range(20))
    kept = pq.read_table(chain(tmp_path, side="unreadable")[0]).to_pylist()[0]
    assert (kept["payload"], kept["problem"]) == (b"\x00garbage", "no message we know")


async def test_a_file_of_nothing_readable_is_still_a_link_of_the_chain(tmp_path):
    await run(Tape([delivery(o, readable=False) for o in range(10)]), tmp_path)
    assert next_offset(tmp_path, LOG) == 10
    table = pq.read_table(chain(tmp_path)[0])
    assert (table.num_rows, table.schema.names) == (0, READABLE.names)


async def test_a_hole_in_the_offsets_is_no_reason_to_stop(tmp_path):
    holed = [record for record in SOME if record.offset % 3]
    await run(Tape(holed, at_a_time=5), tmp_path, records_max=5)
    assert offsets(tmp_path) == [r.offset for r in holed][: len(offsets(tmp_path))]
    assert len(offsets(tmp_path)) >= len(holed) - 5


def test_a_file_of_somebody_else_is_named_and_nothing_is_guessed(tmp_path):
    folder = tmp_path / LOG.topic / str(LOG.number)
    folder.mkdir(parents=True)
    pq.write_table(READABLE.empty_table(), folder / "00000000000000000007.parquet")
    with pytest.raises(ValueError, match="Move it elsewhere"):
        resume(tmp_path, LOG)


def test_partitions_do_not_touch_each_other(tmp_path):
    append(tmp_path, LOG, first=0, goes_on_at=5, readable=[])
    assert next_offset(tmp_path, Partition(LOG.topic, 4)) == 0


CUTS = [(os, "fsync"), (os, "link"), (Path, "replace"), (Path, "unlink"), (Path, "mkdir")]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(6))
@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut[1])
async def test_a_crash_at_any_step_loses_and_doubles_nothing(
    tmp_path, monkeypatch, cut, nth, when
):
    owner, name = cut
    real, calls = getattr(owner, name), []

    def crash(*args, **kwargs):
        calls.append(name)
        if len(calls) == nth + 1 and when == "before":
            raise PowerCutError
        done = real(*args, **kwargs)
        if len(calls) == nth + 1:
            raise PowerCutError
        return done

    records = [delivery(o, readable=o % 4 != 1) for o in range(20)]
    with monkeypatch.context() as patch, suppress(PowerCutError):
        patch.setattr(owner, name, crash)
        await run(Tape(records, at_a_time=5), tmp_path)
    await run(Tape(records, at_a_time=5), tmp_path)
    assert offsets(tmp_path) == [o for o in range(20) if o % 4 != 1]
    assert offsets(tmp_path, "unreadable") == [o for o in range(20) if o % 4 == 1]
    assert not list(tmp_path.rglob("*.unfinished"))
