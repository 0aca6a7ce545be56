"""The gateway behind a real server and on a real database; only the broker is a memory."""

import asyncio
import threading
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn

from tests.audit.logbook import SIGNER
from tests.gateway.letter_signer import MAIL_KEY, MAKER, PUBLIC_URL, TWILIO_TOKEN
from tests.gateway.worlds import AUDIENCE, ISSUER, KEYS, SECRETS, Broker, HandClock, House
from toolkit.audit.reader import TrailReader
from toolkit.gateway.application import create
from toolkit.gateway.signers import Signers
from toolkit.gateway.store import ApprovalStore, PostgresKeys, PostgresProposals
from toolkit.gateway.tokens import Tokens
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.infra.postgres.table import Stateless
from toolkit.infra.postgres.wires import wire
from toolkit.infra.sealing import Keyring, new_key
from toolkit.infra.vault import Vault
from toolkit.messages.wire import WireFormat
from toolkit.notifications.preferences import PreferenceDesk
from toolkit.notifications.store import NotificationStore
from toolkit.projections.store import PostgresQueries, ViewStore
from toolkit.runtime.intake import intake

TOOLKIT = Path(__file__).parents[2] / "toolkit"
ROOMS = {
    "intake": TOOLKIT / "runtime",
    "gateway": TOOLKIT / "gateway",
    "projections": TOOLKIT / "projections",
    "notifications": TOOLKIT / "notifications",
    "audit": TOOLKIT / "audit",
}


@asynccontextmanager
async def application(dsn):
    """The gateway over the schemas that it opens, with Ada's and Eve's escrows in them."""
    wires, clock = WireFormat(), HandClock()

    def decode(topic, value, headers):
        return wires.decode(topic, wire(value, headers))

    async with (
        open_pool(dsn, "intake") as news,
        open_pool(dsn, "gateway") as own,
        open_pool(dsn, "projections") as views,
        open_pool(dsn, "notifications") as told,
        open_pool(dsn, "audit") as log,
    ):
        async with views.connection() as connection:
            states = House().views
            await ViewStore().save(connection, states, dict.fromkeys(states, 0), [])
        database = PostgresDatabase(news, "intake", Stateless(), wires.encode, decode)
        people = PostgresDatabase(
            told, "notifications", NotificationStore(), wires.encode, decode
        )
        yield create(
            queries=PostgresQueries(views),
            producer=Broker(),
            intake=intake(database, clock),
            preferences=PreferenceDesk(people, clock, MAKER),
            keys=PostgresKeys(own),
            approvals=PostgresDatabase(
                own, "gateway", ApprovalStore(), wires.encode, decode
            ),
            proposals=PostgresProposals(own),
            clock=clock,
            tokens=Tokens(ISSUER, AUDIENCE, KEYS, clock),
            webhook_secrets=SECRETS,
            details=Vault(own, Keyring({"one": new_key()}), clock),
            trails=TrailReader(log, verifier=SIGNER.verifier),
            signers=Signers((MAIL_KEY.public_key(),), TWILIO_TOKEN, PUBLIC_URL),
        )


def migrated(dsn):
    """Make the schemas that the gateway opens."""
    migrate(dsn, ROOMS)


@contextmanager
def served(dsn, **options):
    """The same behind uvicorn, on a port that the kernel chose; the address is given."""
    migrated(dsn)
    ready, found = threading.Event(), {}

    async def serve():
        async with application(dsn) as app:
            config = uvicorn.Config(app, port=0, log_level="warning", **options)
            found["server"] = Announcing(config, ready)
            await found["server"].serve()

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    try:
        assert ready.wait(20), "the server did not start"
        server = found["server"]
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"{'https' if server.config.is_ssl else 'http'}://127.0.0.1:{port}"
    finally:
        if "server" in found:
            found["server"].should_exit = True
        thread.join(20)


class Announcing(uvicorn.Server):
    def __init__(self, config, ready):
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self.ready.set()

    def install_signal_handlers(self):
        """Signals belong to the test run."""
