"""One run from its orders to its verdict: start, drive, come to rest, judge, write down."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests import money, written
from loadtests.judge import Verdict, judged
from loadtests.machine import described
from loadtests.orders import VARIABLE, Orders
from loadtests.profiles import Deed, Shape
from loadtests.reconciled import Reconciliation, reconciliation
from loadtests.samples import DISPATCH, FLOW, OK, gathered, percentile
from loadtests.spent import Spent
from loadtests.stand import Stand
from loadtests.troubles import Troubles
from loadtests.watch import Watch, evened, rates, series, slope
from toolkit.infra.processes import ends_with_us, free_port

GENERATOR = Path(__file__).parent / "generator.py"
DRAIN_MAX_S = 120.0
DRAIN_TIMES = 3  # what is asked of the drain; nobody need wait for more
GRACE_S = 60.0  # beyond schedule and patience, before a generator is ended
Tell = Callable[[str], None]


class GeneratorFailed(Exception):  # noqa: N818 - says what happened
    """Locust did not do its work; the message says where its log is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of one run."""

    orders: Orders
    shape: Shape
    mix: str
    rate_per_s: float
    objectives: Mapping[str, Any]
    reconciles: bool = True


def run(wanted: Wanted, stand: Stand, folder: Path, tell: Tell) -> Verdict:
    """Drive the platform, let it come to rest, and judge."""
    machine = described()
    orders, path = wanted.orders, folder / "orders.json"
    asked_s = float(wanted.objectives.get("drain_s", DRAIN_MAX_S))
    orders.save(path)
    watch = Watch(folder, stand.targets, stand.dsn)
    spent = Spent.until_now(stand.dsn)
    watch.start()
    tell(f"driving {stand.host} for {orders.seconds:g} s")
    try:
        with _generators(orders, path, folder) as generator, _probes(orders, path, folder):
            troubles = Troubles(stand, tell)
            try:
                _follow(generator, orders, wanted.shape.trouble, troubles)
            finally:
                troubles.end()
        tell("waiting until nothing waits")
        drain_max_s = min(DRAIN_TIMES * asked_s, DRAIN_MAX_S)
        drain_s = stand.drained_s(drain_max_s) if stand.dsn else None
    finally:
        watch.stop()
        path.unlink()  # it holds tokens
    if generator.returncode:
        raise GeneratorFailed(
            f"the generator ended with {generator.returncode}; see {folder / 'locust.log'}"
        )
    facts: dict[str, Any] = {"machine": machine, "drain_s": drain_s}
    facts["spent"] = spent.since(stand.dsn)
    if wanted.reconciles:
        tell("reconciling with the providers' reports")
        facts["books"] = reconciliation(stand, folder, is_at_rest=drain_s is not None)
    return _judge(wanted, stand, folder, facts)


@contextmanager
def _generators(
    orders: Orders, path: Path, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run Locust beside us: its monkey patching must reach nobody else."""
    users = orders.workers + orders.closed_users
    limit_s = int(orders.seconds + orders.patience_s * 6 + GRACE_S)
    command = [
        *(sys.executable, "-m", "locust", "-f", str(GENERATOR), "--headless"),
        *("--users", str(users), "--spawn-rate", str(users), "--run-time", f"{limit_s}s"),
        *("--host", orders.host, "--only-summary", "--exit-code-on-error", "0"),
        *("--stop-timeout", "1", "--csv", str(folder / "locust")),
    ]
    if orders.workers > 1:
        port = str(free_port())
        command += ["--processes", str(orders.workers)]
        command += ["--master-bind-port", port, "--master-port", port]
    with _process(command, path, folder / "locust.log") as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)


@contextmanager
def _probes(orders: Orders, path: Path, folder: Path) -> Iterator[None]:
    """Send records over Kafka meanwhile, where that is asked for."""
    if not orders.kafka_rate_per_s:
        yield
        return
    command = [sys.executable, "-m", "loadtests.probe"]
    with _process(command, path, folder / "probe.log") as process:
        yield
        if process.wait(orders.patience_s + GRACE_S):
            raise GeneratorFailed(f"the probes failed; see {folder / 'probe.log'}")


