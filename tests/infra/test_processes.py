"""What we start on a machine keeps to its own folder and ends with us."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolkit import embedded
from toolkit.infra.settings import SettingsWrong

PARENT = """
import os, pathlib, signal, sys, time
from toolkit.infra.processes import Supervisor
supervisor = Supervisor(pathlib.Path(sys.argv[1]), os.environ)
supervisor.start("sleeper", ["timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)"])
os.kill(os.getpid(), signal.SIGKILL)
"""


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children")
def test_a_service_ends_when_its_supervisor_is_killed(tmp_path):
    subprocess.run(
        [sys.executable, "-c", PARENT, tmp_path], check=False, env={**os.environ}
    )
    pid = int((tmp_path / "sleeper.pid").read_text())
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(pid)


def test_a_folder_in_use_is_refused(tmp_path):
    with (
        embedded._ours_alone(tmp_path),
        pytest.raises(SettingsWrong, match="in use"),
        embedded._ours_alone(tmp_path),
    ):
        pass


def test_an_earlier_archive_is_kept_but_not_continued(tmp_path):
    for content in ("first", "second"):
        (tmp_path / "archive").mkdir()
        (tmp_path / "archive" / "events").write_text(content)
        embedded._set_aside(tmp_path / "archive")
    assert not (tmp_path / "archive").exists()
    assert (tmp_path / "archive.1" / "events").read_text() == "first"
    assert (tmp_path / "archive.2" / "events").read_text() == "second"
