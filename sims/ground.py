"""A platform on this machine: the providers' sandboxes and the services, as processes.

The demo plays a day on it, load tests drive it.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.infra.processes import await_answer, ends_with_us

READY_WITHIN_S = 240.0  # a busy machine takes its time to start
SANDBOXES = ("provider", "custodian", "screening", "discord")
SECRET = "whsec_demo"  # noqa: S105 - of a sandbox that lives for minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where everything stands, and the clock by which it lives.

    Without `start_at` that is this machine's own; else `speed` seconds of a played time go
    by in one of ours.
    """

    output: Path
    seed: int
    port: int
    provider_port: int
    custodian_port: int
    screening_port: int
    discord_port: int
    start_at: datetime | None = None
    speed: float = 1.0
    origin_s: float = 0.0
    poll_every_s: float = 10.0  # of ours
    final_after_s: float | None = None  # from a block until it is final; the sandbox's own
    with_sandboxes: Sequence[str] = SANDBOXES
    source: Path | None = None  # the checkout whose code runs; absent, where we stand

    @property
    def provider_url(self) -> str:
        return f"http://127.0.0.1:{self.provider_port}"

    @property
    def discord_url(self) -> str:
        return f"http://127.0.0.1:{self.discord_port}"

    @property
    def custodian_url(self) -> str:
        return f"http://127.0.0.1:{self.custodian_port}"

    @property
    def screening_url(self) -> str:
        return f"http://127.0.0.1:{self.screening_port}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def platform(self) -> Path:
        return self.output / "platform"

    @property
    def exports(self) -> Path:
        return self.output / "exports"


@contextmanager
def started(ground: Ground) -> Iterator[None]:
    """Start the sandboxes and then the platform, and end them with us."""
    with ExitStack() as stack:
        for name, program, url in sandboxes(ground):
            log = ground.output / f"{name}.log"
            stack.enter_context(process(program, log, ground.source))
            await_answer(f"{url}/_sandbox/health")
        log = ground.output / "platform.log"
        stack.enter_context(process(platform(ground), log, ground.source))
        await_answer(f"{ground.gateway_url}/health/ready", within_s=READY_WITHIN_S)
        yield


def sandboxes(ground: Ground) -> list[tuple[str, list[str], str]]:
    """Name each provider's sandbox, with its program and where it answers."""
    known = [
        ("provider", card(ground), ground.provider_url),
        ("custodian", custodian(ground), ground.custodian_url),
        ("screening", screening(ground), ground.screening_url),
        ("discord", discord(ground), ground.discord_url),
    ]
    return [sandbox for sandbox in known if sandbox[0] in ground.with_sandboxes]


def card(ground: Ground) -> list[str]:
    return [
        "sims.world.stripe",
        *("--port", str(ground.provider_port), "--seed", str(ground.seed)),
        *("--webhook-url", f"{ground.gateway_url}/api/webhooks/stripe"),
        *("--webhook-secret", SECRET, "--hold-s", "1"),
        *_clock(ground),
        *("--exports", str(ground.exports)),
    ]


def _clock(ground: Ground) -> list[str]:
    """Have a sandbox live in the time that is played."""
    if ground.start_at is None:
        return []
    return [
        *("--clock-start", ground.start_at.isoformat(), "--clock-speed", str(ground.speed)),
        *("--clock-origin-s", str(ground.origin_s)),
    ]


def discord(ground: Ground) -> list[str]:
    return [
        *("sims.world.discord", "--port", str(ground.discord_port)),
        *_clock(ground),
    ]


def custodian(ground: Ground) -> list[str]:
    final_after_s = ground.final_after_s
    return [
        "sims.world.custodian",
        *("--port", str(ground.custodian_port), "--seed", str(ground.seed)),
        *("--webhook-url", f"{ground.gateway_url}/api/webhooks/custodian"),
        *("--exports", str(ground.exports)),
        *([] if final_after_s is None else ["--complete-s", str(final_after_s)]),
        *_clock(ground),
    ]


def screening(ground: Ground) -> list[str]:
    port = str(ground.screening_port)
    return ["sims.world.screening", *("--port", port, "--seed", str(ground.seed))]


def platform(ground: Ground) -> list[str]:
    """Say how to start the services, with the sandboxes that there are."""
    arguments = [
        *("toolkit", "embedded"),
        *("--directory", str(ground.platform), "--port", str(ground.port)),
        *("--stripe-url", ground.provider_url, "--webhook-secret", SECRET),
        *("--poll-every-s", str(ground.poll_every_s * ground.speed)),
    ]
    for name, url in (
        ("custodian", ground.custodian_url),
        ("screening", ground.screening_url),
        ("discord", ground.discord_url),
    ):
        if name in ground.with_sandboxes:
            arguments += [f"--{name}-url", url]
    if ground.start_at is not None:
        arguments += ["--start-at", ground.start_at.isoformat()]
        arguments += ["--speed", str(ground.speed), "--origin-s", str(ground.origin_s)]
    return arguments


def emptied(output: Path, mark: str) -> bool:
    """Clear away an earlier run of ours, which has this mark, and nothing else."""
    if output.exists() and any(output.iterdir()):
        if not (output / mark).exists():
            return False
        shutil.rmtree(output)
    output.mkdir(parents=True, exist_ok=True)
    (output / mark).touch()
    return True


@contextmanager
def process(
    arguments: Sequence[str], log: Path, source: Path | None = None
) -> Iterator[None]:
    """Run a program of ours beside us, and end it with us."""
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdout=sink,
            stderr=sink,
            cwd=source,
            start_new_session=True,
            preexec_fn=ends_with_us(),  # noqa: PLW1509 - one call of the kernel
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
