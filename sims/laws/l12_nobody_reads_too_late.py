"""L12: nothing was forgotten by the broker before those who listen had read it."""

from __future__ import annotations

from sims.laws.law import Complaints
from sims.world.platform import Platform


def at_rest(platform: Platform) -> Complaints:
    for gap in platform.broker.missed:
        last = gap.first + gap.count - 1
        yield f"{gap.group} came too late for {gap.first} to {last} of {gap.partition}"
