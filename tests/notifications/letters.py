"""An office whose people are told by e-mail, SMS and webhooks, before its sandboxes."""

from dataclasses import dataclass, field, replace
from random import Random

from sims.world.letters import SimEndpoints, SimProvider, Way
from sims.world.receiver import ReceiverModel
from sims.world.sendgrid import SendGridModel
from sims.world.time import SimTasks
from sims.world.twilio import TwilioModel
from tests.notifications.office import Office, wish
from toolkit.messages.notifications import Channel
from toolkit.notifications.service import Channels, Email, Sms, Webhooks, post
from toolkit.notifications.signing import SecretMaker
from toolkit.runtime.agenda import AgendaWorker
from toolkit.runtime.breaker import Breaker

MAIL, PHONE, HOOK = "ada@example.org", "+15552340100", "https://hooks.example/hooks/ada"
ADDRESS = {Channel.EMAIL: MAIL, Channel.SMS: PHONE, Channel.WEBHOOK: HOOK}
SENDER, NUMBER = "escrow@example.org", "+15550000000"
REPORTS = "https://escrow.example/api/webhooks/twilio"
MAKER = SecretMaker(bytes(range(32)))


@dataclass
class LetterOffice(Office):
    """Ada's and Bob's office, with every channel open."""

    breakers: dict = field(default_factory=dict)

    def __post_init__(self):
        self.sendgrid = self.twilio = self.receiver = None
        super().__post_init__()

    def start(self):
        if self.sendgrid is None:
            self.sendgrid = SendGridModel(now=self.clock.now)
            self.twilio = TwilioModel(now=self.clock.now)
            self.receiver = ReceiverModel(now=self.clock.now)
            self.receiver.secrets["/hooks/ada"] = (MAKER.secret("ada", 1),)
        self.tasks = SimTasks(self.env)
        way = Way(self.env, Random(7))
        others = Channels(
            email=Email(SimProvider(way, self.sendgrid, "Bearer SG.sandbox"), SENDER),
            sms=Sms(
                SimProvider(way, self.twilio, self.twilio.authorization),
                self.twilio.account,
                NUMBER,
                REPORTS,
            ),
            webhooks=Webhooks(SimEndpoints(way, self.receiver), MAKER),
        )
        sender = post(
            self.database,
            self.clock,
            None,
            Breaker("discord", self.clock),
            others=others,
            breaker_of=self.breaker_of,
        )
        worker = AgendaWorker(
            self.database, self.handler, sender.perform, self.clock, self.tasks
        )
        self.tasks.spawn(worker.run())

    def breaker_of(self, name):
        return self.breakers.setdefault(name, Breaker(name, self.clock))

    def taken(self, channel):
        """What the channel's provider has, by reference, with what it was told last."""
        match channel:
            case Channel.EMAIL:
                return [m.args["notification_id"] for m in self.sendgrid.mails]
            case Channel.SMS:
                return [m.body.rsplit(" ", 1)[1] for m in self.twilio.messages]
            case Channel.WEBHOOK:
                return [*self.receiver.kept]

    def model(self, channel):
        return {
            Channel.EMAIL: self.sendgrid,
            Channel.SMS: self.twilio,
            Channel.WEBHOOK: self.receiver,
        }[channel]


def on(channel, person_id="ada", address=None, **other):
    """A wish to be told on a channel."""
    asked = wish(person_id, address or ADDRESS[channel])
    return replace(asked, channel=channel, **other)
