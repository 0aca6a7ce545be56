"""Deals on chain: what the contract MilestoneEscrow is asked for, by our references.

Every operation looks first whether it is done, and sends only what is not. A call that is
answered with Unfinished is made again: it finds what became of it. So a crash, a lost
answer or a second process costs at most gas, and never a second payment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import Any
from uuid import UUID

from toolkit.core.errors import Declined, Unfinished
from toolkit.core.message import record
from toolkit.infra.chain.account import BLOCK, Account
from toolkit.infra.chain.contract import Contract, Log, artifact

NAME = "MilestoneEscrow"
Reference = UUID  # ours: a transaction's id, or what is derived of it


class State(IntFlag):
    """Where a deal is, as Vyper numbers its flags."""

    ABSENT = 0
    OPEN = 1
    FUNDED = 2
    DISPUTED = 4
    CLOSED = 8


@record
class Terms:
    """One milestone: who gets how many of the token's smallest units."""

    payee: str
    amount_minor: int


@record
class Done:
    """Where on chain something happened, deep enough not to go away."""

    chain_id: int
    tx_hash: str
    block_number: int


@record
class Balance:
    """What a deal holds of its token, and what has been booked to somebody."""

    held_minor: int
    claimable_minor: Mapping[str, int]


@record
class Signature:
    """An approver's word by EIP-712, given anywhere."""

    approver: str
    v: int
    r: int
    s: int


