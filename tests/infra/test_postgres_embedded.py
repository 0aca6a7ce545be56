"""The embedded server starts from nothing, ends when it is let go, and keeps its data."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from toolkit.infra.embedded_postgres import embedded_postgres

pytestmark = pytest.mark.embedded
COMMAND = [sys.executable, "-m", "toolkit.infra.embedded_postgres"]


@pytest.fixture
def data():
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        yield Path(folder)


def test_what_was_stored_is_there_after_a_restart(data):
    with embedded_postgres(data) as dsn, psycopg.connect(dsn) as connection:
        connection.execute("create table kept as select 42 as answer")
    with embedded_postgres(data) as dsn, psycopg.connect(dsn) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)


def test_the_command_says_where_it_listens_and_stops_with_its_input(data):
    with subprocess.Popen(
        [*COMMAND, "--data", str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as launcher:
        dsn = json.loads(launcher.stdout.readline())["dsn"]
        psycopg.connect(dsn).close()
        launcher.stdin.close()
        assert launcher.wait(20) == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn, connect_timeout=2)
    assert not (data / "postmaster.pid").exists()


def test_the_command_stops_cleanly_when_it_is_terminated(data):
    with subprocess.Popen(
        [*COMMAND, "--data", str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as launcher:
        launcher.stdout.readline()
        launcher.terminate()
        assert launcher.wait(20) == 0
    assert not (data / "postmaster.pid").exists()


def test_a_server_that_cannot_start_says_why(data):
    with (
        pytest.raises(RuntimeError, match="unrecognized configuration parameter"),
        embedded_postgres(data, settings={"no_such_setting": 1}),
    ):
        pass
