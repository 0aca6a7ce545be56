"""Those who verify, behind their port: orders over HTTP, and reports that come some day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from sims.world.vendor_face import VendorFace, application
from sims.world.verifiers import VerifierModel
from sims.world.verifiers.habits import Habits
from toolkit.closing.agents import AgentDesk, AgentRail
from toolkit.closing.reports import objection
from toolkit.core.errors import Unavailable, Unfinished
from toolkit.core.money import Money
from toolkit.infra.agents import AgentClient
from toolkit.infra.json_http import HttpCall
from toolkit.messages.closing import (
    CollectVerification,
    OrderVerification,
    VerificationStarted,
    VerificationType,
)
from toolkit.runtime.agenda import Attempt

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
RIGHT = "right"
PRICE = Money(300_000_00)
CURED = Habits(bad_news=dict.fromkeys(VerificationType, 0.0), gives_up=0.0)
ATTEMPT = Attempt(key=UUID(int=1), since=NOW, now=NOW, number=0)


def order(type, attempt=1):
    return OrderVerification(
        transaction_id="t",
        task_id=f"task of {type}",
        type=type,
        agent_id="agent",
        property_id="parcel-7",
        deadline=NOW + timedelta(days=14),
        attempt=attempt,
        price=PRICE,
    )


class Bench:
    def __init__(self, type, habits=CURED):
        self.now, self.type = NOW, type
        self.model = VerifierModel(now=lambda: self.now, seed=3, habits=habits)
        face = VendorFace(model=self.model, token=RIGHT)
        transport = httpx.ASGITransport(app=application(face))
        client = httpx.AsyncClient(
            transport=transport,
            base_url="http://agent",
            headers={"Authorization": f"Bearer {RIGHT}"},
        )
        self.rail = AgentRail(api=AgentClient(type, HttpCall("the agent", client)))

    async def ordered(self):
        (started,) = await self.rail.perform(order(self.type), ATTEMPT)
        assert isinstance(started, VerificationStarted)
        return CollectVerification(
            transaction_id="t",
            task_id=started.task_id,
            type=self.type,
            agent_id="agent",
            order_ref=started.order_ref,
        )


@pytest.mark.parametrize("type", VerificationType)
async def test_a_report_comes_in_its_time_and_says_what_it_must(type):
    bench = Bench(type)
    ask = await bench.ordered()
    with pytest.raises(Unfinished) as waits:
        await bench.rail.perform(ask, ATTEMPT)
    assert waits.value.retry_after >= timedelta(minutes=30)
    bench.now += timedelta(days=90)
    (submitted,) = await bench.rail.perform(ask, ATTEMPT)
    assert objection(type, submitted.report, PRICE) is None
    assert submitted.order_ref == ask.order_ref


@pytest.mark.parametrize("type", VerificationType)
async def test_bad_news_is_told_as_it_is(type):
    bench = Bench(type, replace(CURED, bad_news=dict.fromkeys(VerificationType, 1.0)))
    ask = await bench.ordered()
    bench.now += timedelta(days=90)
    (submitted,) = await bench.rail.perform(ask, ATTEMPT)
    assert objection(type, submitted.report, PRICE)


async def test_an_agent_who_gives_up_says_why():
    bench = Bench(VerificationType.INSPECTION, replace(CURED, gives_up=1.0))
    ask = await bench.ordered()
    bench.now += timedelta(days=90)
    (submitted,) = await bench.rail.perform(ask, ATTEMPT)
    assert submitted.reason == "the agent could not get in"


async def test_an_order_is_placed_once_for_its_key():
    bench = Bench(VerificationType.APPRAISAL)
    assert await bench.ordered() == await bench.ordered()
    assert len(bench.model.orders) == 1


async def test_a_hint_that_leads_to_another_order_tells_nothing():
    bench = Bench(VerificationType.LENDING)
    ask = await bench.ordered()
    bench.now += timedelta(days=90)
    assert await bench.rail.perform(replace(ask, task_id="another"), ATTEMPT) == []


async def test_whom_there_is_no_connection_to_works_by_hand():
    desk = AgentDesk()
    assert await desk.perform(order(VerificationType.LENDING), ATTEMPT) == []


async def test_an_agent_who_was_disconnected_is_waited_for():
    ask = await Bench(VerificationType.LENDING).ordered()
    with pytest.raises(Unavailable, match="not connected any more"):
        await AgentDesk().perform(ask, ATTEMPT)
