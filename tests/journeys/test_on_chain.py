"""A sale above the card's limit, on real parts: USDC, and the reconciliation of its day."""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from sims.demo.house import HttpHouse
from tests.deployment import SECRET, Story, process
from toolkit import embedded
from toolkit.core.money import Money
from toolkit.infra import settings as configuration
from toolkit.infra.issuer import Issuer, read_key
from toolkit.infra.processes import await_answer, free_port
from toolkit.infra.settings import Settings

PROJECT = Path(__file__).parents[2]
PRICE = Money(12_345_67)
BUYER, SELLER = "0x" + "b1" * 20, "0x" + "5e" * 20
QUIET_WITHIN_S = 120.0

pytestmark = [pytest.mark.slow, pytest.mark.embedded]


@dataclass
class Running:
    """The embedded platform with its sandboxes, and where each of them answers."""

    directory: Path
    gateway: str
    stripe: str
    custodian: str

    def run(self, *arguments):
        command = [sys.executable, "-m", *map(str, arguments)]
        return subprocess.run(
            command, cwd=PROJECT, capture_output=True, text=True, check=False
        )

    def rest(self):
        """Wait until nothing is left to say or to do, twice in a row."""
        deadline, calm = time.monotonic() + QUIET_WITHIN_S, 0
        while calm < 2:
            env = ("--env", self.directory / "platform.env")
            done = self.run("toolkit", *env, "status")
            calm = calm + 1 if done.returncode == 0 else 0
            assert calm or time.monotonic() < deadline, done.stdout

    def deposit(self, to, amount):
        asked = {"to": to, "from": BUYER, "amount": amount}
        httpx.post(f"{self.custodian}/_sandbox/deposits", json=asked).raise_for_status()

    def returns_a_deposit(self):
        """Wait until the custodian was asked to send something back."""
        deadline = time.monotonic() + QUIET_WITHIN_S
        url = f"{self.custodian}/_sandbox/statistics"
        while (seen := httpx.get(url).json())["objects"]["transactions"] < 2:
            assert time.monotonic() < deadline, seen
            time.sleep(0.1)

    @asynccontextmanager
    async def people(self):
        kept = configuration.kept(self.directory / "platform.env")
        settings = Settings(**kept)
        key = read_key(self.directory / embedded.ISSUER_KEY)
        issuer = Issuer(settings.jwt_issuer, settings.jwt_audience, key, settings.clock)
        async with (
            httpx.AsyncClient(base_url=self.gateway, timeout=10.0) as gateway,
            httpx.AsyncClient(base_url=self.stripe, timeout=10.0) as provider,
        ):
            yield HttpHouse(settings.clock, issuer, gateway, provider)


@contextmanager
def running(directory):
    ports = [free_port() for _ in range(4)]
    gateway, stripe, custodian, vendors = (f"http://127.0.0.1:{port}" for port in ports)
    sandboxes = (
        ("stripe", stripe, "--exports", directory / "exports"),
        (
            *("custodian", custodian, "--exports", directory / "custody"),
            *("--complete-s", 1, "--webhook-url", f"{gateway}/api/webhooks/custodian"),
        ),
        ("screening", vendors),
    )
    with ExitStack() as stack:
        for name, url, *more in sandboxes:
            port = url.rpartition(":")[2]
            program = [f"sims.world.{name}", "--port", port, "--seed", "7", *map(str, more)]
            stack.enter_context(process(program, directory / f"{name}.log"))
            await_answer(f"{url}/_sandbox/health")
        profile = embedded.Profile(
            directory=directory,
            stripe_url=stripe,
            webhook_secret=SECRET,
            custodian_url=custodian,
            screening_url=vendors,
            http_port=ports[0],
            poll_every_s=3_600.0,  # so that what is told was told by webhook
        )
        stack.enter_context(embedded.platform(profile, print))
        yield Running(directory, gateway, stripe, custodian)


def reconciled(platform, day):
    """Write the day's reports and reconcile them; answer the summary."""
    custody = httpx.post(f"{platform.custodian}/_sandbox/exports/{day}").json()
    httpx.post(f"{platform.stripe}/_sandbox/exports/{day}").raise_for_status()
    exports = platform.directory / "exports" / day
    written = platform.directory / "custody" / day / "custodian_transactions.csv"
    (exports / written.name).write_bytes(written.read_bytes())
    totals = custody["files"][0]["control_totals"]
    held = f"{totals['holding_opening_minor']}:{totals['holding_closing_minor']}"
    own = [
        part for address in custody["own_addresses"] for part in ("--own-address", address)
    ]
    collected = platform.run(
        *("recon", "collect", "--day", day, "--archive", platform.directory / "archive"),
        *("--exports", exports, "--output", platform.directory / "in", *own),
        *("--own-funds", "STRIPE:USD:0:0", "--own-funds", f"CUSTODIAN:USDC:0:0:{held}"),
        "--no-bank-activity",
    )
    assert collected.returncode == 0, collected.stderr
    inputs, output = platform.directory / "in", platform.directory / "recon"
    done = platform.run(
        *("recon", "run", "--day", day, "--inputs", inputs, "--output", output)
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return json.loads((output / "summary.json").read_text())


async def test_a_sale_above_the_limit_is_paid_on_chain_and_reconciles(tmp_path):
    """The first deposit is too little and goes back; the second is held and paid out."""
    day = datetime.now(UTC).date().isoformat()
    with running(tmp_path) as platform:
        async with platform.people() as house:
            story = Story(house, "a-house", PRICE, SELLER)
            await story.agree()
            page = await story.seen(lambda page: page.provider_ref is not None)
            platform.deposit(page.provider_ref, "345.67")
            await asyncio.to_thread(platform.returns_a_deposit)
            platform.deposit(page.provider_ref, "12345.67")
            await story.reaches("FUNDS_HELD")
            await story.deliver()
            await story.reaches("DELIVERED")
            await story.release()
            await story.reaches("RELEASED")
        await asyncio.to_thread(platform.rest)
        summary = reconciled(platform, day)

    assert page.provider_ref.startswith("0x")
    assert (summary["verdict"], summary["discrepancies"]) == ("RECONCILED", {})
    [held] = [
        proof
        for proof in summary["proofs"]
        if (proof["rail"], proof["kind"]) == ("CUSTODIAN", "roll_forward")
    ]
    assert (held["activity_minor"], held["unexplained_minor"]) == (0, 0)
