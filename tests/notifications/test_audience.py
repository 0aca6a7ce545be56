"""Every event is told or silent for a reason, and every letter can be written."""

from dataclasses import replace
from inspect import isclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sims.world.discord.model import CONTENT_LENGTH_MAX, PING
from tests.messages.examples import records, unhurried
from tests.notifications.office import NOW
from toolkit.core.message import Event
from toolkit.core.money import Currency, Money
from toolkit.messages import custody, escrow, payments
from toolkit.messages.escrow import EscrowDisputed, EscrowRefusedCommand, Resolution
from toolkit.messages.notifications import (
    Audience,
    Channel,
    Parties,
    SendNotification,
    Value,
)
from toolkit.notifications.audience import ALARMS, SILENT, TOLD, audiences
from toolkit.notifications.decider import values, written
from toolkit.notifications.discord import content, reference
from toolkit.notifications.email import SUBJECT_LENGTH_MAX, mail
from toolkit.notifications.rendering import (
    TEMPLATES,
    as_it_is,
    escape_markdown,
    in_one_alphabet,
    read_templates,
)
from toolkit.notifications.sms import BODY_LENGTH_MAX, text
from toolkit.notifications.sms import reference as sms_reference
from toolkit.notifications.webhook import event_type, payload

MAILS = read_templates("email", as_it_is)
MESSAGES = read_templates("sms", in_one_alphabet)
LETTERS = read_templates("discord", escape_markdown)
PARTIES = Parties(contract_id="C1", buyer_id="ada", seller_id="bob")
TOLD_TO = [(cls, audience) for cls, told in TOLD.items() for audience in told]


def letter(event, audience, *, is_known=True):
    about = (Value(name="contract_id", text=PARTIES.contract_id),) if is_known else ()
    return SendNotification(
        recipient_id="ada",
        notification_id="00000000-0000-5000-8000-000000000001",
        channel=Channel.DISCORD,
        address="80351110224678912",
        audience=audience,
        template=type(event).__name__,
        cause="00000000-0000-5000-8000-000000000002",
        values=(*values(event), *about),
    )


def test_every_event_of_escrow_and_payments_is_told_or_silent_for_a_reason():
    events = {
        cls
        for room in (escrow, payments, custody)
        for cls in vars(room).values()
        if isclass(cls) and issubclass(cls, Event) and cls.__module__ == room.__name__
    } - {escrow.EscrowEvent, payments.PaymentEvent}
    assert events == {*TOLD, *SILENT}, (
        "say in toolkit/notifications/audience.py who hears of it, and write its template; "
        "or say why nobody does"
    )
    assert not set(TOLD) & set(SILENT)
    assert all(SILENT.values())


@pytest.mark.parametrize("channel", ["discord", "email", "sms"])
def test_there_is_one_template_for_each_event_that_is_told(channel):
    files = {path.stem for path in (TEMPLATES / channel).iterdir()}
    assert files == {*(cls.__name__ for cls in TOLD), *ALARMS}, (
        f"write toolkit/notifications/templates/{channel}/<Event>.txt for each"
    )


def test_every_event_has_a_type_of_its_own_for_webhooks():
    types = {event_type(name) for name in (*(cls.__name__ for cls in TOLD), *ALARMS)}
    assert len(types) == len(TOLD) + len(ALARMS)
    assert event_type("EscrowFundsHeld") == "escrow.funds.held"


@pytest.mark.parametrize(
    ("cls", "audience"), TOLD_TO, ids=[f"{c.__name__}-{a}" for c, a in TOLD_TO]
)
def test_every_letter_can_be_written_whatever_happened(cls, audience):
    # Those on call are told even where nobody knows whose escrow it is.
    is_known = audience is not Audience.OPERATIONS

    @settings(unhurried, max_examples=10)
    @given(records(cls))
    def check(event):
        if isinstance(event, escrow.EscrowDisputeResolved):
            is_split = event.resolution is Resolution.SPLIT
            event = replace(event, seller_amount=Money(1) if is_split else None)
        sent = letter(event, audience, is_known=is_known)
        told = content(LETTERS, sent)
        assert len(told) <= CONTENT_LENGTH_MAX
        assert not PING.search(told)
        assert told.endswith(reference(sent))
        written = mail(MAILS, sent, "escrow@example.org")
        assert 0 < len(written["subject"]) <= SUBJECT_LENGTH_MAX
        assert "\n" not in written["subject"]
        assert written["content"][0]["value"].count("ref ") >= 1
        assert len(text(MESSAGES, sent)) <= BODY_LENGTH_MAX
        assert text(MESSAGES, sent).endswith(sms_reference(sent))
        assert len(payload(sent, NOW)) < 20_000

    check()


@settings(unhurried, max_examples=30)
@given(st.text(max_size=3_000))
def test_what_people_wrote_cannot_call_anybody_nor_make_a_link(text):
    event = EscrowDisputed(
        escrow_id="E1",
        dispute_id="D1",
        raised_by="ada",
        reason=f"@everyone https://x {text}",
    )
    told = content(LETTERS, letter(event, Audience.SELLER))
    assert not PING.search(told)
    assert "://" not in told
    assert len(told) <= CONTENT_LENGTH_MAX


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Money(1), "0.01 USD"),
        (Money(1_250_00), "1,250.00 USD"),
        (Money(2**63 - 1), "92,233,720,368,547,758.07 USD"),
        (Money(1, Currency.USDC), "0.000001 USDC"),
    ],
)
def test_money_is_written_to_the_last_unit(amount, text):
    assert written(amount) == text


@pytest.mark.parametrize(
    ("actor_id", "told"),
    [("ada", (Audience.BUYER,)), ("bob", (Audience.SELLER,)), ("timer", ())],
)
def test_a_refusal_is_told_to_whoever_asked(actor_id, told):
    refused = EscrowRefusedCommand(
        escrow_id="E1", command="ReleaseFunds", reason="not delivered", actor_id=actor_id
    )
    assert audiences(refused, PARTIES) == told


def test_no_party_hears_how_a_wallet_was_screened():
    for cls in (payments.WalletScreened, custody.FundsFrozen):
        assert TOLD[cls] == (Audience.OPERATIONS,)
