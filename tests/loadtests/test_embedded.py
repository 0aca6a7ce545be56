"""The profile of CI: a platform of its own, driven for some seconds, and judged."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from loadtests.__main__ import main

PROJECT = Path(__file__).parents[2]
# CI is busy and of any speed: what is asked of time is generous, of money it is not.
PATIENT = """
requests: {p99_ms: 20000, error_ratio: 0.01}
flows:
  "kafka: sent to visible": {p99_ms: 40000, error_ratio: 0}
achieved_to_intended: 0.99
drain_s: 60
in_flight_refused: 0
"""


def loadtests(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "loadtests", *map(str, arguments)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.xdist_group("real")  # one platform at a time is enough for two cores
@pytest.mark.slow
@pytest.mark.embedded
def test_people_drive_a_platform_of_their_own_and_every_cent_is_there(tmp_path):
    """A consumer is killed meanwhile, and nothing that was accepted may be lost."""
    objectives, folder = tmp_path / "patient.yaml", tmp_path / "run"
    objectives.write_text(PATIENT)

    done = loadtests(
        *("run", "--embedded", "--shape", "consumer_killed", "--rate", 2),
        *("--seconds", 8, "--kafka-rate", 1, "--closed-users", 1),
        *("--objectives", objectives, "--output", folder),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "the payments service was killed" in done.stdout
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["money_checked"]
    assert summary["opened"] > 5
    kinds = set(pq.read_table(folder / "samples.parquet")["kind"].to_pylist())
    assert kinds == {"OPEN", "CLOSED", "FLOW", "E2E", "DISPATCH", "PROVIDER"}
    assert not (folder / "orders.json").exists()  # it held tokens


@pytest.fixture
def quiet_signals():
    """A command line listens to SIGTERM; a test that was one gives that back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("quiet_signals")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "--embedded", "--output", "."], "choose another folder"),
        (["run", "--embedded", "--shape", "sideways"], "brown_out"),
        (["run", "--host", "http://127.0.0.1:9", "--mix", "reading"], "--tokens"),
        (["run", "--host", "http://127.0.0.1:9"], "--provider"),
        (["run", "--env", "nothing.env", "--provider", "x"], "cannot be read"),
        (["report", "--run", "nowhere"], "holds no finished run"),
        (["history", "--file", "nothing.csv"], "is no history"),
    ],
)
def test_wrong_usage_says_what_to_write(arguments, says, capsys, monkeypatch, tmp_path):
    (tmp_path / "mine.txt").touch()
    monkeypatch.chdir(tmp_path)

    assert main(arguments) == 64
    assert says in capsys.readouterr().err
