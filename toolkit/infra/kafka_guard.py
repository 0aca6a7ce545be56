"""Holds a producer back before a broker that keeps little drops what nobody has read.

A mock broker forgets the oldest records of a partition without a word. The guard knows
what each partition was given, asks how far its readers are, and says how much more fits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock

from toolkit.core.errors import Unavailable
from toolkit.core.ports import Partition

ALL = 1 << 63  # beyond any offset


@dataclass(slots=True)
class Unread:
    """The sizes of what a partition was given, as far as somebody has yet to read it."""

    records: deque[tuple[int, int]] = field(default_factory=deque)  # offset, bytes
    total_bytes: int = 0


class Guard:
    """Keeps what is unread of any partition below a number of bytes.

    `read_up_to` answers the offset up to which every reader has handled a partition, or
    None when it has no readers.
    """

    def __init__(
        self, unread_bytes_max: int, read_up_to: Callable[[Partition], int | None]
    ) -> None:
        self.unread_bytes_max = unread_bytes_max
        self._read_up_to = read_up_to
        self._unread: dict[Partition, Unread] = {}
        self._lock = Lock()  # records are sent in one thread and confirmed in another

    def written(self, partition: Partition, offset: int, size_bytes: int) -> None:
        """Note what the broker has confirmed."""
        with self._lock:
            unread = self._unread.setdefault(partition, Unread())
            unread.records.append((offset, size_bytes))
            unread.total_bytes += size_bytes

    def fitting(self, sizes: Iterable[tuple[str, int]]) -> int:
        """Answer how many of these records, by topic and size, may be sent in order.

        Which partition a key goes to is the client's secret, so all of a topic's records
        are counted against its fullest one. Raises Unavailable when not even one fits.
        """
        room: dict[str, int] = {}
        count = 0
        for topic, size_bytes in sizes:
            if topic not in room:
                room[topic] = self._room(topic)
            room[topic] -= size_bytes
            if room[topic] >= 0:
                count += 1
                continue
            if count == 0:
                raise Unavailable(
                    f"{topic} is held back: a partition has {self.unread_bytes_max} bytes "
                    "that its readers have not handled, and this broker would forget them"
                )
            break
        return count

    def _room(self, topic: str) -> int:
        with self._lock:
            unread_bytes = [
                self._unread_bytes(partition)
                for partition in self._unread
                if partition.topic == topic
            ]
        return self.unread_bytes_max - max(unread_bytes, default=0)

    def _unread_bytes(self, partition: Partition) -> int:
        read_up_to = self._read_up_to(partition)
        limit = ALL if read_up_to is None else read_up_to
        unread = self._unread[partition]
        while unread.records and unread.records[0][0] < limit:
            unread.total_bytes -= unread.records.popleft()[1]
        return unread.total_bytes
