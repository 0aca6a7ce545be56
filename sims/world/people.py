"""Buyers, sellers and an arbiter: who pays, delivers, objects or never answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Protocol
from zlib import crc32

from toolkit.core.message import Command, derived, record
from toolkit.core.money import Money
from toolkit.core.ports import Clock
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    MarkDelivered,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    Resolution,
    ResolveDispute,
)
from toolkit.projections.model import State

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LOOKS_MAX = 200  # nobody reloads a page for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How people behave. Each probability is of one escrow, or of one step in it."""

    never_pays: float = 0.05
    cancels: float = 0.02
    card_is_declined_first: float = 0.06
    pays_within_h: float = 20.0  # mean; some miss the 72 h window
    never_delivers: float = 0.03
    delivers_within_h: float = 48.0  # mean
    releases: float = 0.55
    releases_within_h: float = 36.0  # mean
    disputes: float = 0.08
    gives_up_after: timedelta = 14 * DAY  # a buyer who waits for a delivery
    arbitrated_within_h: float = 30.0  # mean
    resolutions: Mapping[Resolution, float] | None = None
    price_median_minor: int = 180_00
    price_max_minor: int = 10_000_00
    looks_every: timedelta = timedelta(minutes=30)


@record
class Page:
    """What the platform shows of an escrow to its people."""

    state: State
    provider_ref: str | None
    held: Money | None
    dispute_id: str | None


class House(Protocol):
    """Where people deal: the simulated platform, or the real one over HTTP."""

    @property
    def clock(self) -> Clock: ...

    async def introduce(self, person_id: str) -> None:
        """Let a person say where they want to be told of their escrows."""
        ...

    async def tell(self, contract: ContractExecuted, random: Random) -> None: ...
    async def send(self, command: Command, random: Random) -> None: ...

    async def pay(self, intent: str, method: str) -> bool:
        """Pay on the provider's page, and answer whether the money may have gone."""
        ...

    async def look(self, escrow_id: str) -> Page | None: ...


def discord_id(person_id: str) -> str | None:
    """Say who somebody is on Discord: one in four is there, and a few let nobody write."""
    number = crc32(person_id.encode())
    if number % 4:
        return None
    end = "0007" if number % 44 == 0 else "1111"
    return f"3{number % 10**10:010}000{end}"


RESOLUTIONS = {Resolution.RELEASE: 0.4, Resolution.REFUND: 0.35, Resolution.SPLIT: 0.25}


