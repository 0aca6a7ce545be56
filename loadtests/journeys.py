"""What people do with the platform, step by step, and how long each of their waits took.

A journey's first step is due when its person was meant to arrive. A later step is due once
the one before it has ended, so that a slow platform shows in every wait and is never
excused by a person who came late because of it.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any

import gevent

from loadtests.calls import Answer, Calls
from loadtests.samples import FLOW, OK, Sample
from loadtests.schedule import Arrival

TRY_AGAIN = frozenset({0, 409, 429, 500, 502, 503, 504})
TRY_AGAIN_S = 0.5
NOT_YET = frozenset({200, 404})
ON_CHAIN_ABOVE_MINOR = 10_000_00  # what is dearer goes in tokens
ON_CHAIN_MOST_MINOR = 250_000_00
TOKEN_UNITS = 10**6  # of the smallest unit in a token
UNSUSPECTED = "aaaa"  # the end of an address that no vendor warns of
EXECUTED_AT = "2026-01-05T09:00:00Z"


class GaveUp(Exception):  # noqa: N818 - says what happened
    """Somebody waited as long as they could."""


@dataclass(slots=True)
class Person:
    """One arrival with what it may use, and what it was told of its escrow."""

    arrival: Arrival
    calls: Calls
    random: Random
    amount_minor: int = 0
    escrow_id: str = ""
    accepted: bool = False
    paid: bool = False
    shown: str = ""

    @property
    def contract_id(self) -> str:
        return f"{self.calls.orders.run}-{self.arrival.number:07}"

    def someone(self, role: str) -> str:
        people = sorted(self.calls.orders.people[role])
        return people[self.arrival.number % len(people)]

    def key(self, step: str) -> str:
        return f"{self.contract_id}-{step}"

    def insist(
        self, ask: Callable[[float], Answer], done_before: Collection[int] = ()
    ) -> Answer:
        """Ask again until there is an answer that settles it; every try is a sample.

        `done_before` are answers that say, to a second try, that the first one took effect.
        """
        tries = 0
        due_s, end_s = self.calls.now_s, self.calls.now_s + self.calls.orders.patience_s
        while (answer := ask(due_s)).status in TRY_AGAIN and self.calls.now_s < end_s:
            tries += 1
            gevent.sleep(TRY_AGAIN_S)
            due_s = self.calls.now_s
        if not (answer.is_good or (tries and answer.status in done_before)):
            raise GaveUp(f"{answer.status} {answer.body}"[:200])
        return answer

    def say(self, route: str, path: str, role: str, body: Mapping[str, Any]) -> Answer:
        """Have a command accepted."""
        who, key = self.someone(role), self.key(route)
        return self.insist(
            lambda due_s: self.calls.ask(
                route, path, role, who, due_s=due_s, body=body, key=key
            )
        )

    def wait(
        self, flow: str, shows: Callable[[Mapping[str, Any]], object], since_s: float
    ) -> Any:
        """Reload the page until it shows something, and report the wait as a flow."""
        orders = self.calls.orders
        end_s = self.calls.now_s + orders.patience_s
        due_s = self.calls.now_s
        path = f"/api/contracts/{self.contract_id}/escrow"
        buyer = self.someone("buyer")
        while True:
            page = self.calls.ask(
                "/api/contracts/{id}/escrow",
                path,
                "buyer",
                buyer,
                due_s=due_s,
                good=NOT_YET,
            )
            if page.status == 200:
                self.escrow_id, self.shown = page.body["escrow_id"], page.body["state"]
                if found := shows(page.body):
                    self.flowed(flow, since_s, OK)
                    return found
            if self.calls.now_s > end_s:
                self.flowed(flow, since_s, "waited too long")
                raise GaveUp(flow)
            gevent.sleep(orders.look_every_s)
            due_s = self.calls.now_s

    def until(self, flow: str, states: Collection[str], since_s: float) -> None:
        self.wait(flow, lambda page: page["state"] in states, since_s)

    def flowed(self, flow: str, since_s: float, outcome: str) -> None:
        took_s = self.calls.now_s - since_s
        sample = Sample(
            at_s=since_s,
            kind=FLOW,
            name=flow,
            latency_s=took_s,
            service_s=took_s,
            outcome=outcome,
        )
        self.calls.recorder.write(sample)
        self.calls.told(FLOW, flow, sample, 0)


def open_escrow(person: Person) -> str:
    """Have a contract executed, and wait for where to pay."""
    most_minor = 2 * person.calls.orders.mean_amount_minor
    person.amount_minor = person.random.randint(1_00, most_minor)
    account = f"acct_{person.random.getrandbits(64):016x}"
    reference, _ = opened(person, account, "executed to payable")
    return reference


def opened(person: Person, account: str, flow: str) -> tuple[str, int]:
    """Have a contract executed; answer where to pay, and how much in its smallest unit."""
    arrival, calls = person.arrival, person.calls
    body = {
        "buyer_id": person.someone("buyer"),
        "seller_id": person.someone("seller"),
        "amount": {"minor": person.amount_minor, "currency": "USD"},
        "executed_at": EXECUTED_AT,
        "payee_account": account,
    }
    first_due = [arrival.at_s]

    def execute(due_s: float) -> Answer:
        due_s = first_due.pop() if first_due else due_s
        return calls.ask(
            "/api/contracts/{id}/executed",
            f"/api/contracts/{person.contract_id}/executed",
            "contracts",
            person.someone("contracts"),
            due_s=due_s,
            body=body,
            key=person.contract_id,
        )

    person.insist(execute)
    person.accepted = True
    reference, minor = person.wait(flow, _payable, arrival.at_s)
    return str(reference), int(minor)


def _payable(page: Mapping[str, Any]) -> tuple[str, int] | None:
    reference = (page.get("payment") or {}).get("provider_ref")
    return (reference, page["amount"]["minor"]) if reference else None


def pay(person: Person, intent: str) -> None:
    """Confirm at the provider, and wait until the money is held."""
    calls, since_s = person.calls, person.calls.now_s
    url = f"{calls.orders.provider}/v1/payment_intents/{intent}/confirm"
    headers = {
        "Authorization": f"Bearer {calls.orders.provider_key}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    person.insist(
        lambda due_s: calls.post(
            "provider: confirm", url, headers, b"payment_method=pm_card_visa", due_s=due_s
        ),
        done_before={400},
    )
    person.paid = True
    person.until("paid to funds held", {"FUNDS_HELD"}, since_s)


def send(person: Person, address: str) -> None:
    """Send tokens to an address, once, and wait until they are final and held."""
    calls, since_s = person.calls, person.calls.now_s
    whole, rest = divmod(person.amount_minor, TOKEN_UNITS)
    tokens = {"to": address, "from": wallet(person), "amount": f"{whole}.{rest:06}"}
    headers = {"Content-Type": "application/json"}
    url, body = f"{calls.orders.custodian}/_sandbox/deposits", json.dumps(tokens).encode()
    answer = calls.post("chain: transfer", url, headers, body, due_s=since_s)
    if not answer.is_good:
        raise GaveUp(f"{answer.status} {answer.body}"[:200])
    person.paid = True
    person.until("sent on chain to funds held", {"FUNDS_HELD"}, since_s)


def wallet(person: Person) -> str:
    """Draw somebody's address of whom the screening vendors know nothing bad."""
    return f"0x{person.random.getrandbits(144):036x}{UNSUSPECTED}"


