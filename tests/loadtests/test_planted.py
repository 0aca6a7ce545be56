"""What a load test is for: a planted slowness and a planted loss turn the run red by name.

The platform has no switch for either. What is planted reaches its processes as Python's own
`sitecustomize`, from a folder that stands first on the path of the run and of its children.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
IN_ESCROW = """
import sys

if "run" in sys.orig_argv and "escrow" in sys.orig_argv:
"""
SLOW = """
    import asyncio

    from toolkit.runtime.handler import BatchHandler

    handle = BatchHandler.handle

    async def slowly(self, *arguments):
        await asyncio.sleep(2.0)
        return await handle(self, *arguments)

    BatchHandler.handle = slowly
"""
LOSING = """
    from toolkit.infra.postgres.outbox import PostgresOutbox

    read = PostgresOutbox.read

    async def losing(self, limit):
        postings = await read(self, limit)
        lost = [p for p in postings if b"EscrowCancelled" in dict(p.cargo.headers).values()]
        await self.delete({p.seq for p in lost})
        return [p for p in postings if p not in lost]

    PostgresOutbox.read = losing
"""
# Nothing but the planted fault may break these, on a machine of any speed.
OBJECTIVES = """
requests: {p99_ms: 20000, error_ratio: 0.01}
flows:
  "executed to payable": {p50_ms: 3500}
gave_up: 0
drain_s: 4
"""
CHANGING_THEIR_MINDS = "about: short stories\njourneys: {cancelled: 1}\n"


def driven(folder, planted, *arguments):
    """Drive a platform whose escrow service has something planted in it."""
    (folder / "plant").mkdir()
    (folder / "plant" / "sitecustomize.py").write_text(IN_ESCROW + planted)
    (folder / "objectives.yaml").write_text(OBJECTIVES)
    (folder / "mix.yaml").write_text(CHANGING_THEIR_MINDS)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "loadtests", "run", "--embedded", "--rate", "1"),
            *("--seconds", "4", "--mix", str(folder / "mix.yaml")),
            *("--objectives", str(folder / "objectives.yaml")),
            *("--output", str(folder / "run"), *arguments),
        ],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": f"{folder / 'plant'}:{PROJECT}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (folder / "run" / "summary.json").exists(), done.stdout + done.stderr
    return done, json.loads((folder / "run" / "summary.json").read_text())


def broken_in(summary):
    return [promise["name"] for promise in summary["promises"] if not promise["kept"]]


@pytest.mark.xdist_group("real")
@pytest.mark.slow
@pytest.mark.embedded
def test_a_handler_that_became_slow_breaks_the_objective_of_those_who_wait(tmp_path):
    done, summary = driven(tmp_path, SLOW, "--no-reconcile")

    assert done.returncode == 1
    assert "BROKEN executed to payable p50_ms" in done.stdout
    assert broken_in(summary) == ["executed to payable p50_ms"]
    assert summary["findings"] == []


@pytest.mark.xdist_group("real")
@pytest.mark.slow
@pytest.mark.embedded
def test_an_event_that_was_lost_between_two_services_breaks_a_law_by_name(tmp_path):
    done, summary = driven(tmp_path, LOSING, "--patience-s", "5")

    assert done.returncode == 1
    assert {"gave_up", "drain_s"} <= set(broken_in(summary))
    assert any(found.startswith("I3_views_agree") for found in summary["findings"])
    assert any(found.endswith("are not archived") for found in summary["findings"])
    assert "I3_views_agree" in (tmp_path / "run" / "junit.xml").read_text()
