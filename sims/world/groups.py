"""Consumer groups in virtual time: who owns which partition, and how long a change takes.

Three protocols, as Apache Kafka 4 has them (KIP-62, KIP-429, KIP-848):

- eager: everybody gives up everything, meets, and gets a new share;
- cooperative: everybody meets twice, and only what moves is given up in between;
- consumer: nobody meets; the coordinator moves partitions one by one, by heartbeats.

A meeting waits for all whom the coordinator believes to be alive. One that died is believed
so until its session runs out, and one that handles a batch comes when it polls again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import simpy

from sims.world.time import SimSignal, SimTasks, Wait
from toolkit.core.message import record
from toolkit.core.ports import Partition


class Protocol(StrEnum):
    """How a group comes to a new assignment."""

    EAGER = "eager"
    COOPERATIVE = "cooperative"
    CONSUMER = "consumer"


@record
class Timing:
    """What a group is configured with; the defaults are Kafka's, in seconds."""

    session_s: float = 45.0
    heartbeat_s: float = 3.0
    poll_max_s: float = 300.0
    first_delay_s: float = 3.0  # an empty group waits for more to come

    @classmethod
    def of(cls, protocol: Protocol) -> Timing:
        """Answer the defaults of a protocol; the new one is paced by the broker."""
        if protocol is Protocol.CONSUMER:
            return cls(heartbeat_s=5.0, first_delay_s=0.0)
        return cls()


@dataclass(slots=True, eq=False)
class Member:
    """One consumer as its group knows it, and what it has yet to be told."""

    env: simpy.Environment
    name: str
    woken: SimSignal
    stirs: SimSignal
    joined_s: float
    owned: set[Partition] = field(default_factory=set)
    to_revoke: set[Partition] = field(default_factory=set)
    to_assign: list[Partition] = field(default_factory=list)
    busy_since_s: float | None = None
    awaited: simpy.Event | None = None  # succeeds when it polls, or is given up
    is_gone: bool = False

    def meets(self) -> simpy.Event:
        """Answer what happens when it polls the next time."""
        if self.awaited is None:
            self.awaited = self.env.event()
            self.woken.ring()
        return self.awaited

    def met(self) -> None:
        if self.awaited is not None:
            self.awaited.succeed()
            self.awaited = None

    def polls(self) -> tuple[list[Partition], list[Partition]]:
        """Take what there is to tell: partitions that went, and partitions that came."""
        self.busy_since_s = None
        gone, come = sorted(self.to_revoke), self.to_assign
        self.to_revoke, self.to_assign = set(), []
        self.owned.difference_update(gone)
        self.met()
        self.owned.update(come)
        return gone, come

    def works(self) -> None:
        """It has records in hand, and will not poll until they are handled."""
        self.busy_since_s = self.env.now
        if self.stirs.waiting:  # somebody waits for anybody to be busy
            self.stirs.ring()


