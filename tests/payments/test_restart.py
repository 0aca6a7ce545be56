"""What the custodian has under way is not forgotten, however long we are away."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import simpy

from sims.world.custodian import CustodianModel
from sims.world.custodian_provider import SimSend
from sims.world.time import SimClock, SimSignal, SimTasks
from toolkit.core.errors import Declined
from toolkit.core.message import derived
from toolkit.core.ports import Delivery, Partition
from toolkit.infra.circle import Circle
from toolkit.infra.memory import MemoryDatabase
from toolkit.messages.escrow import Rail
from toolkit.payments.custodian import CustodianRail
from toolkit.payments.custodian_news import CustodianNews
from toolkit.payments.service import Rails, wire
from toolkit.runtime.agenda import AgendaWorker
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.intake import intake
from toolkit.runtime.poller import LOOK_BACK, Poller

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)


class House:
    """Payments with its poller, at a custodian who goes on whether we live or not."""

    def __init__(self):
        self.env = simpy.Environment()
        self.clock = SimClock(self.env, NOW)
        self.model = CustodianModel(now=self.clock.now, seed=7)
        self.api = Circle(SimSend(self.env, Random(7), self.model, SimSignal(self.env)))
        self.tasks = SimTasks(self.env)
        self.database, self.door = MemoryDatabase(self.tasks), MemoryDatabase(self.tasks)
        self.handler = BatchHandler("payments", self.database, self.clock, wire())
        made = self.api.create_wallet("E1", "P1", derived("wallet"))
        self.address = self.run(made)["address"]

    def run(self, work):
        return self.env.run(until=self.env.process(work))

    def let(self, **pass_):
        self.env.run(until=self.env.now + timedelta(**pass_).total_seconds())

    def deposit(self):
        paid = {"to": self.address, "from": "0x" + "b" * 40, "amount": "12000.50"}
        made = self.model.handle("POST", "/_sandbox/deposits", paid)
        return made.body["transaction"]["id"]

    def start(self):
        """Begin anew, with nothing but what the databases keep."""
        rails = Rails(rails={Rail.CUSTODIAN: CustodianRail(api=self.api)})
        worker = AgendaWorker(
            self.database, self.handler, rails.perform, self.clock, self.tasks
        )
        self.tasks.spawn(worker.run())

    def poll(self):
        """Ask the custodian once, and let payments hear of what was found."""
        door = intake(self.door, self.clock)
        poller = Poller(CustodianNews(api=self.api), door, self.clock)
        found = self.run(poller.poll())
        told = list(self.door.outbox.values())
        self.door.outbox.clear()
        self.run(self.handler.handle([delivered(posting.cargo) for posting in told]))
        return found

    def arrived(self):
        said = [e.message for e in self.database.events]
        return [m.provider_ref for m in said if type(m).__name__ == "DepositArrived"]


def delivered(envelope):
    return Delivery(
        partition=Partition("webhook.events.v1", 0),
        offset=0,
        key=envelope.key,
        envelope=envelope,
        cargo=envelope,
    )


@pytest.fixture
def house():
    return House()


def test_what_was_open_when_we_stopped_is_told_after_the_pollers_window(house):
    house.start()
    ref = house.deposit()
    assert house.poll() == 1
    house.tasks.kill()
    house.let(days=LOOK_BACK.days + 2)

    house.start()
    house.let(minutes=10)

    assert house.poll() == 0
    assert house.arrived() == [ref]


def test_one_that_is_not_shown_holds_up_no_other(house, caplog):
    hidden, shown = house.deposit(), house.deposit()
    house.api.send = Refusing(house.api.send, hidden)
    house.start()

    assert house.poll() == 2
    house.let(minutes=10)

    assert house.arrived() == [shown]
    assert f"{hidden}, which is not shown" in caplog.text


class Refusing:
    """A custodian who does not show one of its transactions."""

    def __init__(self, send, hidden):
        self.send, self.hidden = send, hidden

    async def __call__(self, method, path, params):
        if path.endswith(self.hidden):
            raise Declined("no such transaction")
        return await self.send(method, path, params)
