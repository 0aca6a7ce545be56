"""Play one business day on the embedded platform, reconcile it, and show the report."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from sims.__main__ import Arguments
from sims.demo.day import Trouble, play
from sims.demo.house import HttpChain, HttpHouse
from sims.ground import Ground, emptied, started
from toolkit.infra import settings as configuration
from toolkit.infra.issuer import Issuer, read_key
from toolkit.infra.processes import PortTakenError, free_port

OPENS_AT = clock_time(9, 0)
OPENING_MINOR = 500_000  # our own 5,000.00 USD, so that there is something to steal
ROGUE_MINOR = 123_45
PROVIDER_KEY = "sk_test_demo"
QUIET_WITHIN_S = 480.0
AS_PLANNED, OTHERWISE, WRONG_USAGE = 0, 1, 64
MARK = ".demo"  # says that a folder is ours to empty
EXAMPLES = """
examples:
  python -m sims.demo
  python -m sims.demo --escrows 400 --seconds 150 --seed 8 --output out/busy
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The day to play: `seconds` of ours are as many of its own as its clock is fast."""

    day: date
    escrows: int
    seconds: float
    ground: Ground


def main(argv: Sequence[str] | None = None) -> int:
    plan = _plan(argv)
    console = Console(width=100, soft_wrap=True)
    try:
        is_ours = emptied(plan.ground.output, MARK)
    except OSError as error:
        print(
            f"--output {plan.ground.output} cannot be written ({error.strerror}): name "
            "another folder",
            file=sys.stderr,
        )
        return WRONG_USAGE
    if not is_ours:
        print(
            f"{plan.ground.output} holds something that is not an earlier demo's: choose "
            "another folder with --output",
            file=sys.stderr,
        )
        return WRONG_USAGE
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that our servers end too
    with ExitStack() as stack:
        console.print(
            f"[bold]1/4[/] starting the platform (logs in {plan.ground.platform})"
        )
        stack.enter_context(started(plan.ground))
        _own_funds(plan)
        console.print(
            f"[bold]2/4[/] {plan.escrows} escrows on {plan.day}, played on real parts"
        )
        trouble = asyncio.run(_day(plan, console))
        console.print("     waiting until everything is said, done and archived")
        status = _quiet(plan)
        custody = _export(plan)
    own = [*_own_parts(status, custody), *_own_wallets(custody)]
    return _verdict(plan, console, trouble, own)


def _verdict(plan: Plan, console: Console, trouble: Trouble, own: Sequence[str]) -> int:
    """Reconcile what the day left behind, and compare with what was planted."""
    console.print("[bold]3/4[/] collecting the provider's exports and reconciling")
    _collect(plan, own)
    run = plan.ground.output / "reconciliation"
    _recon(
        [
            "run",
            "--day",
            str(plan.day),
            "--inputs",
            str(plan.ground.output / "inputs"),
            "--output",
            str(run),
        ]
    )
    console.print("[bold]4/4[/] executing the notebook")
    _recon(["report", "--run", str(run)])
    summary = json.loads((run / "summary.json").read_text())
    found = _discrepancies(run)
    console.print("\n[bold]trouble of the day[/]")
    for sentence in trouble.done:
        console.print(f"  - {sentence}")
    console.print(f"\n[bold]verdict: {summary['verdict']}[/]")
    for discrepancy in found:
        named = f"{discrepancy['code']} {discrepancy['provider_ref']}"
        console.print(f"  {named}: {discrepancy['explanation']}")
    console.print(f"\nreport: {run / 'daily_reconciliation.html'}")
    expected = sorted(("MISSING_IN_LEDGER", ref) for ref in trouble.planted)
    actual = sorted((d["code"], d["provider_ref"]) for d in found)
    if actual != expected:
        console.print(f"[red]planted were {expected}, found were {actual}[/]")
        return OTHERWISE
    console.print("exactly what was planted was found, and nothing else")
    return AS_PLANNED


async def _day(plan: Plan, console: Console) -> Trouble:
    configuration.load(plan.ground.platform / "platform.env")
    settings = configuration.read()
    issuer = Issuer(
        settings.jwt_issuer,
        settings.jwt_audience,
        read_key(plan.ground.platform / "issuer.pem"),
        settings.clock,
    )
    columns = (
        TextColumn("     {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    limits = httpx.Limits(max_connections=64)
    async with (
        httpx.AsyncClient(
            base_url=plan.ground.gateway_url, timeout=10.0, limits=limits
        ) as gateway,
        httpx.AsyncClient(
            base_url=plan.ground.provider_url,
            timeout=10.0,
            headers={"Authorization": f"Bearer {PROVIDER_KEY}"},
        ) as provider,
        httpx.AsyncClient(base_url=plan.ground.custodian_url, timeout=10.0) as custodian,
    ):
        house = HttpHouse(settings.clock, issuer, gateway, provider)
        trouble = Trouble(provider, plan.ground.platform, ROGUE_MINOR)
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(
                "escrows that came to their end today", total=plan.escrows
            )
            await play(
                house,
                HttpChain(custodian),
                trouble,
                seed=plan.ground.seed,
                escrows=plan.escrows,
                length=timedelta(seconds=plan.seconds * plan.ground.speed),
                ended=lambda: progress.advance(task),
            )
    if house.tried_again:
        trouble.done.append(f"people had to ask again {house.tried_again} times meanwhile")
    return trouble


def _own_funds(plan: Plan) -> None:
    answer = httpx.post(
        f"{plan.ground.provider_url}/_sandbox/opening_balance",
        json={"amount": OPENING_MINOR, "currency": "usd"},
    )
    answer.raise_for_status()


def _quiet(plan: Plan) -> dict[str, Any]:
    """Wait until nothing waits, and answer the platform's own account of the day."""
    deadline = time.monotonic() + QUIET_WITHIN_S
    command = [
        sys.executable,
        "-m",
        "toolkit",
        "--env",
        str(plan.ground.platform / "platform.env"),
        "status",
    ]
    calm = 0
    while True:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        calm = calm + 1 if done.returncode == 0 else 0
        if calm == 2:  # twice, so that nothing was on its way between two services
            status: dict[str, Any] = json.loads(done.stdout)
            return status
        if time.monotonic() > deadline:
            raise SystemExit(
                f"the platform does not come to rest:\n{done.stdout}{done.stderr}"
            )


