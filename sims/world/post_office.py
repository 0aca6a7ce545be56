"""Everything that tells people something beside Discord, and what comes back of it.

Nobody is told here unless the world is opened with it: the other histories stay as they
are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from random import Random
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import simpy

from sims.world.dangers import Dangers
from sims.world.database import SimDatabase
from sims.world.face import Teller
from sims.world.faults import CALM, Faults
from sims.world.letters import SimEndpoints, SimProvider, Way
from sims.world.receiver import ReceiverModel
from sims.world.sendgrid import SendGridModel
from sims.world.sendgrid.events import SIGNATURE, TIMESTAMP
from sims.world.time import Danger, SimClock, SimSignal, SimTasks, Wait
from sims.world.twilio import TwilioModel
from sims.world.twilio.callbacks import SIGNATURE as TWILIO_SIGNATURE
from sims.world.webhooks import Delivery
from toolkit.core.message import derived
from toolkit.gateway.problems import Refusal
from toolkit.gateway.reports import mails_in, read_form, sms_in, verify_mail, verify_sms
from toolkit.messages.notifications import ReportReturn, SetPreference
from toolkit.notifications.preferences import PreferenceDesk
from toolkit.notifications.service import NO_OTHERS, Channels, Email, Sms, Webhooks
from toolkit.notifications.signing import SecretMaker
from toolkit.runtime.retry import persistently

SENDER, NUMBER = "escrow@example.org", "+15550000000"
REPORTS = "https://escrow.example/api/webhooks/twilio"
REPORT_LATENCY_MEAN_S = 2.0


class House(Protocol):
    """The platform, as far as letters are concerned."""

    env: simpy.Environment
    clock: SimClock
    seed: int
    faults: Faults
    databases: dict[str, SimDatabase]
    processes: dict[str, SimTasks]
    dangers: Dangers
    has_post_office: bool
    post_office: PostOffice | None

    def stream(self, name: str) -> Random: ...


@dataclass(slots=True)
class PostOffice:
    """The three providers, and the postman who brings their reports."""

    env: simpy.Environment
    clock: SimClock
    seed: int
    platform: House
    faults: Faults = CALM
    sendgrid: SendGridModel = field(init=False)
    twilio: TwilioModel = field(init=False)
    receiver: ReceiverModel = field(init=False)
    called: SimSignal = field(init=False)
    secrets: SecretMaker = field(init=False)
    desk: PreferenceDesk = field(init=False)

    def __post_init__(self) -> None:
        now, latency_s = self.clock.now, REPORT_LATENCY_MEAN_S
        self.sendgrid = SendGridModel(now, self.seed, faults=self.faults)
        self.twilio = TwilioModel(now, self.seed, faults=self.faults)
        self.sendgrid.webhooks.latency_mean_s = latency_s
        self.twilio.webhooks.latency_mean_s = latency_s
        self.receiver = ReceiverModel(now, self.seed, self.faults)
        self.called = SimSignal(self.env)
        self.secrets = SecretMaker(sha256(f"webhooks {self.seed}".encode()).digest())
        database = self.platform.databases["notifications"]
        self.desk = PreferenceDesk(database, self.clock, self.secrets)

    def channels(self, random: Random, danger: Danger) -> Channels:
        """Say how a process of notifications reaches everybody."""
        way = Way(self.env, random, danger=danger)
        key, twilio = f"Bearer {self.sendgrid.key}", self.twilio
        sms = SimProvider(way, twilio, twilio.authorization, self.called)
        return Channels(
            email=Email(SimProvider(way, self.sendgrid, key, self.called), SENDER),
            sms=Sms(sms, twilio.account, NUMBER, REPORTS),
            webhooks=Webhooks(SimEndpoints(way, self.receiver), self.secrets),
        )

    def follow(self, faults: Faults) -> None:
        for model in (self.sendgrid, self.twilio, self.receiver):
            model.dice.follow(faults)

    def learn(self, wish: SetPreference, secret: str) -> None:
        """Let a reader verify with the secret they were shown."""
        assert wish.address is not None, "an endpoint has an address"
        self.receiver.secrets[urlsplit(wish.address).path] = (secret,)

    async def deliver(self) -> None:
        """Bring whatever the providers have to report, for ever."""
        providers: tuple[Teller, ...] = (self.sendgrid, self.twilio)
        while True:
            moments = (self.sendgrid.next_due_at(), self.twilio.next_due_at())
            due_at = min((at for at in moments if at), default=None)
            if due_at is None or due_at > self.clock.now():
                await self.called.heard(due_at - self.clock.now() if due_at else None)
                continue
            for provider in providers:
                for delivery in provider.due_webhooks():
                    if await self._knock(delivery):
                        provider.webhook_delivered(delivery)
                    else:
                        provider.webhook_failed(delivery)
            await Wait(self.env.timeout(0))

    async def _knock(self, delivery: Delivery[Any]) -> bool:
        """Do what the gateway does, if it is there: verify, read and tell."""
        if not self.platform.processes["gateway"].alive:
            return False
        try:
            reports = self._read(delivery)
        except Refusal:
            return False
        for report in reports:
            seed = derived("reported", report.notification_id)
            await persistently(self.clock, seed, partial(self.desk.report, report))
        return True

    def _read(self, delivery: Delivery[Any]) -> list[ReportReturn]:
        headers, body = delivery.headers, delivery.payload
        if delivery.url is None:
            signed = headers[TIMESTAMP].encode() + body
            public = self.sendgrid.sealer.private.public_key()
            verify_mail([public], signed, headers[SIGNATURE])
            return list(mails_in(body))
        form = read_form(body)
        verify_sms(self.twilio.token, delivery.url, form, headers[TWILIO_SIGNATURE])
        report = sms_in(dict(parse_qsl(urlsplit(delivery.url).query)), dict(form))
        return [report] if report else []


def opened(house: House) -> tuple[PreferenceDesk, PostOffice | None]:
    """Open the desk, and behind it every channel; other histories never hear of those."""
    if not house.has_post_office:
        return PreferenceDesk(house.databases["notifications"], house.clock), None
    office = PostOffice(house.env, house.clock, house.seed, house, house.faults)
    SimTasks(house.env).spawn(office.deliver())
    return office.desk, office


def letters_of(house: House) -> Channels:
    """Say how a process of notifications reaches people beside Discord."""
    if house.post_office is None:
        return NO_OTHERS
    random = house.stream("calls to the post office")
    return house.post_office.channels(random, house.dangers.look)
