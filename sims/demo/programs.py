"""What the demo starts: the providers' sandboxes and the platform, each with its orders."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path

from toolkit.infra.processes import ends_with_us

OPENS_AT = clock_time(9, 0)
SECRET = "whsec_demo"  # noqa: S105 - of a sandbox that lives for two minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The day to play: `seconds` of ours are `seconds * speed` of its own."""

    day: date
    escrows: int
    seconds: float
    speed: float
    seed: int
    output: Path
    port: int
    provider_port: int
    custodian_port: int
    screening_port: int
    discord_port: int
    origin_s: float

    @property
    def start_at(self) -> datetime:
        return datetime.combine(self.day, OPENS_AT, UTC)

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


def sandboxes(plan: Plan) -> list[tuple[str, list[str], str]]:
    """Name each provider's sandbox, with its program and where it answers."""
    return [
        ("provider", card(plan), plan.provider_url),
        ("custodian", custodian(plan), plan.custodian_url),
        ("screening", screening(plan), plan.screening_url),
        ("discord", discord(plan), plan.discord_url),
    ]


def card(plan: Plan) -> list[str]:
    return [
        "sims.world.stripe",
        *("--port", str(plan.provider_port), "--seed", str(plan.seed)),
        *("--webhook-url", f"{plan.gateway_url}/api/webhooks/stripe"),
        *("--webhook-secret", SECRET, "--hold-s", "1"),
        *_clock(plan),
        *("--exports", str(plan.output / "exports")),
    ]


def _clock(plan: Plan) -> list[str]:
    """Have a sandbox live in the day that is played."""
    return [
        *("--clock-start", plan.start_at.isoformat(), "--clock-speed", str(plan.speed)),
        *("--clock-origin-s", str(plan.origin_s)),
    ]


def discord(plan: Plan) -> list[str]:
    return [
        *("sims.world.discord", "--port", str(plan.discord_port)),
        *_clock(plan),
    ]


def custodian(plan: Plan) -> list[str]:
    return [
        "sims.world.custodian",
        *("--port", str(plan.custodian_port), "--seed", str(plan.seed)),
        *("--webhook-url", f"{plan.gateway_url}/api/webhooks/custodian"),
        *("--exports", str(plan.output / "exports")),
        *_clock(plan),
    ]


def screening(plan: Plan) -> list[str]:
    port = str(plan.screening_port)
    return ["sims.world.screening", *("--port", port, "--seed", str(plan.seed))]


def platform(plan: Plan) -> list[str]:
    return [
        "toolkit",
        "embedded",
        *("--directory", str(plan.platform), "--port", str(plan.port)),
        *("--stripe-url", plan.provider_url, "--webhook-secret", SECRET),
        *("--screening-url", plan.screening_url, "--discord-url", plan.discord_url),
        *("--custodian-url", plan.custodian_url),
        *("--start-at", plan.start_at.isoformat(), "--speed", str(plan.speed)),
        *("--origin-s", str(plan.origin_s), "--poll-every-s", str(10.0 * plan.speed)),
    ]


@contextmanager
def process(arguments: Sequence[str], log: Path) -> Iterator[None]:
    """Run a program of ours beside us, and end it with us."""
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            preexec_fn=ends_with_us(),  # noqa: PLW1509 - one call of the kernel
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
