"""Each law has a file, a number and a sentence, and sees what it is for."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from sims import laws
from sims.__main__ import main
from sims.laws import (
    i01_journals_balance,
    i08_what_was_said_is_published,
    i11_old_owners_write_nothing,
    i12_everything_ends,
    l12_nobody_reads_too_late,
)
from sims.world.broker import Missed
from sims.world.recovery import Recovery
from tests.sims.month import played
from toolkit.core.message import Envelope, derived
from toolkit.core.ports import Cursor, Effects, Partition
from toolkit.infra.memory import MemoryTransaction

PARTITION = Partition("escrow.events.v1", 0)


def test_every_file_of_the_room_is_a_law_that_is_kept():
    files = Path(laws.__file__).parent.glob("[il][0-9][0-9]_*.py")
    assert sorted(law.number for law in laws.LAWS) == sorted(
        f"{file.name[0].upper()}{int(file.name[1:3])}" for file in files
    )
    assert {f"I{number}" for number in range(1, 16)} <= {law.number for law in laws.LAWS}


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.number)
def test_a_law_is_a_sentence_and_is_looked_at(law):
    assert law.sentence.endswith(".")
    assert law.when


def test_the_laws_can_be_read(capsys):
    assert main(["laws"]) == 0
    told = capsys.readouterr().out
    assert all(law.sentence in told for law in laws.LAWS)


def test_versions_on_the_broker_may_repeat_and_never_skip():
    look = i08_what_was_said_is_published.watching(None).said

    def said(version):
        message = SimpleNamespace(key="E1", topic=PARTITION.topic)
        id = derived("said", str(version))
        told = Envelope(
            id=id, message=message, occurred_at=None, correlation_id=id, version=version
        )
        return list(look(PARTITION, told))

    assert [said(n) for n in (1, 2, 1, 2, 3)] == [[]] * 5
    assert said(5)


def test_an_owner_of_old_is_seen_when_it_commits():
    def cursor(epoch, offset):
        return Cursor(partition=PARTITION, epoch=epoch, offset=offset)

    database = SimpleNamespace(taken_over={PARTITION: cursor(2, 10)})
    platform = SimpleNamespace(databases={"escrow": database})
    look = i11_old_owners_write_nothing.watching(platform).committed["escrow"]

    def committed(wrote):
        return list(look(MemoryTransaction(None, writes=[Effects(cursors=[wrote])])))

    assert committed(cursor(2, 12)) == []
    assert committed(cursor(1, 13))
    assert committed(cursor(2, 11))


def test_a_journal_that_does_not_balance_is_seen(monkeypatch):
    line = SimpleNamespace(minor=5, currency="USD")
    monkeypatch.setattr(i01_journals_balance, "journal", lambda _event: (line,))
    event = SimpleNamespace(message=None, type="Paid", id="1")
    assert list(
        i01_journals_balance.committed(
            MemoryTransaction(None, writes=[Effects(events=[event])])
        )
    )


def test_a_house_that_takes_too_long_to_catch_up_is_seen():
    def platform(took):
        recovery = Recovery(healed_at=None, took=took)
        return SimpleNamespace(
            recovery=recovery, databases={"escrow": SimpleNamespace(states={})}
        )

    assert not list(i12_everything_ends.at_rest(platform(timedelta(minutes=2))))
    assert list(i12_everything_ends.at_rest(platform(timedelta(hours=2))))
    assert list(i12_everything_ends.at_rest(platform(None)))


def test_a_reader_who_comes_after_the_retention_is_seen():
    gap = Missed(group="escrow", partition=PARTITION, first=3, count=2)
    platform = SimpleNamespace(broker=SimpleNamespace(missed=[gap]))
    (told,) = l12_nobody_reads_too_late.at_rest(platform)
    assert "escrow came too late for 3 to 4" in told


def test_an_owner_without_an_epoch_of_its_own_is_seen():
    def platform(takes):
        database = SimpleNamespace(
            taken_over={PARTITION: Cursor(partition=PARTITION, epoch=2, offset=0)},
            takes={PARTITION: takes},
        )
        return SimpleNamespace(databases={"escrow": database})

    assert not list(i11_old_owners_write_nothing.at_rest(platform(2)))
    assert list(i11_old_owners_write_nothing.at_rest(platform(3)))


@pytest.mark.slow
def test_the_laws_look_at_every_database_while_the_world_runs(tmp_path):
    history = played(3, tmp_path)
    platform = history.platform
    assert history.broken == []
    assert all(database.watchers for database in platform.databases.values())
    assert platform.broker.watchers
    assert platform.recovery.is_in_time
