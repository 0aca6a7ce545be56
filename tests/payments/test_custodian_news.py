"""The poller finds what the custodian's webhooks did not bring, however late it ends."""

import json
from datetime import timedelta

import pytest

from tests.contracts.custodian_worlds import SELLER, Bank, key, simulated
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
        yield bank, api, CustodianNews(api), wallet


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


async def test_a_final_transaction_is_news_and_has_it_inspected(house):
    bank, _, news, wallet = house
    ref = bank.deposit(wallet["address"])
    bank.pass_by(minutes=2)

    [item] = await news.since(MORNING)

    look = InspectPayment(rail=Rail.CUSTODIAN, object_ref=ref)
    assert told(item) == [Perform(command=look)]


async def test_what_is_not_final_is_no_news_yet(house):
    bank, _, news, wallet = house
    bank.deposit(wallet["address"])

    assert await news.since(MORNING) == []


async def test_what_ends_after_its_time_on_the_list_is_found_all_the_same(house):
    bank, _, news, wallet = house
    bank.deposit(wallet["address"])
    await news.since(MORNING)
    bank.pass_by(hours=5)

    later = bank.clock.now() - timedelta(minutes=10)
    first, second = await news.since(later), await news.since(later)

    assert (len(first), second) == (1, [])


async def test_the_same_end_has_the_same_name_in_every_poll(house):
    bank, api, news, wallet = house
    bank.deposit(wallet["address"])
    bank.pass_by(minutes=2)

    [one], [two] = await news.since(MORNING), await CustodianNews(api).since(MORNING)

    assert one.id == two.id


async def test_what_is_stuck_is_news(house):
    bank, api, news, wallet = house
    found = await api.transaction(bank.deposit(wallet["address"]))
    bank.pass_by(minutes=2)
    bank.control("faults/transfer_stuck/next")
    asked = {
        "walletId": wallet["id"],
        "tokenId": found["tokenId"],
        "destinationAddress": SELLER,
        "amounts": ["1"],
        "feeLevel": "MEDIUM",
    }
    made = await api.transfer(asked, key("out"))
    bank.pass_by(minutes=2)

    items = await news.since(bank.clock.now() - timedelta(minutes=3))

    assert made["id"] in {i.payload["notification"]["id"] for i in items}


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
