"""Buyers, sellers and an arbiter: who pays, delivers, objects or never answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Protocol
from zlib import crc32

from sims.world.habits import Habits
from sims.world.wallets import wallet
from toolkit.core.message import Command, derived, record
from toolkit.core.money import Money
from toolkit.core.ports import Clock
from toolkit.escrow.policy import CARD_NETWORK, COMPLIANCE, PAYOUTS
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
from toolkit.projections.model import EscrowView, State

HOUR = timedelta(hours=1)
EDGE_PRICES_MINOR = (1_00, 9_999_99, 10_000_00)
LOOKS_MAX = 200  # nobody reloads a page for ever
ENDED = (State.CANCELLED, State.REFUNDED, State.RELEASED)
RULES_MAX = 3  # times on one dispute, when nothing came of it
ATTENDS_EVERY = 12 * HOUR
ATTENDS_MAX = 80  # times; by then every dispute that a person can end has ended
NOT_FOR_PEOPLE = (CARD_NETWORK, COMPLIANCE)


@record
class Page:
    """What the platform shows of an escrow to its people."""

    state: State
    provider_ref: str | None
    held: Money | None
    dispute_id: str | None
    disputed_by: str | None = None
    due: Money | None = None

    @classmethod
    def of(cls, view: EscrowView) -> Page:
        """Show what the read model knows."""
        return cls(
            state=view.state,
            provider_ref=view.payment.provider_ref,
            held=view.agreement.held,
            dispute_id=view.dispute.dispute_id if view.dispute else None,
            disputed_by=view.dispute.raised_by if view.dispute else None,
            due=view.agreement.terms.amount if view.agreement.terms else None,
        )


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


class Chain(Protocol):
    """What people do with their wallets, where no platform sees them."""

    async def send(
        self, sender: str, to: str, base_units: int, symbol: str = "USDC"
    ) -> None:
        """Send a token on chain, of which nobody knows but the custodian."""
        ...

    async def blacklist(self, wallet: str) -> None:
        """Have the issuer of the token block a wallet."""
        ...


class Outside(Chain, Protocol):
    """What people do where no platform sees them: with their wallets and their banks."""

    async def charge_back(self, intent: str) -> str | None:
        """Have the bank take a card payment back; answer its dispute, if it does."""
        ...

    async def decide(self, dispute: str, *, is_won: bool) -> None: ...


RESOLUTIONS = {Resolution.RELEASE: 0.4, Resolution.REFUND: 0.35, Resolution.SPLIT: 0.25}


@dataclass(slots=True)
class Deal:
    """One contract and its two people. All they know is what the read model shows them."""

    house: House
    number: int
    habits: Habits
    random: Random
    outside: Chain | None = None  # without one, everybody pays by card
    ids: Random | None = None  # of what they say, where a story is told more than once
    is_on_chain: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_on_chain = self.outside is not None and self._chance(
            self.habits.pays_on_chain
        )

    @property
    def contract_id(self) -> str:
        return f"contract-{self.number:06}"

    @property
    def escrow_id(self) -> str:
        return str(derived("escrow", self.contract_id))

    @property
    def _ids(self) -> Random:
        return self.ids or self.random

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
        await self.house.tell(await self._contract(), self._ids)
        if self._chance(self.habits.never_pays) or not await self._pay():
            return
        if await self._seen(State.FUNDS_HELD):
            if await self._deliver():
                await self._judge()
            else:
                await self._wait(self.habits.gives_up_after)
                await self._dispute("nothing came")
        await self._attend()

    async def _contract(self) -> ContractExecuted:
        drawn = round(self.habits.price_median_minor * self.random.lognormvariate(0.0, 1.2))
        minor = min(max(drawn, 1_00), self.habits.price_max_minor)
        account = f"acct_{self.random.getrandbits(64):016x}"
        is_edge = self._happens(self.habits.asks_an_edge_price)
        if is_edge:
            minor = self.random.choice(EDGE_PRICES_MINOR)
        if self.is_on_chain:
            usual = self.habits.on_chain
            minor = self.random.randint(usual.price_min_minor, usual.price_max_minor)
            minor = usual.price_min_minor if is_edge else minor
            account = wallet(self.random, usual.seller_is_risky, usual.seller_is_sanctioned)
            if self.outside and self._chance(usual.seller_is_blacklisted):
                await self.outside.blacklist(account)
        return ContractExecuted(
            contract_id=self.contract_id,
            buyer_id=self.buyer_id,
            seller_id=self.seller_id,
            amount=Money(minor),
            executed_at=self.house.clock.now(),
            payee_account=account,
        )

    async def _pay(self) -> bool:
        await self._wait_about(self.habits.pays_within_h)
        intent = await self._intent()
        page = await self.house.look(self.escrow_id)
        if self.outside and intent and page and page.due and self.is_on_chain:
            await self._send(self.outside, intent, page.due)
            return True
        if intent and self._chance(self.habits.cancels):
            await self.house.send(
                CancelEscrow(
                    escrow_id=self.escrow_id,
                    actor_id=self.buyer_id,
                    reason=CancelReason.BUYER,
                ),
                self._ids,
            )
        if intent and self._chance(self.habits.card_is_declined_first):
            await self.house.pay(intent, "pm_card_chargeDeclined")
            await self._wait_about(0.5)
        return intent is not None and await self.house.pay(intent, "pm_card_visa")

    async def _send(self, outside: Chain, address: str, due: Money) -> None:
        """Pay from a wallet; some try with a little first, or with whatever they have."""
        usual, minor = self.habits.on_chain, due.minor
        sender = wallet(self.random, usual.buyer_is_risky, usual.buyer_is_sanctioned)
        if self._chance(usual.sends_another_token_first):
            await outside.send(sender, address, 5 * 10**17, "SHIB")
            await self._wait_about(2)
        if self._chance(usual.sends_a_part_first):
            await outside.send(sender, address, self.random.randint(1, minor - 1))
            await self._wait_about(2)
        if self._chance(usual.sends_too_much_first):
            await outside.send(sender, address, minor + self.random.randint(1, 10**9))
            await self._wait_about(2)
        await outside.send(sender, address, minor)

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
            self._ids,
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
                self._ids,
            )
            if self._happens(self.habits.changes_mind):
                await self._wait_about(self.habits.changes_mind_within_h)
                await self._dispute("on second thoughts")
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
            self._ids,
        )
        await self._seen(State.DISPUTED)

    async def _attend(self) -> None:
        """Look in until all is over: object when nothing comes, and have disputes ended."""
        ruled: Counter[str] = Counter()
        for _ in range(ATTENDS_MAX):
            page = await self.house.look(self.escrow_id)
            if page and page.state in ENDED:
                return
            if page and page.state is State.FUNDS_HELD:
                await self._dispute("nothing came")
            elif page and page.dispute_id and ruled[page.dispute_id] < RULES_MAX:
                await self._rule(page, ruled)
            await self._wait(ATTENDS_EVERY)

    async def _rule(self, page: Page, ruled: Counter[str]) -> None:
        """Let an arbiter end what a person, or a wallet that cannot be paid, has begun."""
        if page.disputed_by in NOT_FOR_PEOPLE or page.state is not State.DISPUTED:
            return
        await self._wait_about(self.habits.arbitrated_within_h)
        page = await self.house.look(self.escrow_id) or page
        if page.dispute_id and page.held and page.disputed_by not in NOT_FOR_PEOPLE:
            ruled[page.dispute_id] += 1
            verdict = self._verdict(page.dispute_id, page.held)
            is_in_vain = ruled[page.dispute_id] > 1  # there was less to share out by then
            if page.disputed_by == PAYOUTS or is_in_vain:
                verdict = replace(verdict, resolution=Resolution.REFUND, seller_amount=None)
            await self.house.send(verdict, self._ids)

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
            if page and page.state in ENDED:
                return False
            await self._wait(self.habits.looks_every)
        return False

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def _happens(self, probability: float) -> bool:
        """As above, but what never happens draws nothing, and so disturbs nobody."""
        return probability > 0 and self._chance(probability)

    async def _wait(self, delay: timedelta) -> None:
        await self.house.clock.sleep(delay)

    async def _wait_about(self, mean_h: float) -> None:
        await self._wait(HOUR * self.random.expovariate(1 / mean_h))
