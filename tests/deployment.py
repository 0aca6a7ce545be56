"""The whole platform on real servers, and people who use it by its API."""

import asyncio
import subprocess
import sys
import time
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import httpx

from sims.demo.house import HttpHouse
from toolkit import embedded
from toolkit.core.message import derived
from toolkit.core.money import Money
from toolkit.infra import settings as configuration
from toolkit.infra.issuer import Issuer, read_key
from toolkit.infra.processes import (
    Supervisor,
    await_answer,
    ends_with_us,
    free_port,
)
from toolkit.infra.settings import Settings
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    MarkDelivered,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    ResolveDispute,
)
from toolkit.projections.model import State
from toolkit.topology import SERVICES

SECRET = "whsec_deployment"  # noqa: S105 - of a sandbox that lives for a test
PRICE = Money(250_00)
PATIENCE_S = 240.0  # a busy machine starts a service in half a minute
TRIES_MAX = 400
SPEED = 20.0  # of the platform's clock: a lease that a dead worker held is over in seconds
LOOK_EVERY_S = 0.25


@dataclass
class Deployment:
    """Every service as a process of its own, and a sandbox of the provider."""

    directory: Path
    supervisor: Supervisor
    settings: Settings
    provider_url: str
    custodian_url: str

    @property
    def gateway_url(self):
        return f"http://{self.settings.http_host}:{self.settings.http_port}"

    @property
    def dsn(self):
        return self.settings.postgres_dsn.get_secret_value()

    def advance(self, delay):
        """Let so much time pass for everybody: each service is started again in it."""
        start_at = (self.settings.clock.now() + delay).isoformat()
        origin_s = time.time()
        for url in (self.provider_url, self.custodian_url):
            forward = {"advance_s": delay.total_seconds()}
            httpx.post(f"{url}/_sandbox/clock", json=forward).raise_for_status()
        self.supervisor.environment.update(
            ESCROW_CLOCK_START_AT=start_at, ESCROW_CLOCK_ORIGIN_S=str(origin_s)
        )
        for service in SERVICES:
            self.supervisor.running[service].terminate()  # so they end side by side
        for service in SERVICES:
            self.supervisor.restart(service)
        kept = configuration.kept(self.directory / "platform.env")
        chosen = {**kept, "clock_start_at": start_at, "clock_origin_s": str(origin_s)}
        self.settings = Settings(**chosen)
        await_answer(f"{self.gateway_url}/health/ready", PATIENCE_S)

    def deposit(self, address, wallet, amount):
        """Somebody sends USDC from a wallet to an address."""
        sent = {"to": address, "from": wallet, "amount": amount}
        httpx.post(f"{self.custodian_url}/_sandbox/deposits", json=sent).raise_for_status()

    def paid_on_chain(self, wallet):
        """Answer what the custodian has sent to a wallet, and is final."""
        found = httpx.get(
            f"{self.custodian_url}/v1/w3s/transactions",
            params={"txType": "OUTBOUND", "state": "COMPLETE", "pageSize": 50},
            headers={"Authorization": "Bearer TEST_API_KEY:observer:sandbox"},
        )
        sent = found.raise_for_status().json()["data"]["transactions"]
        return [one["amounts"] for one in sent if one["destinationAddress"] == wallet]

    @asynccontextmanager
    async def people(self):
        """Open the doors that people come in by: the API, and the provider's pages."""
        key = read_key(self.directory / embedded.ISSUER_KEY)
        clock = self.settings.clock
        issuer = Issuer(self.settings.jwt_issuer, self.settings.jwt_audience, key, clock)
        bearer = {"Authorization": "Bearer sk_test_deployment"}
        async with AsyncExitStack() as stack:
            gateway = await stack.enter_async_context(
                httpx.AsyncClient(base_url=self.gateway_url, timeout=10.0)
            )
            provider = await stack.enter_async_context(
                httpx.AsyncClient(base_url=self.provider_url, headers=bearer, timeout=10.0)
            )
            yield HttpHouse(clock, issuer, gateway, provider, tries_max=TRIES_MAX)