@dataclass(slots=True)
class Deal:
    """One contract and its two people. All they know is what the read model shows them."""

    house: House
    number: int
    habits: Habits
    random: Random

    @property
    def contract_id(self) -> str:
        return f"contract-{self.number:06}"

    @property
    def escrow_id(self) -> str:
        return str(derived("escrow", self.contract_id))

    @property
    def buyer_id(self) -> str:
        return f"buyer-{self.number % 997:04}"

    @property
    def seller_id(self) -> str:
        return f"seller-{self.number % 89:04}"

    async def live(self) -> None:
        """Play the whole story of one escrow."""
        await self.house.introduce(self.buyer_id)
        await self.house.introduce(self.seller_id)
        await self.house.tell(self._contract(), self.random)
        if self._chance(self.habits.never_pays) or not await self._pay():
            return
        if not await self._seen(State.FUNDS_HELD):
            return
        if await self._deliver():
            await self._judge()
        else:
            await self._wait(self.habits.gives_up_after)
            await self._dispute("nothing came")

    def _contract(self) -> ContractExecuted:
        drawn = round(self.habits.price_median_minor * self.random.lognormvariate(0.0, 1.2))
        minor = min(max(drawn, 1_00), self.habits.price_max_minor)
        account = self.random.getrandbits(64)
        return ContractExecuted(
            contract_id=self.contract_id,
            buyer_id=self.buyer_id,
            seller_id=self.seller_id,
            amount=Money(minor),
            executed_at=self.house.clock.now(),
            payee_account=f"acct_{account:016x}",
        )

    async def _pay(self) -> bool:
        await self._wait_about(self.habits.pays_within_h)
        intent = await self._intent()
        if intent and self._chance(self.habits.cancels):
            await self.house.send(
                CancelEscrow(
                    escrow_id=self.escrow_id,
                    actor_id=self.buyer_id,
                    reason=CancelReason.BUYER,
                ),
                self.random,
            )
        if intent and self._chance(self.habits.card_is_declined_first):
            await self.house.pay(intent, "pm_card_chargeDeclined")
            await self._wait_about(0.5)
        return intent is not None and await self.house.pay(intent, "pm_card_visa")

    async def _intent(self) -> str | None:
        """Reload the payment page until it shows where to pay."""
        for _ in range(LOOKS_MAX):
            page = await self.house.look(self.escrow_id)
            if page and page.provider_ref:
                return page.provider_ref
            await self._wait(self.habits.looks_every / 4)
        return None

    async def _deliver(self) -> bool:
        if self._chance(self.habits.never_delivers):
            return False
        await self._wait_about(self.habits.delivers_within_h)
        await self.house.send(
            MarkDelivered(
                escrow_id=self.escrow_id, actor_id=self.seller_id, evidence="handed over"
            ),
            self.random,
        )
        return await self._seen(State.DELIVERED)

    async def _judge(self) -> None:
        """The buyer is content and says so, is content and silent, or objects."""
        mood = self.random.random()
        if mood < self.habits.releases:
            await self._wait_about(self.habits.releases_within_h)
            await self.house.send(
                ReleaseFunds(
                    escrow_id=self.escrow_id,
                    actor_id=self.buyer_id,
                    reason=ReleaseReason.BUYER,
                ),
                self.random,
            )
        elif mood < self.habits.releases + self.habits.disputes:
            await self._wait_about(self.habits.releases_within_h)
            await self._dispute("not as described")

    async def _dispute(self, reason: str) -> None:
        await self.house.send(
            RaiseDispute(
                escrow_id=self.escrow_id,
                dispute_id=str(derived("dispute", self.escrow_id)),
                actor_id=self.buyer_id,
                reason=reason,
            ),
            self.random,
        )
        if await self._seen(State.DISPUTED):
            await self._wait_about(self.habits.arbitrated_within_h)
            page = await self.house.look(self.escrow_id)
            if page and page.held and page.dispute_id:
                verdict = self._verdict(page.dispute_id, page.held)
                await self.house.send(verdict, self.random)

    def _verdict(self, dispute_id: str, held: Money) -> ResolveDispute:
        shares = self.habits.resolutions or RESOLUTIONS
        resolution = self.random.choices(list(shares), list(shares.values()))[0]
        if resolution is Resolution.SPLIT and held.minor > 1:
            part = Money(self.random.randrange(1, held.minor), held.currency)
        else:
            part = None
            resolution = Resolution.REFUND if resolution is Resolution.SPLIT else resolution
        return ResolveDispute(
            escrow_id=self.escrow_id,
            dispute_id=dispute_id,
            actor_id="arbiter",
            resolution=resolution,
            seller_amount=part,
        )

    async def _seen(self, state: State) -> bool:
        """Look now and then until the page says so; what goes another way ends the wait."""
        for _ in range(LOOKS_MAX):
            page = await self.house.look(self.escrow_id)
            if page and page.state is state:
                return True
            if page and page.state in (State.CANCELLED, State.REFUNDED, State.RELEASED):
                return False
            await self._wait(self.habits.looks_every)
        return False

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability

    async def _wait(self, delay: timedelta) -> None:
        await self.house.clock.sleep(delay)

    async def _wait_about(self, mean_h: float) -> None:
        await self._wait(HOUR * self.random.expovariate(1 / mean_h))
