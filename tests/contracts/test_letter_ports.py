"""The ports of e-mail and SMS keep their promises in the simulator and over HTTP.

The providers' own libraries are asked too: what they send and verify, our sandboxes speak.
"""

import json
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random
from urllib.parse import parse_qsl

import pytest
import simpy
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook
from sendgrid.helpers.mail import CustomArg, Mail
from twilio.request_validator import RequestValidator

from sims.world.letters import SimProvider, Way
from sims.world.sendgrid import SendGridModel
from sims.world.sendgrid.events import SIGNATURE, TIMESTAMP
from sims.world.sendgrid.http import Served as ServedMail
from sims.world.sendgrid.http import application as mail_application
from sims.world.sendgrid.model import FEED_LAG
from sims.world.twilio import TwilioModel
from sims.world.twilio.callbacks import SIGNATURE as TWILIO_SIGNATURE
from sims.world.twilio.http import Served as ServedSms
from sims.world.twilio.http import application as sms_application
from tests.sims.stripe.stripe_faces import HandClock, served
from toolkit.core.errors import Unavailable
from toolkit.gateway.signers import read_key
from toolkit.infra import letters

ADA, PHONE, FROM = "ada@example.org", "+15552340100", "escrow@example.org"
CALLBACK = "https://escrow.example/api/webhooks/twilio?notification_id=n1"


class InTurn:
    """Lets SimPy run whatever a simulated call waits for."""

    def __init__(self, api, env):
        self._api, self._env = api, env

    async def call(self, *given):
        return self._env.run(until=self._env.process(self._api.call(*given)))


@asynccontextmanager
async def simulated(model, authorization):
    env = simpy.Environment()
    yield InTurn(SimProvider(Way(env, Random(7)), model, authorization), env)


@asynccontextmanager
async def mail_in_process(model):
    async with simulated(model, f"Bearer {model.key}") as api:
        yield api


@asynccontextmanager
async def mail_over_http(model):
    with served(ServedMail(model=model), mail_application) as url:
        async with letters.connect_sendgrid(model.key, url) as api:
            yield api


@asynccontextmanager
async def sms_in_process(model):
    async with simulated(model, model.authorization) as api:
        yield api


@asynccontextmanager
async def sms_over_http(model):
    with served(ServedSms(model=model), sms_application) as url:
        async with letters.connect_twilio(model.account, model.token, url) as api:
            yield api


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def mails(clock):
    return SendGridModel(now=clock.now)


@pytest.fixture
def texts(clock):
    return TwilioModel(now=clock.now)


@pytest.fixture(
    params=[mail_in_process, pytest.param(mail_over_http, marks=pytest.mark.embedded)]
)
async def post_office(request, mails):
    async with request.param(mails) as api:
        yield api


@pytest.fixture(
    params=[sms_in_process, pytest.param(sms_over_http, marks=pytest.mark.embedded)]
)
async def exchange(request, texts):
    async with request.param(texts) as api:
        yield api


async def mailed(api, to=ADA, notification_id="n1", **other):
    body = {
        "personalizations": [
            {"to": [{"email": to}], "custom_args": {"notification_id": notification_id}}
        ],
        "from": {"email": FROM},
        "subject": "news",
        "content": [{"type": "text/plain", "value": "hello"}],
        **other,
    }
    return await api.call("POST", "/v3/mail/send", body)


async def found(api, notification_id="n1"):
    query = f"(unique_args['notification_id']=\"{notification_id}\")"
    reply = await api.call("GET", "/v3/messages", {"query": query, "limit": 1})
    return reply.body["messages"]


async def texted(api, model, to=PHONE, body="hello", **other):
    form = {"To": to, "From": "+15550000000", "Body": body, **other}
    return await api.call("POST", model.path, form)


async def test_a_mail_is_taken_and_the_feed_shows_it_a_while_later(post_office, clock):
    reply = await mailed(post_office)
    assert (reply.status, bool(reply.headers["x-message-id"])) == (202, True)
    assert await found(post_office) == []
    clock.at += FEED_LAG
    assert len(await found(post_office)) == 1
    assert await found(post_office, "n2") == []


@pytest.mark.parametrize(
    "wrong", [{"subject": ""}, {"from": {"email": "nobody"}}, {"personalizations": []}]
)
async def test_a_mail_that_is_not_whole_is_refused(post_office, wrong):
    reply = await mailed(post_office, **wrong)
    assert reply.status == 400
    assert reply.body["errors"][0]["field"]