@dataclass(frozen=True, slots=True)
class ChainEscrow:
    """Speaks to one contract as its operator; `since` is the block that it was made in."""

    account: Account
    contract: Contract
    since: int = 0

    @classmethod
    def at(cls, account: Account, address: str, since: int = 0) -> ChainEscrow:
        return cls(account, Contract(account.rpc, address, artifact(NAME)), since)

    async def create(
        self,
        deal: Reference,
        *,
        buyer: str,
        seller: str,
        arbiter: str,
        token: str,
        terms: Sequence[Terms],
        deadline: datetime,
    ) -> Done:
        """Make a deal; whoever makes it again must mean the same one."""
        known = await self.contract.read("deals", _id(deal))
        if State(known[6]) is not State.ABSENT:
            same = (buyer, seller, arbiter, token)
            if tuple(a.lower() for a in known[:4]) != tuple(a.lower() for a in same):
                raise Declined(f"deal {deal} is there with other parties")
            return await self._done(deal, "DealCreated")
        asked = [(one.payee, one.amount_minor) for one in terms]
        deadline_s = int(deadline.timestamp())
        parties = (buyer, seller, arbiter, token)
        return await self._send(
            f"deal {deal}", "create", _id(deal), *parties, asked, deadline_s
        )

    async def fund(self, deal: Reference) -> Done:
        """Pay a deal's whole amount in, of the account's tokens; they must be allowed."""
        state = await self.state(deal)
        if state is State.ABSENT:
            raise Declined(f"there is no deal {deal}")
        if state is not State.OPEN:
            return await self._done(deal, "Funded")
        return await self._send(f"the funding of {deal}", "fund", _id(deal))

    async def approve(self, deal: Reference, milestone: int, by: Signature) -> Done:
        """Bring an approver's signature; the contract counts it once."""
        args = (_id(deal), milestone, by.approver)
        if await self.contract.read("has_approved", *args):
            return await self._done(
                deal, "Approved", milestone=milestone, approver=by.approver
            )
        return await self._send(
            f"an approval of {deal}/{milestone}",
            "approve_signed",
            *args,
            by.v,
            by.r,
            by.s,
        )

    async def schedule(self, deal: Reference, milestone: int) -> Done:
        """Start the time lock of a large release."""
        _, _, _, releasable_at = await self._milestone(deal, milestone)
        if releasable_at:
            return await self._done(deal, "Scheduled", milestone=milestone)
        return await self._send(
            f"the time lock of {deal}/{milestone}", "schedule", _id(deal), milestone
        )

    async def release(self, deal: Reference, milestone: int) -> Done:
        """Book a milestone to its payee; `withdraw` sends it there."""
        _, _, is_released, _ = await self._milestone(deal, milestone)
        if is_released:
            return await self._done(deal, "Released", milestone=milestone)
        return await self._send(
            f"the release of {deal}/{milestone}", "release", _id(deal), milestone
        )

    async def refund(self, deal: Reference) -> Done:
        """Give the buyer what is left, once the deadline has passed."""
        if await self.state(deal) is State.CLOSED:
            return await self._done(deal, "Refunded")
        return await self._send(f"the refund of {deal}", "refund", _id(deal))

    async def withdraw(self, token: str, payee: str) -> bool:
        """Send a payee what is booked to them; False where there is nothing (any more)."""
        if not await self.contract.read("claimable", token, payee):
            return False
        await self._send(f"the withdrawal of {payee}", "withdraw_for", token, payee)
        return True

    async def pause(self, *, is_paused: bool) -> Done | None:
        """Stop what goes forward, or let it go on; the account must be the guardian's."""
        if await self.contract.read("paused") == is_paused:
            return await self._newest("PauseChanged")
        return await self._send("the pause", "set_paused", is_paused)

    async def state(self, deal: Reference) -> State:
        return State((await self.contract.read("deals", _id(deal)))[6])

    async def balance(self, deal: Reference) -> Balance:
        """Read what is held, and what waits for each payee and the buyer in this token."""
        found = await self.contract.read("deals", _id(deal))
        buyer, seller, token, held = found[0], found[1], found[3], found[5]
        count = await self.contract.read("milestone_count", _id(deal))
        payees = [(await self._milestone(deal, n))[0] for n in range(count)]
        waits = {
            who: await self.contract.read("claimable", token, who)
            for who in dict.fromkeys((buyer, seller, *payees))
        }
        return Balance(held_minor=held, claimable_minor=waits)

    async def history(self, deal: Reference) -> Sequence[Log]:
        """Read all that ever happened to a deal, in its order."""
        topic = "0x" + _id(deal).hex()
        logs = await self.contract.logs(None, topic, from_block=self.since)
        return sorted(logs, key=lambda log: (log.block_number, log.log_index))

    async def digest(self, deal: Reference, milestone: int) -> bytes:
        """Answer what an approver is to sign."""
        found: bytes = await self.contract.read("digest", _id(deal), milestone)
        return found

    async def _milestone(self, deal: Reference, number: int) -> tuple[str, int, bool, int]:
        found: tuple[str, int, bool, int] = await self.contract.read(
            "milestone", _id(deal), number
        )
        return found

    async def _send(self, what: str, name: str, *arguments: Any) -> Done:
        data = self.contract.artifact.encoded(name, *arguments)
        tx_hash = await self.account.send(self.contract.address, data)
        raise Unfinished(f"{what} is on its way ({tx_hash})", BLOCK)

    async def _done(self, deal: Reference, name: str, **values: Any) -> Done:
        """Find where something happened; Unfinished while its block may go away again."""
        topic = "0x" + _id(deal).hex()
        logs = await self.contract.logs(name, topic, from_block=self.since)
        for log in logs:
            if all(_same(log.values[k], value) for k, value in values.items()):
                return await self._final(log)
        raise Declined(f"deal {deal} is past it: it was never {name}")

    async def _newest(self, name: str) -> Done | None:
        logs = await self.contract.logs(name, from_block=self.since)
        return await self._final(logs[-1]) if logs else None

    async def _final(self, log: Log) -> Done:
        if not await self.account.is_final(log.block_number):
            raise Unfinished(f"{log.tx_hash} is not deep enough yet", BLOCK)
        return Done(
            chain_id=await self.account.chain(),
            tx_hash=log.tx_hash,
            block_number=log.block_number,
        )


def _id(deal: Reference) -> bytes:
    """Write our reference as the contract has it: 32 bytes."""
    return deal.bytes.rjust(32, b"\0")


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, str):
        return str(found).lower() == wanted.lower()
    return bool(found == wanted)
