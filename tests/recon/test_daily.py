"""The morning's job may be run as often as one likes; late files are a run of their own."""

import fcntl
import json
import shutil

import duckdb
import pytest

from recon.__main__ import main
from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.test_collect import archive


@pytest.fixture
def place(tmp_path):
    """An archive and the exports of a day with two charges."""
    day = Day()
    day.paid("E0")
    day.paid("E1")
    inputs = write(day, tmp_path / "hand")
    with duckdb.connect() as db:
        archive(
            db.read_parquet(str(inputs / "escrow_events.parquet")), tmp_path / "archive"
        )
    shutil.copytree(inputs, tmp_path / "exports")
    return tmp_path


def job(place, *more):
    return main(
        [
            *("daily", "--day", "2026-11-19", "--archive", str(place / "archive")),
            *("--exports", str(place / "exports"), "--root", str(place / "root")),
            *more,
        ]
    )


def latest(place):
    folder = place / "root" / "2026-11-19"
    return folder / (folder / "latest").read_text().strip()


def lines(run):
    return [
        json.loads(line) for line in (run / "alerts/events.jsonl").read_text().splitlines()
    ]


def late(place):
    """Yesterday's export without its last charge, and the whole one."""
    path = place / "exports" / "stripe_activity.csv"
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:-1]))
    return lambda: path.write_text(whole)


def test_made_twice_it_is_one_run(place, capsys):
    statuses = {job(place), job(place)}
    assert len(statuses) == 1
    assert "was made before" in capsys.readouterr().out
    assert len(list((place / "root/2026-11-19").glob("run_*"))) == 1


def test_a_late_file_makes_a_run_beside_the_old_one(place):
    arrive = late(place)
    assert job(place) == 1
    first = latest(place)
    arrive()
    job(place)
    second = latest(place)
    assert first.exists()
    assert json.loads((second / "summary.json").read_text())["replaces"] == first.name


def test_what_was_cut_off_half_way_is_done_anew(place):
    folder = place / "root/2026-11-19/.run"
    folder.mkdir(parents=True)
    (folder / "discrepancies.csv").write_text("half")
    job(place)
    assert not folder.exists()
    assert main(["verify", str(latest(place))]) == 0


def test_two_jobs_do_not_work_side_by_side(place, capsys):
    (place / "root").mkdir()
    with (place / "root" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert job(place) == 64
    assert "another job works" in capsys.readouterr().err


def test_the_house_is_told_of_each_finding_and_of_the_end(place):
    late(place)
    job(place)
    told = lines(latest(place))
    assert told[-1]["type"] == "ReconciliationCompleted"
    assert told[-1]["message"]["verdict"] == "EXCEPTIONS"
    found = json.loads((latest(place) / "summary.json").read_text())["discrepancies"]
    assert {line["message"]["code"] for line in told[:-1]} == set(found)
    assert len({line["id"] for line in told}) == len(told)


def test_whom_the_morning_cannot_reach_is_named_before_anything_is_done(place, capsys):
    assert job(place, "--to", "slack") == 64
    assert "RECON_SLACK_URL" in capsys.readouterr().err
    assert not (place / "root").exists()


def test_a_receiver_hears_of_the_news_of_two_mornings_once(place, hook):
    arrive = late(place)
    to = ("--to", f"slack={hook.url}")
    job(place, *to)
    job(place, *to)
    assert len(hook.received) == 1
    arrive()
    job(place, *to)
    assert len(hook.received) == 2
