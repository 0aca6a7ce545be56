"""The poller tells of every transaction of the custodian's, whatever its state."""

import json

import pytest

from tests.contracts.custodian_worlds import Bank, key, simulated
from tests.sims.stripe.stripe_faces import MORNING
from toolkit.core.decider import Perform
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import InspectPayment
from toolkit.messages.webhooks import WebhookReceived
from toolkit.payments.custodian_news import CustodianNews
from toolkit.payments.webhooks import heard


@pytest.fixture
async def house():
    bank = Bank()
    async with simulated(bank.model) as api:
        wallet = await api.create_wallet("E1", "P1", key("wallet"))
        yield bank, api, CustodianNews(api=api), wallet


def told(item):
    """What payments makes of a piece of news."""
    return list(
        heard(
            WebhookReceived(
                provider="custodian",
                provider_event_id=item.provider_event_id,
                provider_event_type=item.provider_event_type,
                payload=json.dumps(item.payload),
                received_at=MORNING,
            )
        )
    )


async def test_a_transaction_is_news_in_whatever_state_and_has_it_inspected(house):
    bank, _, news, wallet = house
    ref = bank.deposit(wallet["address"])

    [item] = await news.since(MORNING)

    look = InspectPayment(rail=Rail.CUSTODIAN, object_ref=ref)
    assert told(item) == [Perform(command=look)]


async def test_a_transaction_has_the_same_name_in_every_poll(house):
    bank, api, news, wallet = house
    bank.deposit(wallet["address"])
    [one] = await news.since(MORNING)
    bank.pass_by(minutes=2)

    [two] = await CustodianNews(api=api).since(MORNING)

    assert one.id == two.id


async def test_they_are_told_from_the_oldest_to_the_newest(house):
    bank, _, news, wallet = house
    made = []
    for _ in range(3):
        made.append(bank.deposit(wallet["address"]))
        bank.pass_by(minutes=2)

    assert [item.provider_event_id for item in await news.since(MORNING)] == made


@pytest.mark.parametrize(
    "payload", ["[]", "{}", '{"notification": {"id": 7, "state": "COMPLETE"}}']
)
def test_what_is_no_notification_is_buried(payload):
    strange = WebhookReceived(
        provider="custodian",
        provider_event_id="N1",
        provider_event_type="transactions.inbound",
        payload=payload,
        received_at=MORNING,
    )
    with pytest.raises((KeyError, TypeError, ValueError)):
        list(heard(strange))


def test_a_webhook_of_nobody_we_know_is_buried():
    strange = WebhookReceived(
        provider="someone",
        provider_event_id="N1",
        provider_event_type="transactions.inbound",
        payload="{}",
        received_at=MORNING,
    )
    with pytest.raises(ValueError, match="someone"):
        list(heard(strange))
