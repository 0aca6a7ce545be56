"""The way in: each piece of news is accepted once for ever."""

from uuid import UUID

import pytest

from tests.runtime.bench import NOW
from toolkit.messages.webhooks import WebhookReceived
from toolkit.runtime.intake import intake

NEWS = WebhookReceived(
    provider="stripe",
    provider_event_id="evt_1",
    provider_event_type="charge.succeeded",
    payload="{}",
    received_at=NOW,
)


@pytest.fixture
def door(bench):
    return intake(bench.database, bench.clock)


def test_news_is_kept_and_said(bench, door):
    assert bench.run(door.receive(NEWS, UUID(int=1))) is True
    (posting,) = bench.database.outbox.values()
    assert (posting.topic, posting.key) == ("webhook.events.v1", "evt_1")
    assert posting.cargo.message == NEWS


def test_the_same_id_is_news_once_for_ever(bench, door):
    bench.run(door.receive(NEWS, UUID(int=1)))
    for _ in range(3):
        bench.let(pass_=NOW - NOW.replace(year=2025))
        assert bench.run(door.receive(NEWS, UUID(int=1))) is False
    assert len(bench.database.events) == 1


def test_many_who_bring_the_same_at_once_bring_it_once(bench, door):
    answers = []

    async def bring():
        answers.append(await door.receive(NEWS, UUID(int=1)))

    for _ in range(10):
        bench.tasks.spawn(bring())
    bench.env.run()
    assert sorted(answers) == [False] * 9 + [True]


def test_the_trace_of_the_request_goes_with_the_news(bench, door):
    bench.run(door.receive(NEWS, UUID(int=1), "00-ab-cd-01"))
    (posting,) = bench.database.outbox.values()
    assert posting.cargo.traceparent == "00-ab-cd-01"
