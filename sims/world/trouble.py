"""What strikes a house now and then: one coroutine a kind, drawn from a seed or named.

Each strike heals by itself after a while; `heal` ends everything at once.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sims.world.broker import PROMPT, SMOOTH
from sims.world.calls import ProviderTimeout
from sims.world.database import WELL
from sims.world.faults import CALM, Outage
from sims.world.garbage import garbage
from sims.world.platform import Platform
from sims.world.screening.faults import CALM as CLEAR
from sims.world.stripe.errors import StripeError
from sims.world.time import SimTasks, Wait
from toolkit.messages.webhooks import WebhookReceived
from toolkit.runtime.retry import persistently

Strike = Callable[[Platform, Random], Coroutine[Any, Any, None]]

FROZEN_S = (1.0, 180.0)  # a session lasts 45 s
FAILOVER_S = (1.0, 60.0)
AWAY_S = (5.0, 180.0)
SLOW, SLOW_FOR_S = 200.0, (60.0, 600.0)
SKEW_MAX = timedelta(minutes=5)
STORM_S, MOVES_EVERY_S = (30.0, 180.0), (1.0, 5.0)
OUT_FOR_S = (60.0, 3_600.0)
REWINDS_MAX = 50
COMMANDS = ("escrow.commands.v1", "payments.commands.v1")


async def crash(platform: Platform, random: Random) -> None:
    """F1, F11: kill a process at any moment, or between two of its durable steps."""
    mood, names = random.random(), platform.instance_names()
    if mood < 0.3:
        await platform.restart(random.choice(names))
    elif mood < 0.5:
        platform.ambush(random.choice(names))
    else:
        service, step = platform.dangers.seldom()
        of_it = [name for name in names if name.partition("#")[0] == service]
        platform.ambush(random.choice(of_it), step)


async def rewind(platform: Platform, random: Random) -> None:
    """F2: let a service read again what it has handled, as after a reset of its offsets."""
    services = [n for n in platform.consumers if n in platform.databases]
    name = random.choice(services)
    database = platform.databases[name]
    if not database.cursors or not platform.processes[name].alive:
        return
    owned = [p for each in platform.consumers[name] for p in sorted(each.member.owned)]
    platform.crash(name)
    far_back = 0
    for partition in owned:
        cursor = database.cursors[partition]
        back = random.randint(0, REWINDS_MAX)
        kept_from = platform.broker.earliest(partition)  # before it is nothing to read
        offset = max(cursor.offset - back, min(kept_from, cursor.offset))
        far_back += cursor.offset - offset
        database.cursors[partition] = replace(cursor, offset=offset)
    platform.struck.strike("rewind", f"{name} reads {far_back} records again")
    platform.start(name)


async def lose_broker(platform: Platform, random: Random) -> None:
    """F4: nobody reaches Kafka for a while."""
    platform.broker.leave(random.uniform(*AWAY_S))


async def lose_provider(platform: Platform, random: Random) -> None:
    """F4: a provider answers 503 to everything, for up to an hour."""
    now = platform.clock.now()
    until = now + timedelta(seconds=random.uniform(*OUT_FOR_S))
    out = (Outage(now, until),)
    if random.random() < 0.5:
        whose = "card provider"
        platform.stripe.set_faults(replace(platform.faults, outages=out))
    else:
        whose = "custodian"
        platform.custodian.set_faults(replace(platform.custodian_faults, outages=out))
    platform.struck.strike("outage", f"{whose}, until {until:%H:%M:%S}")


async def fail_over(platform: Platform, random: Random) -> None:
    """F5: a database's sessions die, and new ones are refused for seconds."""
    database = platform.databases[random.choice(sorted(platform.databases))]
    database.fail_over(random.uniform(*FAILOVER_S))


async def slow_down(platform: Platform, random: Random) -> None:
    """F6: a database takes a second for what took milliseconds."""
    name = random.choice(sorted(platform.databases))
    database = platform.databases[name]
    database.ailments = replace(database.ailments, slowness=SLOW)
    platform.struck.strike("slow", f"database {name}")
    await Wait(platform.env.timeout(random.uniform(*SLOW_FOR_S)))
    database.ailments = replace(database.ailments, slowness=1.0)


async def put_clock_wrong(platform: Platform, random: Random) -> None:
    """F7: a machine's clock jumps, forwards or back."""
    name = random.choice(sorted(platform.clocks))
    clock = platform.clocks[name]
    platform.skew_max = SKEW_MAX
    clock.skew = SKEW_MAX * random.uniform(-1.0, 1.0)
    off_s = clock.skew.total_seconds()
    platform.struck.strike("jump", f"the clock of {name} is {off_s:+.0f} s off")


