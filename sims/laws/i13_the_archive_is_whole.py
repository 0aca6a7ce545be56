"""I13: the archive holds every event once, in the order in which it was published."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from sims.laws.law import Complaints
from sims.world.garbage import is_readable
from sims.world.platform import Platform
from toolkit.core.ports import Partition
from toolkit.topology import ARCHIVED


def at_rest(platform: Platform) -> Complaints:
    for partition, log in platform.broker.logs.items():
        if partition.topic not in ARCHIVED:
            continue
        kept = _archived(platform.archive_root, partition)
        said = [str(envelope.id) for envelope in log if is_readable(envelope)]
        if kept != said:
            missing = Counter(said) - Counter(kept)
            yield f"the archive of {partition} lacks {missing.total()} of {len(said)}"


def _archived(root: Path, partition: Partition) -> list[str]:
    """Read the ids of a partition's chain of files; names sort as offsets do."""
    ids: list[str] = []
    for file in sorted((root / partition.topic / str(partition.number)).glob("*.parquet")):
        ids += pq.read_table(file, columns=["event_id"])["event_id"].to_pylist()
    return ids
