"""A group in virtual time shares its partitions as Kafka's coordinator does."""

import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from sims.world.groups import Group, Protocol, Timing, spread
from sims.world.time import SimSignal, SimTasks, Wait
from toolkit.core.ports import Partition

SIX = [Partition("t", number) for number in range(6)]
EVERY_PROTOCOL = pytest.mark.parametrize("protocol", list(Protocol))


class Listener:
    """A member that polls at once when it is told to, or is busy for a while first."""

    def __init__(self, world, busy_s=0.0):
        self.world, self.busy_s = world, busy_s
        self.arrived = SimSignal(world.env)
        self.owned, self.history = set(), []
        self.member = world.group.join(self.arrived)
        self.tasks = SimTasks(world.env)
        self.tasks.spawn(self.listen())

    async def listen(self):
        while True:
            gone, come = self.member.polls()
            self.owned = self.owned - set(gone) | set(come)
            self.history.append((self.world.env.now, len(self.owned)))
            if self.busy_s:
                self.member.works()
                await Wait(self.world.env.timeout(self.busy_s))
            else:
                await self.arrived.heard()

    def die(self):
        self.tasks.kill()
        self.world.alive.remove(self)
        self.world.group.lose(self.member)


class World:
    def __init__(self, protocol):
        self.env = simpy.Environment()
        self.group = Group(self.env, SIX, protocol, Timing.of(protocol))
        self.alive = []

    def join(self, **how):
        self.alive.append(Listener(self, **how))
        return self.alive[-1]

    def after(self, seconds):
        self.env.run(until=self.env.now + seconds)

    def owned_once(self):
        owned = [p for each in self.alive for p in each.owned]
        return len(owned) == len(set(owned))


@EVERY_PROTOCOL
def test_one_member_has_everything(protocol):
    world = World(protocol)
    alone = world.join()
    world.after(10)
    assert alone.owned == set(SIX)


@EVERY_PROTOCOL
def test_three_members_have_two_partitions_each(protocol):
    world = World(protocol)
    members = [world.join() for _ in range(3)]
    world.after(60)
    assert [len(m.owned) for m in members] == [2, 2, 2]
    assert world.owned_once()


@EVERY_PROTOCOL
def test_the_partitions_of_the_dead_rest_until_its_session_is_over(protocol):
    world = World(protocol)
    first, second = world.join(), world.join()
    world.after(60)
    second.die()
    world.after(44)
    assert len(first.owned) == 3
    world.after(20)
    assert first.owned == set(SIX)


@EVERY_PROTOCOL
def test_a_goodbye_is_heard_at_once(protocol):
    world = World(protocol)
    first, second = world.join(), world.join()
    world.after(60)
    world.group.leave(second.member)
    second.tasks.kill()
    world.after(20)
    assert first.owned == set(SIX)


@EVERY_PROTOCOL
def test_who_goes_while_it_is_asked_to_give_something_up_holds_up_nobody(protocol):
    for goes_after_s in (1, 4, 6):
        world = World(protocol)
        first, second = world.join(), world.join(busy_s=20.0)
        world.after(60)
        world.join()
        world.after(goes_after_s)
        world.group.leave(second.member)
        second.tasks.kill()
        world.alive.remove(second)
        world.after(60)
        assert len(first.owned) == 3
        assert world.owned_once()


def newcomer(protocol):
    """Answer how few partitions the first member had while a second one came."""
    world = World(protocol)
    first = world.join()
    world.after(60)
    joined_s = world.env.now
    second = world.join()
    world.after(60)
    assert len(second.owned) == 3
    return min(count for at_s, count in first.history if at_s >= joined_s)


def test_an_eager_group_stops_for_a_newcomer_and_the_others_do_not():
    assert newcomer(Protocol.EAGER) == 0
    assert newcomer(Protocol.COOPERATIVE) == 3
    assert newcomer(Protocol.CONSUMER) == 3


@pytest.mark.parametrize("protocol", [Protocol.EAGER, Protocol.COOPERATIVE])
def test_a_newcomer_waits_for_whoever_is_busy(protocol):
    world = World(protocol)
    world.join(busy_s=100.0)
    world.after(10)
    second = world.join()
    world.after(50)
    assert not second.owned
    world.after(300)
    assert len(second.owned) == 3


@EVERY_PROTOCOL
def test_whoever_is_busy_for_too_long_is_given_up(protocol):
    world = World(protocol)
    stuck = world.join(busy_s=10_000.0)
    world.after(10)
    second = world.join()
    world.after(320)
    assert stuck.member.is_gone
    assert second.owned == set(SIX)


def test_partitions_stay_where_they_are_when_that_is_fair():
    world = World(Protocol.COOPERATIVE)
    members = [world.join() for _ in range(2)]
    world.after(60)
    before = [set(m.owned) for m in members]
    world.join()
    world.after(60)
    for member, had in zip(members, before, strict=True):
        assert member.owned < had


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["join", "die", "wait"]), st.integers(0, 5), st.integers(1, 90)
    ),
    max_size=12,
)


@EVERY_PROTOCOL
@given(moves=MOVES)
@settings(deadline=None, max_examples=30)
def test_no_partition_has_two_living_owners_and_all_have_one_in_the_end(protocol, moves):
    world = World(protocol)
    world.join()
    for move, which, seconds in moves:
        if move == "join":
            world.join()
        if move == "die" and len(world.alive) > 1:
            world.alive[which % len(world.alive)].die()
        for _ in range(0, seconds, 2):
            world.after(2)
            assert world.owned_once()
    world.after(400)
    assert world.owned_once()
    assert {p for each in world.alive for p in each.owned} == set(SIX)
    counts = [len(each.owned) for each in world.alive]
    assert max(counts) - min(counts) <= 1


def test_a_share_is_even_whatever_was_before():
    world = World(Protocol.EAGER)
    members = [world.join().member for _ in range(4)]
    world.after(0.1)
    target = spread(SIX, members, dict.fromkeys(SIX, members[0]))
    assert sorted(len(share) for share in target.values()) == [1, 1, 2, 2]
    assert len(target[members[0]]) == 2