@dataclass(slots=True, eq=False)
class Group:
    """The coordinator of one group."""

    env: simpy.Environment
    partitions: Sequence[Partition]
    protocol: Protocol = Protocol.COOPERATIVE
    timing: Timing = field(default_factory=Timing)
    members: list[Member] = field(default_factory=list)
    changed: SimSignal = field(init=False)
    stirs: SimSignal = field(init=False)  # rings when a member has work again
    rebalances: int = 0
    has_begun: bool = False
    serial: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        self.changed, self.stirs = SimSignal(self.env), SimSignal(self.env)
        SimTasks(self.env).spawn(self._coordinate())

    def join(self, woken: SimSignal) -> Member:
        """Come as a new member, who owns nothing yet; `woken` tells it to poll."""
        self.serial += 1
        member = Member(
            env=self.env,
            name=f"member {self.serial}",
            woken=woken,
            stirs=self.stirs,
            joined_s=self.env.now,
        )
        self.members.append(member)
        self.changed.ring()
        if len(self.members) == 2:  # alone, nobody is there to take over
            SimTasks(self.env).spawn(self._watch())
        return member

    def leave(self, member: Member) -> None:
        """Say goodbye: the others need not wait for the session to run out."""
        self._expel(member)

    def lose(self, member: Member) -> None:
        """It fell silent, dead or frozen. Nobody notices before its session is over."""
        SimTasks(self.env).spawn(self._expire(member))

    async def _expire(self, member: Member) -> None:
        await Wait(self.env.timeout(self.timing.session_s))
        self._expel(member)

    def _expel(self, member: Member) -> None:
        if member in self.members:
            self.members.remove(member)
            member.is_gone = True
            member.met()
            self.changed.ring()

    async def _watch(self) -> None:
        """Give up whoever has not polled for too long, as its own client does."""
        while len(self.members) > 1:
            patience_s, now_s = self.timing.poll_max_s, self.env.now
            for member in [m for m in self.members if m.busy_since_s is not None]:
                if now_s - (member.busy_since_s or 0.0) >= patience_s:
                    self._expel(member)
            busy = [m.busy_since_s for m in self.members if m.busy_since_s is not None]
            if busy:
                await Wait(self.env.timeout(min(busy) + patience_s - now_s))
            else:
                await self.stirs.heard()

    async def _coordinate(self) -> None:
        while True:
            await self.changed.heard()
            if not self.has_begun:
                await Wait(self.env.timeout(self.timing.first_delay_s))
                self.has_begun = True
            self.changed.is_kept = False
            if not self.members:
                self.has_begun = False
                continue
            self.rebalances += 1
            match self.protocol:
                case Protocol.EAGER:
                    await self._all_at_once()
                case Protocol.COOPERATIVE:
                    await self._in_two_rounds()
                case Protocol.CONSUMER:
                    await self._one_by_one()

    async def _all_at_once(self) -> None:
        await self._heartbeat(self.members)
        for member in self.members:
            member.to_revoke |= member.owned
            member.to_assign = []
        await self._meeting(self.members)
        self._give(spread(self.partitions, self.members, {}))

    async def _in_two_rounds(self) -> None:
        await self._heartbeat(self.members)
        await self._meeting(self.members)
        moving = self._take_what_moves()
        if moving:
            await self._meeting(moving)
            await self._meeting(self.members)
        self._give(spread(self.partitions, self.members, self._owners()))

    async def _one_by_one(self) -> None:
        losing = self._take_what_moves()
        if losing:
            await self._heartbeat(losing)
            await self._meeting(losing)
        target = spread(self.partitions, self.members, self._owners())
        gaining = [m for m in self.members if set(target[m]) - m.owned]
        await self._heartbeat(gaining)
        self._give(target)

    def _take_what_moves(self) -> list[Member]:
        """Tell those who have too much what to give up."""
        target = spread(self.partitions, self.members, self._owners())
        for member in self.members:
            member.to_revoke = member.owned - set(target[member])
        return [m for m in self.members if m.to_revoke]

    def _give(self, target: Mapping[Member, Sequence[Partition]]) -> None:
        taken = {p for m in self.members for p in m.owned if p not in m.to_revoke}
        for member, share in target.items():
            if member.is_gone:
                continue
            come = [p for p in share if p not in taken]
            member.to_assign = come
            if come:
                member.woken.ring()

    def _owners(self) -> dict[Partition, Member]:
        return {p: m for m in self.members for p in m.owned}

    async def _heartbeat(self, members: Iterable[Member]) -> None:
        """Wait until the last of these has asked how things are."""
        every_s = self.timing.heartbeat_s
        waits = [every_s - (self.env.now - m.joined_s) % every_s for m in members]
        if any(m.joined_s < self.env.now for m in members):
            await Wait(self.env.timeout(max(waits)))

    async def _meeting(self, members: Sequence[Member]) -> None:
        """Wait until all of these have polled, or have been given up."""
        for has_met in [m.meets() for m in members if not m.is_gone]:
            if not has_met.triggered:
                await Wait(has_met)


def spread(
    partitions: Sequence[Partition],
    members: Sequence[Member],
    owners: Mapping[Partition, Member],
) -> dict[Member, list[Partition]]:
    """Share partitions out evenly, and leave as many as possible where they are."""
    if not members:
        return {}
    base, extra = divmod(len(partitions), len(members))
    kept = {m: [p for p in partitions if owners.get(p) is m] for m in members}
    larger = sorted(members, key=lambda m: -len(kept[m]))[:extra]
    room = {m: base + (m in larger) for m in members}
    target = {m: kept[m][: room[m]] for m in members}
    placed = {p for share in target.values() for p in share}
    for partition in partitions:
        if partition not in placed:
            member = max(members, key=lambda m: room[m] - len(target[m]))
            target[member].append(partition)
    return target
