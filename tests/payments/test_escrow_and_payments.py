"""Escrow and payments together: in whatever order, all money is paid out or returned."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from tests.payments.provider import Provider
from toolkit.core.decider import Forget, Later, Perform
from toolkit.core.message import derived
from toolkit.core.money import Money
from toolkit.escrow.decider import escrow
from toolkit.escrow.service import wire
from toolkit.escrow.state import Cancelled, Refunded, Released
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    CreateEscrow,
    EscrowCommand,
    EscrowEvent,
    MarkDelivered,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    Resolution,
    ResolveDispute,
)
from toolkit.messages.payments import ChargebackOutcome, PaymentCommand, PaymentEvent
from toolkit.payments.decider import payments

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
ID = {"escrow_id": "E1"}
PAYMENT_ID = str(derived("payment", "E1"))
PRICE = Money(100_00)
HEARD_BY_ESCROW = tuple(wire())
DISPUTE = RaiseDispute(**ID, dispute_id="D1", actor_id="ada", reason="broken")


def resolve(how, part=None):
    return ResolveDispute(
        **ID, dispute_id="D1", actor_id="eve", resolution=how, seller_amount=part
    )


PEOPLE = (
    MarkDelivered(**ID, actor_id="bob", evidence="there"),
    ReleaseFunds(**ID, actor_id="ada", reason=ReleaseReason.BUYER),
    CancelEscrow(**ID, actor_id="ada", reason=CancelReason.BUYER),
    DISPUTE,
    resolve(Resolution.RELEASE),
    resolve(Resolution.REFUND),
    resolve(Resolution.SPLIT, Money(30_00)),
)
CHARGES, PARTS = ("ch_1", "ch_2"), (None, 1, 30_00)
OUTCOMES = list(ChargebackOutcome)
PAID = (PRICE, PRICE, Money(99_99), Money(1))


@dataclass
class House:
    """Two deciders, what is on its way between them, and the provider."""

    now: datetime = NOW
    provider: Provider = field(default_factory=Provider)
    states: dict = field(
        default_factory=lambda: {"escrow": escrow.initial, "payments": payments.initial}
    )
    on_its_way: dict = field(default_factory=dict)  # by topic, in order
    asked: list = field(default_factory=list)  # (key, command) in no order
    timers: dict = field(default_factory=dict)  # by service and name
    heard: set = field(default_factory=set)  # answers that a key has given already

    def say(self, message):
        topic = message.topic
        self.on_its_way.setdefault(topic, deque()).append(message)

    def tell(self, service, message):
        decider = escrow if service == "escrow" else payments
        self.states[service], outcome = decider.step(
            self.states[service], message, self.now
        )
        for consequence in outcome:
            match consequence:
                case Perform(command=command):
                    self.asked.append((len(self.heard) + len(self.asked), command))
                case Later(name=name):
                    self.timers[service, name] = consequence
                case Forget(name=name):
                    self.timers.pop((service, name), None)
                case EscrowEvent():
                    pass  # nobody here listens
                case _:
                    self.say(consequence)

    def deliver(self, choice):
        """Take the next message of one topic to whoever listens."""
        waiting = [queue for queue in self.on_its_way.values() if queue]
        if waiting:
            message = waiting[choice % len(waiting)].popleft()
            if isinstance(message, EscrowCommand | PaymentEvent) and isinstance(
                message, HEARD_BY_ESCROW
            ):
                self.tell("escrow", message)
            if isinstance(message, PaymentCommand):
                self.tell("payments", message)

    def perform(self, choice, *, is_declined=False):
        """Ask the provider one of the things it is to be asked, now."""
        if self.asked:
            key, command = self.asked.pop(choice % len(self.asked))
            self.heard.add(key)
            self.learn(self.provider.perform(key, command, is_declined=is_declined))

    def learn(self, facts):
        for fact in facts:
            self.tell("payments", fact)

    def wake(self, choice):
        """Let the time of a timer come."""
        if self.timers:
            key = sorted(self.timers)[choice % len(self.timers)]
            timer = self.timers.pop(key)
            self.now = max(self.now, timer.at)
            self.say(timer.command)

    def step(self, kind, choice):
        match kind:
            case "deliver":
                self.deliver(choice)
            case "perform":
                self.perform(choice)
            case "decline":
                self.perform(choice, is_declined=True)
            case "wake":
                self.wake(choice)
            case "person":
                self.say(PEOPLE[choice % len(PEOPLE)])
            case "pay" if self.states["payments"].intent_ref:
                amount = PAID[choice % len(PAID)]
                self.learn(self.provider.pay("E1", PAYMENT_ID, amount))
            case "chargeback":
                charge, minor = CHARGES[choice % 2], PARTS[choice % len(PARTS)]
                opened = self.provider.open_chargeback("E1", PAYMENT_ID, charge, minor)
                self.learn(opened)
            case "closing":
                outcome, charge = OUTCOMES[choice % 2], CHARGES[choice // 2 % 2]
                closed = self.provider.close_chargeback("E1", PAYMENT_ID, outcome, charge)
                self.learn(closed)
            case "bounce":
                self.learn(self.provider.bounce())

    def settle(self):
        """Let everybody finish: nobody refuses, and no dispute stays open."""
        self.step("closing", 0)
        self.step("closing", 2)
        self.rest()
        for last in (PEOPLE[0], DISPUTE, resolve(Resolution.REFUND)):
            if isinstance(self.states["escrow"], ENDED):
                break
            self.say(last)
            self.rest()

    def rest_once(self):
        """Let all that is on its way arrive; no timer rings."""
        while any(self.on_its_way.values()) or self.asked:
            self.deliver(0) if any(self.on_its_way.values()) else self.perform(0)

    def rest(self):
        for _ in range(400):
            if any(self.on_its_way.values()):
                self.deliver(0)
            elif self.asked:
                self.perform(0)
            elif self.timers:
                self.wake(0)
            else:
                return
        raise AssertionError(f"it never comes to rest: {self.timers} {self.states}")


ENDED = Released | Refunded | Cancelled
KINDS = (
    *("deliver",) * 6,
    *("perform",) * 3,
    "decline",
    "wake",
    *("person",) * 2,
    "pay",
    "chargeback",
    "closing",
    "bounce",
)
moves = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 23)), max_size=60)
OPENING = [("deliver", 0)] * 2 + [("perform", 0), ("pay", 0)] + [("deliver", 0)] * 6


def played(story):
    house = House()
    house.say(
        CreateEscrow(**ID, contract_id="C1", buyer_id="ada", seller_id="bob", amount=PRICE)
    )
    for kind, choice in story:
        house.step(kind, choice)
    return house


@given(st.booleans(), moves)
def test_everything_is_paid_out_or_returned_in_the_end(is_usual, story):
    house = played([*(OPENING if is_usual else []), *story])
    house.settle()
    assert isinstance(house.states["escrow"], ENDED)
    provider = house.provider
    for charge, minor in provider.charged.items():
        gone = provider.out_minor(charge) + provider.taken.get(charge, 0)
        assert gone >= minor, f"{minor - gone} of {charge} is still here"
        assert provider.out_minor(charge) <= minor


@given(moves)
def test_a_seller_is_paid_for_nothing_but_an_escrow_that_was_held(story):
    house = played([*OPENING, *story])
    house.settle()
    sources = {source for source, _ in house.provider.sent.values()}
    assert len(house.provider.sent) <= 1
    assert sources <= {house.states["escrow"].held_ref} if sources else True


@example([("chargeback", 0)])
@given(moves)
def test_a_later_payment_is_given_back_whatever_becomes_of_the_first(story):
    house = played([*OPENING, ("pay", 0), *story])
    house.settle()
    provider = house.provider
    for charge in list(provider.charged)[1:]:
        assert provider.refunded.get(charge) == provider.charged[charge]


def test_the_usual_course_pays_the_seller_in_full():
    house = played(OPENING)
    for message in PEOPLE[:2]:
        house.say(message)
    house.rest()
    assert isinstance(house.states["escrow"], Released)
    assert [minor for _, minor in house.provider.sent.values()] == [PRICE.minor]


def test_a_payment_after_the_window_goes_back():
    house = played([("deliver", 0)] * 3 + [("perform", 0)])
    house.now += timedelta(days=4)
    house.wake(0)
    house.deliver(0)
    house.step("pay", 0)
    house.settle()
    assert isinstance(house.states["escrow"], Cancelled)
    assert house.provider.refunded == house.provider.charged