def _export(plan: Plan) -> dict[str, Any]:
    """Have both providers write their reports of the day; answer the custodian's totals."""
    httpx.post(f"{plan.ground.provider_url}/_sandbox/exports/{plan.day}").raise_for_status()
    written = httpx.post(f"{plan.ground.custodian_url}/_sandbox/exports/{plan.day}")
    custody: dict[str, Any] = written.raise_for_status().json()
    return custody


def _own_parts(status: Mapping[str, Any], custody: Mapping[str, Any]) -> list[str]:
    """Say what of each holding is our own: what we had, less the fees that we booked."""
    fees = sum(b["minor"] for b in status["balances"] if b["account"] == "platform:fees")
    totals = custody["files"][0]["control_totals"]
    held = f"{totals['holding_opening_minor']}:{totals['holding_closing_minor']}"
    stripe = f"STRIPE:USD:{OPENING_MINOR}:{OPENING_MINOR - fees}"
    return ["--own-funds", stripe, "--own-funds", f"CUSTODIAN:USDC:0:0:{held}"]


def _own_wallets(custody: Mapping[str, Any]) -> list[str]:
    return [word for at in custody["own_addresses"] for word in ("--own-address", at)]


def _collect(plan: Plan, own: Sequence[str]) -> None:
    """Gather the inputs."""
    arguments = ["--day", str(plan.day), "--archive", str(plan.ground.platform / "archive")]
    arguments += [
        "--exports",
        str(_exports(plan)),
        "--output",
        str(plan.ground.output / "inputs"),
    ]
    _recon(["collect", *arguments, *own, "--no-bank-activity"])


def _exports(plan: Plan) -> Path:
    """The folder that holds the day's reports."""
    found = sorted(plan.ground.exports.rglob("stripe_summary.csv"))
    return found[0].parent


def _recon(arguments: Sequence[str]) -> None:
    """Run the reconciler as finance does; a day with discrepancies is no failure."""
    done = subprocess.run([sys.executable, "-m", "recon", *arguments], check=False)
    if done.returncode > 1:
        raise SystemExit(f"recon {arguments[0]} ended with {done.returncode}")


def _discrepancies(run: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - seconds that only the end needs

    found: list[dict[str, Any]] = pq.read_table(run / "discrepancies.parquet").to_pylist()
    return found


def _plan(argv: Sequence[str] | None) -> Plan:
    parser = Arguments(
        prog="python -m sims.demo",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    parser.add_argument("--day", type=date.fromisoformat, default=yesterday)
    parser.add_argument("--escrows", type=int, default=220)
    parser.add_argument("--seconds", type=float, default=75.0, help="of ours, for the day")
    parser.add_argument("--speed", type=float, default=160.0, help="of the day's clock")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--output", type=Path, default=Path("out/demo"), help="is emptied")
    parser.add_argument("--port", type=int, default=0, help="of the gateway; any free one")
    parser.add_argument("--provider-port", type=int, default=0, help="any free one")
    parser.add_argument("--custodian-port", type=int, default=0, help="any free one")
    parser.add_argument("--screening-port", type=int, default=0, help="any free one")
    parser.add_argument("--discord-port", type=int, default=0, help="any free one")
    asked = vars(parser.parse_args(argv))
    try:
        ports = (
            "port",
            "provider_port",
            "custodian_port",
            "screening_port",
            "discord_port",
        )
        asked |= {name: free_port(asked[name]) for name in ports}
    except PortTakenError as taken:
        parser.exit(WRONG_USAGE, f"{taken}\n")
    played = {name: asked.pop(name) for name in ("day", "escrows", "seconds")}
    start_at = datetime.combine(played["day"], OPENS_AT, UTC)
    ground = Ground(**asked, start_at=start_at, origin_s=time.time())
    return Plan(**played, ground=ground)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted; everything that was started has ended")