async def test_a_limit_says_when_it_ends(post_office, mails, clock):
    mails.dice.order("rate_limited", 1)
    reply = await mailed(post_office)
    assert reply.status == 429
    assert int(reply.headers["x-ratelimit-reset"]) > clock.at.timestamp()


async def test_a_time_out_may_hide_a_mail(post_office, mails):
    mails.dice.order("timed_out_after", 1)
    with pytest.raises(Unavailable):
        await mailed(post_office)
    assert len(mails.mails) == 1


async def test_a_bounce_is_told_and_what_follows_is_dropped(post_office, mails, clock):
    await mailed(post_office, "bounce-1@example.org")
    clock.at += timedelta(minutes=1)
    await mailed(post_office, "bounce-1@example.org", "n2")
    clock.at += timedelta(minutes=1)
    told = [delivery.event.type for delivery in mails.due_webhooks()]
    assert told == ["processed", "bounce", "dropped"]


async def test_an_sms_is_taken_and_listed_at_once_newest_first(exchange, texts, clock):
    for number in range(3):
        clock.advance(seconds=10)
        assert (await texted(exchange, texts, body=f"m{number}")).status == 201
    page = await exchange.call("GET", texts.path, {"To": PHONE, "PageSize": 2})
    assert [m["body"] for m in page.body["messages"]] == ["m2", "m1"]
    query = dict(parse_qsl(page.body["next_page_uri"].partition("?")[2]))
    rest = await exchange.call("GET", texts.path, query)
    assert [m["body"] for m in rest.body["messages"]] == ["m0"]
    assert rest.body["next_page_uri"] is None


@pytest.mark.parametrize(
    ("to", "code"),
    [("5552340100", 21_211), ("+15552340001", 21_211), ("+15552340010", 21_610)],
)
async def test_a_number_that_is_none_is_refused(exchange, texts, to, code):
    reply = await texted(exchange, texts, to)
    assert (reply.status, reply.body["code"]) == (400, code)


async def test_what_does_not_arrive_is_told_later(exchange, texts, clock):
    await texted(exchange, texts, "+15552340005", StatusCallback=CALLBACK)
    clock.at += timedelta(minutes=1)
    told = [(d.event.type, d.event.error_code) for d in texts.due_webhooks()]
    assert told == [("sent", None), ("undelivered", 30_005)]


@pytest.mark.embedded
async def test_a_wrong_key_is_refused(mails, texts):
    with served(ServedMail(model=mails), mail_application) as url:
        async with letters.connect_sendgrid("another", url) as api:
            assert (await mailed(api)).status == 401
    with served(ServedSms(model=texts), sms_application) as url:
        async with letters.connect_twilio(texts.account, "another", url) as api:
            assert (await texted(api, texts)).status == 401


@pytest.mark.embedded
def test_sendgrids_own_library_sends_through_the_sandbox(mails):
    mail = Mail(FROM, ADA, "news", plain_text_content="hello")
    mail.add_custom_arg(CustomArg("notification_id", "n1"))
    with served(ServedMail(model=mails), mail_application) as url:
        answer = SendGridAPIClient(mails.key, host=url).send(mail)
    assert answer.status_code == 202
    assert [(m.to, m.args["notification_id"]) for m in mails.mails] == [(ADA, "n1")]


async def test_sendgrids_own_library_verifies_what_the_sandbox_signs(mails, clock):
    async with mail_in_process(mails) as api:
        await mailed(api)
    clock.advance(minutes=1)
    (first, *_) = mails.due_webhooks()
    headers = first.headers
    checker = EventWebhook(mails.sealer.public_key)
    given = (first.payload.decode(), headers[SIGNATURE], headers[TIMESTAMP])
    assert checker.verify_signature(*given)
    assert not checker.verify_signature(given[0] + " ", *given[1:])
    assert read_key(mails.sealer.public_key).curve.name == "secp256r1"
    assert json.loads(first.payload)[0]["event"] == "processed"


async def test_twilios_own_library_verifies_what_the_sandbox_signs(texts, clock):
    async with sms_in_process(texts) as api:
        await texted(api, texts, StatusCallback=CALLBACK)
    clock.advance(minutes=1)
    (first, *_) = texts.due_webhooks()
    form = dict(parse_qsl(first.payload.decode()))
    checker = RequestValidator(texts.token)
    assert checker.validate(CALLBACK, form, first.headers[TWILIO_SIGNATURE])
    assert not checker.validate(f"{CALLBACK}1", form, first.headers[TWILIO_SIGNATURE])