@contextmanager
def deployed(servers, directory):
    """Run the platform for as long as a block lasts. `servers` are settings by name."""
    directory.mkdir(parents=True, exist_ok=True)
    ports = [free_port() for _ in range(4)]
    gateway, stripe, custodian, vendors = (f"http://127.0.0.1:{port}" for port in ports)
    start_at, origin_s = datetime.now(UTC), time.time()
    chosen = embedded.Profile(
        directory=directory,
        stripe_url=stripe,
        webhook_secret=SECRET,
        custodian_url=custodian,
        screening_url=vendors,
        http_port=ports[0],
        servers=servers,
        start_at=start_at,
        origin_s=origin_s,
        speed=SPEED,
        poll_every_s=5.0 * SPEED,
        ready_within_s=PATIENCE_S,
    )
    clock = [
        *("--clock-start", start_at.isoformat(), "--clock-speed", str(SPEED)),
        *("--clock-origin-s", str(origin_s)),
    ]
    hooks = f"{gateway}/api/webhooks"
    sandboxes = {
        "stripe": (
            *("--port", str(ports[1]), "--webhook-url", f"{hooks}/stripe"),
            *("--webhook-secret", SECRET, "--hold-s", "1", *clock),
        ),
        "custodian": (
            *("--port", str(ports[2]), "--webhook-url", f"{hooks}/custodian"),
            *("--complete-s", str(SPEED), *clock),
        ),
        "screening": ("--port", str(ports[3])),
    }
    with ExitStack() as stack:
        for name, told in sandboxes.items():
            program = [f"sims.world.{name}", "--seed", "7", *told]
            stack.enter_context(process(program, directory / f"{name}.log"))
        for url in (stripe, custodian, vendors):
            await_answer(f"{url}/_sandbox/health")
        supervisor = stack.enter_context(embedded.platform(chosen, print))
        kept = configuration.kept(directory / "platform.env")
        yield Deployment(directory, supervisor, Settings(**kept), stripe, custodian)


@contextmanager
def process(arguments, log):
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdout=sink,
            stderr=sink,
            preexec_fn=ends_with_us(),  # noqa: PLW1509 - one call of the kernel
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@dataclass
class Story:
    """One contract and what its people do, a step at a time."""

    house: HttpHouse
    name: str
    amount: Money = PRICE
    payee: str = ""
    random: Random = field(init=False)

    def __post_init__(self):
        self.random = Random(self.name)

    @property
    def escrow_id(self):
        return str(derived("escrow", self.name))

    async def agree(self):
        """The marketplace reports the contract."""
        contract = ContractExecuted(
            contract_id=self.name,
            buyer_id="ada",
            seller_id="bob",
            amount=self.amount,
            executed_at=self.house.clock.now(),
            payee_account=self.payee or f"acct_{self.random.getrandbits(64):016x}",
        )
        await self.house.tell(contract, self.random)

    async def pay(self, method="pm_card_visa"):
        page = await self.seen(lambda page: page.provider_ref is not None)
        await self.house.pay(page.provider_ref, method)

    async def address(self):
        """Where to pay on chain."""
        return (await self.seen(lambda page: page.provider_ref is not None)).provider_ref

    async def deliver(self):
        await self._send(MarkDelivered, actor_id="bob", evidence="handed over")

    async def release(self):
        await self._send(ReleaseFunds, actor_id="ada", reason=ReleaseReason.BUYER)

    async def cancel(self):
        await self._send(CancelEscrow, actor_id="ada", reason=CancelReason.BUYER)

    async def dispute(self):
        """The buyer objects; the answer names the dispute, and the page shows it."""
        dispute_id = str(derived("dispute", self.escrow_id))
        said = {"actor_id": "ada", "reason": "not as described", "dispute_id": dispute_id}
        await self._send(RaiseDispute, **said)
        return (await self.seen(lambda page: page.dispute_id is not None)).dispute_id

    async def resolve(self, dispute_id, resolution):
        said = {"actor_id": "arbiter", "dispute_id": dispute_id, "resolution": resolution}
        await self._send(ResolveDispute, **said)

    async def charge_back(self, outcome):
        """The buyer's bank takes the money back, and decides."""
        page = await self.seen(lambda page: page.provider_ref is not None)
        opened = await self.house.provider.post(
            "/_sandbox/disputes",
            json={"payment_intent": page.provider_ref, "reason": "fraudulent"},
        )
        await self.reaches("DISPUTED")
        dispute = opened.raise_for_status().json()["id"]
        closed = await self.house.provider.post(
            f"/_sandbox/disputes/{dispute}/close", json={"outcome": outcome}
        )
        closed.raise_for_status()

    async def reaches(self, state):
        """Reload the page until it shows this state."""
        await self.seen(lambda page: page.state is State(state))

    async def seen(self, told):
        """Reload the page until it tells this, and answer it."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            page = await self.house.look(self.escrow_id)
            if page and told(page):
                return page
            await asyncio.sleep(LOOK_EVERY_S)
        raise AssertionError(f"{self.name} did not come so far: it shows {page}")

    async def _send(self, command, **said):
        await self.house.send(command(escrow_id=self.escrow_id, **said), self.random)
