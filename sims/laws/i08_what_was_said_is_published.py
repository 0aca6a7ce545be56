"""I8: the broker has every event, and an aggregate's versions in order without a gap."""

from __future__ import annotations

from collections import defaultdict

from sims.laws.law import Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.message import Envelope
from toolkit.core.ports import Partition

NARRATORS = ("intake", "escrow", "payments", "notifications")


def watching(_platform: Platform) -> Watching:
    newest: dict[tuple[str, str], int] = defaultdict(int)

    def said(partition: Partition, envelope: Envelope) -> Complaints:
        version = envelope.version
        if version is None:
            return
        told = partition.topic, envelope.key
        if version > newest[told] + 1:
            yield f"{told} went from version {newest[told]} to {version} on the broker"
        newest[told] = max(newest[told], version)

    return Watching(said=said)


def at_rest(platform: Platform) -> Complaints:
    published = {e.id for log in platform.broker.logs.values() for e in log}
    for name in NARRATORS:
        versions: dict[str, list[int | None]] = defaultdict(list)
        for envelope in platform.databases[name].events:
            versions[envelope.key].append(envelope.version)
            if envelope.id not in published:
                yield f"{envelope.type} {envelope.id} never reached the broker"
        for key, found in versions.items():
            if found != list(range(1, len(found) + 1)):
                yield f"{name} {key} has versions {found}"
