"""A platform's database, registry and issuer, for whoever operates it from a terminal."""

import asyncio
import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import uvicorn

from toolkit.__main__ import main
from toolkit.assembly import bring_up, open_database
from toolkit.core.message import first
from toolkit.core.money import Currency, Money
from toolkit.core.ports import Delivery, Partition
from toolkit.infra import settings as configuration
from toolkit.infra.clock import SystemClock
from toolkit.infra.issuer import Issuer, make_key, read_key
from toolkit.infra.registry import application
from toolkit.infra.registry_store import Registry
from toolkit.messages.escrow import CreateEscrow
from toolkit.messages.wire import WireFormat
from toolkit.runtime.handler import BatchHandler
from toolkit.topology import ROUTES

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
COMMANDS = Partition("escrow.commands.v1", 3)
BUG = "ValueError: a bug that is mended by now"


@contextmanager
def registry_url():
    """Serve an empty registry on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application(Registry()), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


class Platform:
    """One platform's settings, its people, and its dead letters."""

    numbers = count(1)

    def __init__(self, folder, dsn, registry_url):
        self.folder = folder
        self.env = folder / "platform.env"
        make_key(folder / "issuer.pem", folder / "keys.json")
        values = {
            "postgres_dsn": dsn,
            "kafka_bootstrap": "127.0.0.1:1",
            "registry_url": registry_url,
            "stripe_api_key": "sk_test_x",
            "stripe_webhook_secrets": "whsec_x",
            "jwt_issuer": "embedded",
            "jwt_audience": "escrow",
            "jwt_keys": str(folder / "keys.json"),
            "archive_root": folder / "archive",
        }
        configuration.save(self.env, values)
        self.settings = configuration.Settings(**values)
        bring_up(self.settings)

    def token(self, subject, role="admin"):
        """Sign somebody in; answer the file of their access token."""
        key = read_key(self.folder / "issuer.pem")
        issuer = Issuer("embedded", "escrow", key, SystemClock())
        file = self.folder / f"{subject}.{role}.jwt"
        file.write_text(issuer.token(subject, [role], timedelta(hours=1)))
        return str(file)

    def call(self, *argv):
        """Run an operator's command, and answer how it ended."""
        return main(["--env", str(self.env), "dead-letters", *argv])

    def as_(self, subject, *argv, role="admin"):
        return self.call(*argv, "--token-file", self.token(subject, role))

    def bury(self, *deliveries):
        """Let the escrow service meet what it cannot handle; answer the letter's name."""
        self.run(lambda handler: handler.handle(deliveries))
        ((id,),) = self.rows("select max(id) from escrow.dead_letters")
        return f"escrow/{id}"

    def run(self, work):
        async def run():
            async with open_database(self.settings, "escrow") as database:
                clock = self.settings.clock
                return await work(
                    BatchHandler("escrow", database, clock, ROUTES["escrow"]())
                )

        return asyncio.run(run())

    def rows(self, query):
        async def read(handler):
            async with handler.database.pool.connection() as connection:
                return await (await connection.execute(query)).fetchall()

        return self.run(read)


def create(escrow_id, number, problem=None):
    """Deliver a command that makes an escrow."""
    message = CreateEscrow(
        escrow_id=escrow_id,
        contract_id=f"contract of {escrow_id}",
        buyer_id="buyer",
        seller_id="seller",
        amount=Money(minor=100_00, currency=Currency.USD),
    )
    envelope = first(message, UUID(int=number), NOW)
    return Delivery(
        partition=COMMANDS,
        offset=number,
        key=escrow_id,
        envelope=envelope,
        cargo=WireFormat().encode(envelope),
        problem=problem,
    )


def printed(capsys):
    return json.loads(capsys.readouterr().out)


class Buried:
    """A dead letter of a key of its own, and another message of the key behind it."""

    def __init__(self, platform, **how):
        self.platform = platform
        self.numbers = [next(platform.numbers) for _ in range(2)]
        self.key = f"escrow-{self.numbers[0]}"
        self.first = create(self.key, self.numbers[0], BUG)
        letter = replace(self.first, **how)
        self.name = platform.bury(letter, create(self.key, self.numbers[1]))
        self.id = int(self.name.partition("/")[2])

    def list(self, *argv):
        return self.platform.call("list", "--json", "--key", self.key, *argv)

    def show(self, *argv):
        return self.platform.call("show", self.name, *argv)

    def ask(self, who, verb, reason="the bug is mended", role="admin"):
        asked = (verb, self.name, "--reason", reason)
        return self.platform.as_(who, *asked, role=role)

    def approve(self, who, action="replay"):
        return self.platform.as_(who, "approve", self.name, action)

    def causes(self):
        """Answer which of our messages an escrow was created by, if any."""
        rows = self.platform.rows(
            "select causation_id, type from escrow.events"
            f" where aggregate_id = '{self.key}' order by version"
        )
        return [
            self.numbers.index(cause.int) for cause, type in rows if type == "EscrowCreated"
        ]
