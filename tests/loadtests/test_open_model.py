"""The classic check of a load generator: a server that stands still must show."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from loadtests.judge import judged
from loadtests.orders import VARIABLE, Orders, Segment
from loadtests.run import GENERATOR
from loadtests.samples import CLOSED, OPEN, gathered, latencies, percentile

PROJECT = Path(__file__).parents[2]
FROZEN_S = 6.0
RATE_PER_S = 500.0


@contextmanager
def serving():
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.loadtests.frozen_server"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    )
    try:
        yield process, json.loads(process.stdout.readline())["port"]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def generated(folder, port, seconds, meanwhile, **more):
    """Drive a server with the smallest journey, and answer the samples."""
    orders = Orders(
        host=f"http://127.0.0.1:{port}",
        output=str(folder),
        seed=7,
        run="self-test",
        journeys={"look": 1.0},
        people={role: {"one": "token"} for role in ("admin", "buyer")},
        **{
            "segments": [
                Segment(length_s=seconds, from_per_s=RATE_PER_S, to_per_s=RATE_PER_S)
            ],
            **more,
        },
    )
    orders.save(folder / "orders.json")
    users = str(orders.workers + orders.closed_users)
    command = [sys.executable, "-m", "locust", "-f", str(GENERATOR), "--headless"]
    command += ["--users", users, "--spawn-rate", users, "--host", orders.host]
    command += ["--run-time", "90s", "--exit-code-on-error", "0", "--only-summary"]
    if orders.workers > 1:
        command += ["--processes", str(orders.workers)]
    with (folder / "locust.log").open("wb") as log:
        locust = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=log,
            stderr=log,
            env=os.environ | {VARIABLE: str(folder / "orders.json")},
        )
        while not list(folder.glob("samples-*.csv")) and locust.poll() is None:
            time.sleep(0.05)
        meanwhile()
        locust.wait(120)
    assert locust.returncode == 0, (folder / "locust.log").read_text()
    told = [json.loads(path.read_text()) for path in folder.glob("generator-*.json")]
    return gathered(folder).to_pylist(), told


@pytest.mark.slow
def test_a_server_that_stands_still_for_six_seconds_shows_in_the_99th_percentile(tmp_path):
    """Closed users see one slow answer each, and report a server that is well."""
    with serving() as (server, port):

        def freeze():
            time.sleep(3.0)
            server.send_signal(signal.SIGSTOP)
            time.sleep(FROZEN_S)
            server.send_signal(signal.SIGCONT)

        rows, told = generated(
            tmp_path, port, 12.0, freeze, closed_users=5, closed_pause_s=0.02
        )

    opened = latencies(rows, [OPEN])
    assert len(opened) == told[0]["intended"] > 0.9 * RATE_PER_S * 12.0
    assert told[0]["refused"] == 0
    assert percentile(opened, 0.99) > 0.9 * FROZEN_S * 1_000
    assert percentile(opened, 0.70) > 100  # four arrivals in ten fell into the silence
    closed = latencies(rows, [CLOSED])
    assert percentile(closed, 0.99) < 1_000 < max(closed)


@pytest.mark.slow
def test_a_generator_that_may_not_have_more_in_flight_fails_the_run(tmp_path):
    with serving() as (server, port):

        def freeze():
            server.send_signal(signal.SIGSTOP)
            time.sleep(3.0)
            server.send_signal(signal.SIGCONT)

        rows, told = generated(tmp_path, port, 2.0, freeze, in_flight_max=50)

    figures = {"in_flight_refused": float(told[0]["refused"])}
    assert figures["in_flight_refused"] > 0
    assert not judged({"in_flight_refused": 0}, rows, figures, []).passed


@pytest.mark.slow
def test_two_workers_share_one_schedule_and_leave_nobody_out(tmp_path):
    with serving() as (_, port):
        rows, told = generated(tmp_path, port, 2.0, lambda: None, workers=2)

    assert len(told) == 2
    assert all(generator["started"] > 300 for generator in told)
    assert len(latencies(rows, [OPEN])) == sum(generator["intended"] for generator in told)