@contextmanager
def _process(
    command: Sequence[str], path: Path, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as sink:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env=os.environ | {VARIABLE: str(path)},
            start_new_session=True,
            preexec_fn=ends_with_us(),  # noqa: PLW1509 - one call of the kernel
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)


def _follow(
    generator: subprocess.Popen[bytes],
    orders: Orders,
    trouble: Sequence[Deed],
    troubles: Troubles,
) -> None:
    """Do what the shape says at its moments, until the generators have finished."""
    folder, left = Path(orders.output), list(trouble)
    while generator.poll() is None and not any(folder.glob("samples-*-*.csv")):
        time.sleep(0.05)
    begin_s = time.monotonic()
    while generator.poll() is None:
        if left and time.monotonic() - begin_s >= left[0].at * orders.seconds:
            troubles.do(left.pop(0))
        time.sleep(0.05)


def _judge(
    wanted: Wanted,
    stand: Stand,
    folder: Path,
    facts: Mapping[str, Any],
) -> Verdict:
    rows = gathered(folder).to_pylist()
    told = [
        json.loads(path.read_text()) for path in sorted(folder.glob("generator-*.json"))
    ]
    if len(told) < wanted.orders.workers:
        raise GeneratorFailed(
            f"{wanted.orders.workers - len(told)} generators did not finish; see "
            f"{folder / 'locust.log'}"
        )
    figures = _figures(wanted.orders, stand, folder, rows, told)
    if stand.dsn:
        figures["drain_s"] = facts["drain_s"]
    told += [json.loads(path.read_text()) for path in folder.glob("probes.json")]
    opened = [person for generator in told for person in generator["opened"]]
    books: Reconciliation = facts.get("books", Reconciliation(told="not asked for"))
    findings = [*(money.findings(stand.dsn, opened) if stand.dsn else []), *books.findings]
    verdict = judged(wanted.objectives, rows, figures, findings)
    summary = {
        "verdict": "PASSED" if verdict.passed else "FAILED",
        "mix": wanted.mix,
        "shape": wanted.shape.name,
        "rate_per_s": wanted.rate_per_s,
        "seconds": wanted.orders.seconds,
        "seed": wanted.orders.seed,
        "workers": wanted.orders.workers,
        "host": "this machine" if stand.env else stand.host,
        "figures": figures,
        "opened": len(opened),
        "money_checked": stand.dsn is not None,
        "reconciliation": books.told,
        "stages": rates(folder, wanted.orders.seconds),
        "spent": facts["spent"],
        "machine": facts["machine"],
    }
    written.everything(folder, summary, verdict, rows)
    return verdict


def _figures(
    orders: Orders,
    stand: Stand,
    folder: Path,
    rows: Sequence[Mapping[str, Any]],
    told: Sequence[Mapping[str, Any]],
) -> dict[str, float | None]:
    """Answer what is one number for the whole run."""
    late_ms = [max(row["latency_ms"], 0.0) for row in rows if row["kind"] == DISPATCH]
    intended = sum(generator["intended"] for generator in told)
    journeys = [
        row for row in rows if row["kind"] == FLOW and row["name"].startswith("journey ")
    ]
    ended = len(journeys)
    figures: dict[str, float | None] = {
        "intended": intended,
        "ended": ended,
        "achieved_to_intended": ended / intended if intended else None,
        "gave_up": sum(row["outcome"] != OK for row in journeys),
        "generator_late_p99_ms": percentile(late_ms, 0.99),
        "in_flight_refused": sum(generator["refused"] for generator in told),
        "in_flight_at_end": sum(generator["in_flight_at_end"] for generator in told),
    }
    if stand.dsn:
        half_s = orders.seconds / 2
        lag = series(folder).get("lag", [])
        points = [point for point in lag if half_s <= point[0] < orders.seconds]
        figures["lag_slope_per_s"] = slope(evened(points, orders.segments))
        figures["lag_max"] = max((value for _, value in lag), default=None)
    return figures
