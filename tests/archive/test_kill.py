"""An archivist that is killed, again and again, leaves the whole log behind in the end."""

import random
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.archive.worlds import LOG

PROJECT = Path(__file__).parents[2]
RECORDS = 1_500
PROGRAM = f"""
import asyncio, sys
from pathlib import Path
from tests.archive.worlds import EndOfLogError, HandClock, Tape, delivery
from toolkit.archive.service import archive

records = [delivery(o, readable=o % 100 != 0) for o in range({RECORDS})]
print("ready", flush=True)
try:
    asyncio.run(archive(
        Tape(records, at_a_time=10),
        HandClock(),
        Path(sys.argv[1]),
            records_max=10,
    ))
except EndOfLogError:
    pass
"""


def start(root):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(root)], cwd=PROJECT, stdout=subprocess.PIPE
    )


@pytest.mark.slow
def test_kill_9_loses_and_doubles_nothing(tmp_path):
    chance = random.Random(20261119)
    for _ in range(5):
        with start(tmp_path) as process:
            process.stdout.readline()
            try:
                process.wait(timeout=chance.uniform(0.02, 0.3))
            except subprocess.TimeoutExpired:
                process.kill()
    with start(tmp_path) as process:
        process.stdout.readline()
    assert process.returncode == 0
    for side, of in (("", lambda o: o % 100), ("unreadable", lambda o: not o % 100)):
        files = sorted((tmp_path / side / LOG.topic).glob("*/*.parquet"))
        found = [o for f in files for o in pq.read_table(f).column("offset").to_pylist()]
        assert found == [o for o in range(RECORDS) if of(o)]
