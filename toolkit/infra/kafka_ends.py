"""What a broker says of itself: whether it answers, and where its partitions end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from toolkit.core.errors import Unavailable
from toolkit.core.ports import Partition

log = logging.getLogger(__name__)

WITHIN_S = 4.0


class BrokerEnds:
    """Asks the broker, from a thread, and gives up in time."""

    def __init__(self, settings: Mapping[str, Any], within_s: float = WITHIN_S) -> None:
        self._admin = AdminClient(dict(settings), logger=log)
        self._within_s = within_s

    async def answers(self) -> bool:
        """Say whether the broker answers."""
        try:
            found = await asyncio.to_thread(self._admin.list_topics, timeout=self._within_s)
        except KafkaException:
            return False
        return bool(found.brokers)

    async def ends(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Answer the offset after the last record of each partition that there is.

        Raises Unavailable when the broker does not answer.
        """
        latest: Any = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        wanted = {TopicPartition(*p): latest for p in partitions}
        if not wanted:
            return {}
        asked = self._admin.list_offsets(wanted, request_timeout=self._within_s)
        answers = await asyncio.gather(
            *(asyncio.wrap_future(a) for a in asked.values()), return_exceptions=True
        )
        found = {
            Partition(place.topic, place.partition): answer.offset
            for place, answer in zip(asked, answers, strict=True)
            if not isinstance(answer, BaseException)
        }
        if not found:
            raise Unavailable(f"the broker does not say where it ends: {answers[0]}")
        return found
