"""What a process shows to its operators: what it checks, what waits, and where to ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial

import httpx

from toolkit.archive.files import next_offset
from toolkit.assembly import Assembly, kafka_of
from toolkit.core.ports import Partition
from toolkit.infra.kafka_ends import BrokerEnds
from toolkit.infra.postgres.pool import Pool
from toolkit.infra.telemetry.backlog import Backlog
from toolkit.infra.telemetry.health import WITHIN_S, Check
from toolkit.infra.telemetry.operations import served
from toolkit.messages.topics import PARTITIONS
from toolkit.projections.store import newest_at
from toolkit.topology import ARCHIVED, Loop

# Whose tables tell how much a process has still to do, where it is not its own name's.
VIEWS = "projections"
KEEPS = {"gateway": ("intake", "gateway"), "archive": ()}


def chores(assembly: Assembly, service: str) -> list[Loop]:
    """Say what runs in a process so that it can be looked at."""
    ends = BrokerEnds(kafka_of(assembly.settings))
    watch, clock = assembly.watch, assembly.world.clock
    backlogs = [
        Backlog(
            name,
            watch.metrics,
            clock,
            ends.ends,
            pool=assembly.pools[name],
            newest=partial(newest_at, assembly.pools[name]) if name == VIEWS else None,
        )
        for name in KEEPS.get(service, (service,))
    ]
    if service == "archive":  # it keeps files
        positions = _archived(assembly)
        backlogs = [Backlog(service, watch.metrics, clock, ends.ends, positions=positions)]
    checks = {"broker": ends.answers, "registry": _serves(assembly.settings.registry_url)}
    checks |= {f"postgres {name}": answers(pool) for name, pool in assembly.pools.items()}
    return [watch.health.watch(checks), *(backlog.run() for backlog in backlogs)]


def face(assembly: Assembly) -> AbstractContextManager[str]:
    """Open the operators' face of a process, and say where it is."""
    settings, watch = assembly.settings, assembly.watch
    host, port = settings.operations_host, settings.operations_port
    return served(watch.metrics, watch.health, host, port)


def answers(pool: Pool) -> Check:
    """Ask a database whether it answers."""

    async def check() -> bool:
        async with pool.connection() as connection:
            return (await (await connection.execute("select 1")).fetchone()) is not None

    return check


def _serves(url: str) -> Check:
    async def check() -> bool:
        async with httpx.AsyncClient(timeout=WITHIN_S) as client:
            return (await client.get(f"{url.rstrip('/')}/subjects")).is_success

    return check


def _archived(assembly: Assembly) -> Callable[[], Awaitable[Mapping[Partition, int]]]:
    root = assembly.settings.archive_root
    partitions = [Partition(t, n) for t in ARCHIVED for n in range(PARTITIONS[t])]

    async def positions() -> Mapping[Partition, int]:
        return {partition: next_offset(root, partition) for partition in partitions}

    return positions