def deliver(person: Person) -> None:
    since_s = person.calls.now_s
    path = f"/api/escrow/{person.escrow_id}/mark-delivered"
    person.say(
        "/api/escrow/{id}/mark-delivered", path, "seller", {"evidence": "handed over"}
    )
    person.until("delivered to shown", {"DELIVERED"}, since_s)


def escrow(person: Person) -> None:
    """Go all the way from the contract to the seller's money."""
    pay(person, open_escrow(person))
    deliver(person)
    release(person, "released to shown")
    person.until("whole escrow", {"RELEASED"}, person.arrival.at_s)


def on_chain(person: Person) -> None:
    """Deal in so much money that it goes in tokens, from wallet to wallet."""
    person.amount_minor = person.random.randint(
        ON_CHAIN_ABOVE_MINOR + 1, ON_CHAIN_MOST_MINOR
    )
    flow = "executed to payable on chain"
    address, person.amount_minor = opened(person, wallet(person), flow)
    send(person, address)
    deliver(person)
    release(person, "released to shown on chain")


def release(person: Person, flow: str) -> None:
    since_s = person.calls.now_s
    path = f"/api/escrow/{person.escrow_id}/release"
    person.say("/api/escrow/{id}/release", path, "buyer", {})
    person.until(flow, {"RELEASED"}, since_s)


