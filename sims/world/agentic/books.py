"""The books of the wallet provider: wallets, what came and went, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from sims.world.appointments import Appointments
from sims.world.faults import TRANSFER_FAILS, TRANSFER_STUCK, Dice
from sims.world.webhooks import Webhooks
from toolkit.core.money import Currency, Money, decimal

STUCK_FOR_MAX = timedelta(hours=6)  # a payment that a bank looks into


class Status(StrEnum):
    PENDING = "pending"
    AVAILABLE = "available"  # of a deposit: good funds
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class WalletError(Exception):
    """A refusal in the provider's own terms."""

    def __init__(self, http_status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.http_status, self.code, self.message = http_status, code, message

    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message}}


@dataclass(slots=True, kw_only=True)
class Entry:
    """Something that came or went; `lines` are those of a settlement."""

    id: str
    type: str
    status: Status
    minor: int
    created_at: datetime
    payer: str | None = None
    payee: str | None = None
    milestone: str | None = None
    reference: str | None = None
    failure_reason: str | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Wallet:
    """One wallet. Its milestones say what may be paid for each of them."""

    id: str
    owner: str
    funding_account: str
    milestones: dict[str, int]
    names: dict[str, str]
    metadata: dict[str, str]
    entries: list[Entry] = field(default_factory=list)

    @property
    def available_minor(self) -> int:
        """What may be paid out: good funds, less what left or is leaving."""
        came = sum(e.minor for e in self.entries if e.status is Status.AVAILABLE)
        went = sum(
            e.minor
            for e in self.entries
            if e.type != "deposit" and e.status is not Status.FAILED
        )
        return came - went

    @property
    def pending_minor(self) -> int:
        return sum(
            e.minor
            for e in self.entries
            if e.type == "deposit" and e.status is Status.PENDING
        )


@dataclass(slots=True, kw_only=True)
class Event:
    """Something that happened, as the provider lists and posts it."""

    id: str
    type: str
    created_at: datetime
    object: dict[str, Any]
    pending_webhooks: int = 0


@dataclass(slots=True)
class Books:
    """Everything the provider knows. Ids follow from the order of what was asked."""

    clock: Callable[[], datetime]
    dice: Dice
    webhooks: Webhooks[Event]
    chance: Random
    wallets: dict[str, Wallet] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    appointments: Appointments = field(default_factory=Appointments)
    counted: int = 0

    def id(self, prefix: str) -> str:
        self.counted += 1
        return f"{prefix}_{self.counted:08}"

    def wallet(self, id: str) -> Wallet:
        if id not in self.wallets:
            raise WalletError(404, "not_found", f"There is no wallet {id}.")
        return self.wallets[id]

    def tell(self, type: str, wallet: Wallet, entry: Entry | None = None) -> None:
        shown = entry_shape(entry) if entry else balance_shape(wallet)
        told = {**shown, "wallet": wallet.id, "metadata": wallet.metadata}
        event = Event(id=self.id("evt"), type=type, created_at=self.clock(), object=told)
        self.events.append(event)
        self.webhooks.send(event, self.clock())

    def deposit(self, wallet: Wallet, payer: str, minor: int, hold: timedelta) -> Entry:
        """Take money in; it can be paid out once it is good."""
        entry = Entry(
            id=self.id("dep"),
            type="deposit",
            status=Status.PENDING,
            minor=minor,
            payer=payer,
            created_at=self.clock(),
        )
        wallet.entries.append(entry)
        self.tell("deposit.pending", wallet, entry)
        self.appointments.later(self.clock() + hold, lambda: self._clear(wallet, entry))
        self.appointments.catch_up(self.clock())
        return entry

    def pay(self, wallet: Wallet, entry: Entry) -> Entry:
        """Send money out, at once or when a bank has looked into it."""
        wallet.entries.append(entry)
        if self.dice.strikes(TRANSFER_STUCK):
            wait = STUCK_FOR_MAX * self.chance.random()
            self.appointments.later(self.clock() + wait, lambda: self._end(wallet, entry))
        else:
            self._end(wallet, entry)
        return entry

    def _clear(self, wallet: Wallet, entry: Entry) -> None:
        entry.status = Status.AVAILABLE
        self.tell("deposit.available", wallet, entry)

    def _end(self, wallet: Wallet, entry: Entry) -> None:
        """A payment ends as a whole: with all of its lines, or none."""
        if self.dice.strikes(TRANSFER_FAILS):
            entry.status = Status.FAILED
            entry.failure_reason = "the payee's bank does not take it"
            self.tell("payment.failed", wallet, entry)
            return
        entry.status = Status.SUCCEEDED
        self.tell("payment.succeeded", wallet, entry)
        self.tell("balance.updated", wallet)


def text(minor: int) -> str:
    return decimal(minor, Currency.USD).replace(",", "")


def minor_of(value: object, name: str) -> int:
    """Read an amount such as `1200.00`; a refusal names the field."""
    try:
        minor = Money.parse(str(value), Currency.USD).minor
    except ValueError as error:
        raise WalletError(422, "invalid", f"{name}: {error}") from error
    if minor == 0:
        raise WalletError(422, "invalid", f"{name}: there is nothing to pay")
    return minor


def entry_shape(entry: Entry) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": entry.id,
        "type": entry.type,
        "status": entry.status.value,
        "amount": text(entry.minor),
        "currency": "USD",
        "created_at": entry.created_at.isoformat(),
        "payer": entry.payer,
        "payee": entry.payee,
        "milestone": entry.milestone,
        "reference": entry.reference,
        "failure_reason": entry.failure_reason,
    }
    if entry.lines:
        shape["payments"] = entry.lines
    return {name: value for name, value in shape.items() if value is not None}


def balance_shape(wallet: Wallet) -> dict[str, Any]:
    return {
        "id": wallet.id,
        "owner": wallet.owner,
        "currency": "USD",
        "funding_account": wallet.funding_account,
        "balance": {
            "available": text(max(wallet.available_minor, 0)),
            "pending": text(wallet.pending_minor),
        },
        "milestones": [
            {"id": id, "name": wallet.names[id], "amount": text(minor)}
            for id, minor in wallet.milestones.items()
        ],
    }


def event_shape(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "created_at": event.created_at.isoformat(),
        "data": {"object": event.object},
    }