async def poison(platform: Platform, random: Random) -> None:
    """F8: bytes that nobody can read, or a webhook without sense; a person clears up."""
    at, id = platform.clock.now(), UUID(int=random.getrandbits(128), version=4)
    keys = sorted(platform.databases["escrow"].states)
    if keys and random.random() < 0.5:
        topic, key = random.choice(COMMANDS), random.choice(keys)
        platform.broker.append(topic, key, garbage(key, id, at))
    else:
        nonsense = WebhookReceived(
            provider="stripe",
            provider_event_id=f"evt_{random.getrandbits(64):016x}",
            provider_event_type="refund.updated",
            payload="{}",
            received_at=at,
        )
        await persistently(platform.clock, id, lambda: platform.door.receive(nonsense, id))
    platform.poisoned.add(id)
    platform.struck.strike("poison", str(id))


async def storm(platform: Platform, random: Random) -> None:
    """F9: for a while a further process of a service comes and goes, every few seconds."""
    service = random.choice(("escrow", "payments", "projections", "notifications"))
    name = f"{service}#9"
    until_s = platform.env.now + random.uniform(*STORM_S)
    if name in platform.processes and platform.processes[name].alive:
        return
    platform.struck.strike("storm", service)
    while platform.env.now < until_s:
        platform.start(name)
        await Wait(platform.env.timeout(random.uniform(*MOVES_EVERY_S)))
        platform.stop(name)
        await Wait(platform.env.timeout(random.uniform(*MOVES_EVERY_S)))


async def freeze(platform: Platform, random: Random) -> None:
    """F10: stop a process until others believe it dead, and let it go on.

    At any moment, or in the middle of a step that it goes on with when it wakes.
    """
    name, for_s = random.choice(platform.instance_names()), random.uniform(*FROZEN_S)
    if random.random() < 0.5:
        await platform.suspend(name, for_s)
        return

    async def stop_short(name: str, after_s: float) -> None:
        await Wait(platform.env.timeout(after_s))
        if platform.processes[name].alive:
            await platform.suspend(name, for_s)

    platform.dangers.ambush(name, strike=stop_short)


async def refund_by_hand(platform: Platform, random: Random) -> None:
    """F16: somebody at the provider's dashboard gives back a part, or two at once."""
    charges = [c for c in platform.stripe.books.charges.rows if c.unrefunded_minor > 0]
    if not charges:
        return
    charge = random.choice(charges)
    whose = charge.metadata.get("escrow_id", "")
    platform.struck.strike("by hand", f"{charge.id} of {whose}")
    platform.by_hand.add(whose)
    for _ in range(random.choice((1, 1, 2))):
        part = random.randint(1, charge.amount_minor)
        try:
            platform.client.post("/v1/refunds", {"charge": charge.id, "amount": part})
        except (StripeError, ProviderTimeout):
            continue  # more than there is left, or no answer
    platform.called.ring()


STRIKES: Mapping[str, Strike] = {
    "crashes": crash,
    "rewound_offsets": rewind,
    "broker_outages": lose_broker,
    "provider_outages": lose_provider,
    "failovers": fail_over,
    "slow_databases": slow_down,
    "wrong_clocks": put_clock_wrong,
    "poison": poison,
    "rebalance_storms": storm,
    "freezes": freeze,
    "refunds_by_hand": refund_by_hand,
}


async def strikes(platform: Platform, name: str, per_day: float, until: datetime) -> None:
    """Let one kind of trouble strike at Poisson moments, until the time of healing."""
    random = platform.stream(name)
    mean = timedelta(days=1) / per_day
    while True:
        await platform.clock.sleep(mean * random.expovariate(1.0))
        if platform.clock.now() >= until:
            return
        SimTasks(platform.env).spawn(STRIKES[name](platform, random))


def heal(platform: Platform) -> None:
    """End all trouble: what is still undone after this is lost for good."""
    platform.stripe.set_faults(CALM)
    platform.custodian.set_faults(CALM)
    platform.screening.follow(CLEAR)
    platform.discord.dice.follow(CALM)
    if platform.post_office is not None:
        platform.post_office.follow(CALM)
    platform.broker.duplicate_probability = 0.0
    platform.broker.hiccups, platform.broker.producing = SMOOTH, PROMPT
    platform.broker.away_until_s = -1.0
    platform.postman.forges = 0.0
    platform.dangers.clear()
    for database in platform.databases.values():
        database.ailments, database.refused_until_s = WELL, -1.0
    for clock in platform.clocks.values():
        clock.skew = timedelta()