def cancelled(person: Person) -> None:
    """Change one's mind before paying."""
    open_escrow(person)
    since_s = person.calls.now_s
    path = f"/api/escrow/{person.escrow_id}/cancel"
    person.say("/api/escrow/{id}/cancel", path, "buyer", {})
    person.until("cancelled to shown", {"CANCELLED"}, since_s)


def refunded(person: Person) -> None:
    """Object to what came; an admin gives the money back."""
    pay(person, open_escrow(person))
    deliver(person)
    path = f"/api/escrow/{person.escrow_id}/dispute"
    person.say("/api/escrow/{id}/dispute", path, "buyer", {"reason": "not as agreed"})
    dispute = person.wait(
        "disputed to shown",
        lambda page: page["state"] == "DISPUTED" and page["disputes"],
        person.calls.now_s,
    )[-1]["dispute_id"]
    since_s = person.calls.now_s
    body = {"escrow_id": person.escrow_id, "resolution": "REFUND"}
    person.say(
        "/api/disputes/{id}/resolve", f"/api/disputes/{dispute}/resolve", "admin", body
    )
    person.until("resolved to refunded", {"REFUNDED"}, since_s)


def reading(person: Person) -> None:
    """Look through the newest escrows as finance does, three pages of them."""
    calls, path = person.calls, "/api/projections/escrows?limit=50"
    due_s: float = person.arrival.at_s
    for _ in range(3):
        page = calls.ask(
            "/api/projections/escrows", path, "admin", person.someone("admin"), due_s=due_s
        )
        following = (page.body or {}).get("next_cursor") if page.is_good else None
        if not following:
            return
        path, due_s = f"/api/projections/escrows?limit=50&cursor={following}", calls.now_s


def webhook(person: Person) -> None:
    """Tell news as the provider does, and tell them twice: once is what counts."""
    orders = person.calls.orders
    news = {
        "id": "evt_" + person.contract_id.replace("-", ""),
        "object": "event",
        "type": "customer.updated",
        "created": int(time.time()),
        "data": {"object": {"id": f"cus_{person.arrival.number}", "object": "customer"}},
    }
    body = json.dumps(news).encode()
    url, due_s = f"{orders.host}/api/webhooks/stripe", person.arrival.at_s
    for _ in range(2):
        signed = _signature(body, orders.webhook_secret)
        headers = {"Stripe-Signature": signed, "Content-Type": "application/json"}
        person.calls.post("/api/webhooks/stripe", url, headers, body, due_s=due_s)
        due_s = person.calls.now_s


def _signature(body: bytes, secret: str) -> str:
    now_s = int(time.time())
    digest = hmac.new(secret.encode(), f"{now_s}.".encode() + body, sha256).hexdigest()
    return f"t={now_s},v1={digest}"


def look(person: Person) -> None:
    """Ask whether the platform is up: the smallest request there is."""
    calls = person.calls
    calls.ask(
        "/health/live",
        "/health/live",
        "admin",
        person.someone("admin"),
        due_s=person.arrival.at_s,
    )


JOURNEYS: Mapping[str, Callable[[Person], None]] = {
    "escrow": escrow,
    "on_chain": on_chain,
    "cancelled": cancelled,
    "refunded": refunded,
    "reading": reading,
    "webhook": webhook,
    "look": look,
}
OPENING = (
    "escrow",
    "on_chain",
    "cancelled",
    "refunded",
)  # those that leave an escrow behind
