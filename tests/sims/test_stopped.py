"""Ctrl-C ends a long command at once, with what there is by then, and exit code 130."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from sims.__main__ import main
from sims.search import command as search
from sims.search.trial import Trial, Verdict
from sims.studies import command as study
from sims.studies.study import replicated
from sims.world.groups import Protocol
from tests.sims.capacity.test_answers import written
from tests.sims.studies.asked import ASKED

STOPPED = 130


def stopping_after(count, work):
    """Work so many times, and then be interrupted."""
    left = iter(range(count))

    def worked(job):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return work(job)

    return worked


def verdict(trial, broken=()):
    return Verdict(
        trial=trial, broken=broken, digest="", handled=7, struck=frozenset(), died_at={}
    )


def test_a_search_tells_what_it_has_played(monkeypatch, capsys):
    monkeypatch.setattr(search, "judged", stopping_after(2, verdict))
    assert main(["search", "--seeds", "1-9", "--workers", "1"]) == STOPPED
    told = " ".join(capsys.readouterr().out.split())
    assert "stopped after 2 of 9 histories" in told
    assert "14 messages handled" in told


def test_a_search_that_is_stopped_while_it_shrinks_has_the_least_so_far(
    monkeypatch, capsys
):
    def breaks(trial):
        return verdict(trial, ("a law is broken",))

    monkeypatch.setattr(search, "judged", stopping_after(3, breaks))
    asked = ["search", "--seeds", "5", "--workers", "1", "--protocol", "eager"]
    kinds = "crashes,freezes,poison,failovers"
    assert main([*asked, "--kinds", kinds]) == STOPPED
    trial = Trial(seed=5, kinds=("failovers",), protocol=Protocol.EAGER)
    assert trial.command in capsys.readouterr().out


def test_a_study_keeps_the_replications_that_all_scenarios_have(
    monkeypatch, capsys, tmp_path
):
    asked = tmp_path / "asked.yaml"
    given = {**ASKED, "replications": 4, "lasts_days": 3}
    asked.write_text(yaml.safe_dump(given, sort_keys=False))
    monkeypatch.setattr(study, "replicated", stopping_after(5, replicated))
    output = tmp_path / "out"
    command = ["study", str(asked), "--workers", "1", "--output", str(output)]
    assert main(command) == STOPPED
    assert "stopped after 2 of 4 replications" in capsys.readouterr().out
    assert json.loads((output / "manifest.json").read_text())["replications"] == 2


def test_a_plan_is_kept_when_what_is_around_it_is_not_wanted_any_more(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr("sims.capacity.command.after_a_death", interrupted)
    output = tmp_path / "out"
    command = ["capacity", str(written(tmp_path)), "--output", str(output)]
    assert main([*command, "--workers", "1"]) == STOPPED
    assert "stopped" in capsys.readouterr().out
    assert (output / "curve.parquet").exists()


def interrupted(*_):
    raise KeyboardInterrupt


def test_a_month_says_where_its_files_are(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("sims.scenarios.business_month.run", interrupted)
    output = tmp_path / "out"
    asked = ["run", "business_month", "--seed", "1", "--output", str(output)]
    assert main(asked) == STOPPED
    assert "stopped after 0 of" in capsys.readouterr().out


@pytest.mark.slow
def test_ctrl_c_ends_all_processes_without_a_word_of_theirs():
    asked = [sys.executable, "-m", "sims", "search", "--seeds", "1-400"]
    run = subprocess.Popen(
        asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    if not children.exists():
        run.kill()
        pytest.skip("only Linux tells the children of a process")
    while not children.read_text().split():  # it is still being imported
        time.sleep(0.2)
    time.sleep(3.0)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=30)
    assert run.returncode == STOPPED
    assert b"of 400 histories" in out
    assert b"Traceback" not in err
