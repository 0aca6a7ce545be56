"""The poller finds exactly what no webhook has brought."""

from datetime import timedelta

import pytest

from tests.payments.card_world import PRICE, CardWorld
from toolkit.core.errors import Unavailable
from toolkit.messages.webhooks import WebhookReceived
from toolkit.payments.stripe_news import StripeNews, webhook, webhook_id
from toolkit.payments.webhooks import TELLING
from toolkit.runtime.poller import Poller


@pytest.fixture
def world():
    return CardWorld()


@pytest.fixture
def poller(world):
    return Poller(StripeNews(api=world.api), world.door, world.clock, timedelta(minutes=5))


def telling(world):
    """The events that matter to payments, oldest first."""
    return [event for event in world.model.books.events.rows if event.type in TELLING]


def bring(world, event):
    """Deliver one event as a webhook."""
    told = webhook({"id": event.id, "type": event.type}, "{}", world.clock.now())
    return world.run(world.door.receive(told, webhook_id(event.id)))


def known(world):
    return [e.message.provider_event_id for e in world.database.events]


def some(world, payments=6):
    for _ in range(payments):
        intent = world.client.create_payment_intent(
            {"amount": PRICE.minor, "currency": "usd"}
        )
        world.client.confirm_payment_intent(
            intent["id"], {"payment_method": "pm_card_visa"}
        )
        world.run(world.clock.sleep(timedelta(seconds=30)))


@pytest.mark.parametrize("came", [set(), {0, 3}, {0, 1, 2, 3, 4, 5}])
def test_it_finds_exactly_what_was_missed(world, poller, came):
    some(world)
    events = telling(world)
    for number in came:
        bring(world, events[number])
    assert world.run(poller.poll()) == len(events) - len(came)
    assert sorted(known(world)) == sorted(event.id for event in events)


def test_it_tells_the_oldest_first(world, poller):
    some(world)
    world.run(poller.poll())
    assert known(world) == [event.id for event in telling(world)]


def test_what_it_found_it_does_not_find_again(world, poller):
    some(world)
    world.run(poller.poll())
    assert world.run(poller.poll()) == 0
    some(world, 2)
    assert world.run(poller.poll()) == 2


def test_a_webhook_that_comes_after_it_was_found_is_no_news(world, poller):
    some(world)
    world.run(poller.poll())
    assert not any(bring(world, event) for event in telling(world))


def test_what_says_nothing_to_us_is_left_alone(world, poller):
    world.client.create_payment_intent({"amount": PRICE.minor, "currency": "usd"})
    assert world.run(poller.poll()) == 0


def test_more_events_than_a_page_holds_are_all_found(world, poller):
    some(world, 120)
    assert world.run(poller.poll()) == 120


def test_a_poll_that_fails_is_made_up_for_by_the_next(world, poller):
    some(world)
    world.be_out(timedelta(minutes=1))
    with pytest.raises(Unavailable):
        world.run(poller.poll())
    world.run(world.clock.sleep(timedelta(days=1)))
    assert world.run(poller.poll()) == 6


def test_it_goes_on_polling_whatever_happens(world, poller):
    some(world, 2)
    world.be_out(timedelta(hours=1))
    world.env.process(poller.run())
    world.env.run(until=world.env.now + 2 * 3_600)
    assert len(known(world)) == 2
    assert all(isinstance(e.message, WebhookReceived) for e in world.database.events)
