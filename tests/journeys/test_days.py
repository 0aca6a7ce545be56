"""Whole days: played on real parts with services killed, or simulated, and reconciled."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.telemetry.scanned import leaks

PROJECT = Path(__file__).parents[2]


def run(*arguments, timeout_s=900):
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.mark.xdist_group("real")  # one platform at a time is enough for two cores
@pytest.mark.slow
@pytest.mark.embedded
def test_a_day_on_real_parts_finds_exactly_what_was_planted(tmp_path):
    """Services are killed with SIGKILL meanwhile, webhooks lost, answers lost."""
    port, provider_port = free_ports(2)
    day = run(
        "sims.demo",
        *("--escrows", 40, "--seconds", 25, "--speed", 300, "--seed", 3),
        *("--port", port, "--provider-port", provider_port),
        *("--output", tmp_path / "day"),
    )

    assert day.returncode == 0, day.stdout + day.stderr
    assert "the payments service was killed" in day.stdout
    summary = json.loads((tmp_path / "day" / "reconciliation" / "summary.json").read_text())
    assert list(summary["discrepancies"]) == ["MISSING_IN_LEDGER"]
    assert (tmp_path / "day" / "reconciliation" / "daily_reconciliation.html").exists()
    assert leaks(tmp_path / "day" / "platform") == []


@pytest.mark.slow
def test_every_day_of_a_troubled_simulation_reconciles(tmp_path):
    """Crashes, doubled messages and lost webhooks leave no discrepancy behind."""
    simulated, state = tmp_path / "sims", tmp_path / "state.duckdb"
    played = run(
        *("sims", "run", "business_month", "--seed", 11, "--days", 3),
        *("--escrows-per-day", 15, "--output", simulated),
    )
    assert played.returncode == 0, played.stdout + played.stderr

    for exports in sorted((simulated / "exports").iterdir()):
        day = exports.name
        stated = (simulated / "own_funds" / f"{day}.txt").read_text().split()
        collected = run(
            *("recon", "collect", "--day", day, "--archive", simulated / "archive"),
            *("--exports", exports, "--output", tmp_path / "in" / day),
            *(word for own_funds in stated for word in ("--own-funds", own_funds)),
            "--no-bank-activity",
        )
        assert collected.returncode == 0, collected.stderr
        reconciled = run(
            *("recon", "run", "--day", day, "--inputs", tmp_path / "in" / day),
            *("--output", tmp_path / "out" / day, "--state", state),
        )
        assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr
