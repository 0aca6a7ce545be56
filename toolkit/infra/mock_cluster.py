"""A Kafka for runs that are thrown away: librdkafka's mock cluster, from its own wheel.

Python has no official way to it, so it is reached through its C functions. What it does
not do: it keeps nothing on disk, takes no CreateTopics, and holds 5 MiB a partition, of
which it drops the oldest silently. `toolkit.infra.kafka.Guard` holds a producer back
before that happens.

`python -m toolkit.infra.mock_cluster` creates the topics of the platform, prints its
address as one line of JSON and lives until its standard input ends.
"""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Mapping
from ctypes import POINTER, c_char_p, c_int, c_int16, c_int32, c_size_t, c_void_p
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any, Self

import confluent_kafka

from toolkit.messages.topics import PARTITIONS

RETENTION_BYTES = 5 * 2**20  # of a partition; fixed in the library
GROUP_DELAY_MS = 50  # how long a new group waits for further members
ERROR_BYTES = 512

# The mock wakes no long poll when data arrives, and a group learns of its rebalance by
# heartbeat. Kafka itself forbids sessions below six seconds.
MOCK_CONSUMER_SETTINGS: Mapping[str, Any] = {
    "fetch.wait.max.ms": 5,
    "heartbeat.interval.ms": 200,
    "session.timeout.ms": 6_000,
}

SIGNATURES: Mapping[str, tuple[Any, ...]] = {  # what is returned, then the arguments
    "conf_new": (c_void_p,),
    "conf_set": (c_int, c_void_p, c_char_p, c_char_p, c_char_p, c_size_t),
    "new": (c_void_p, c_int, c_void_p, c_char_p, c_size_t),
    "destroy": (None, c_void_p),
    "mock_cluster_new": (c_void_p, c_void_p, c_int),
    "mock_cluster_destroy": (None, c_void_p),
    "mock_cluster_bootstraps": (c_char_p, c_void_p),
    "mock_topic_create": (c_int, c_void_p, c_char_p, c_int, c_int),
    "mock_group_initial_rebalance_delay_ms": (None, c_void_p, c_int32),
    "mock_push_request_errors_array": (
        None,
        c_void_p,
        c_int16,
        c_size_t,
        POINTER(c_int),
    ),
    "mock_broker_set_down": (c_int, c_void_p, c_int32),
    "mock_broker_set_up": (c_int, c_void_p, c_int32),
    "mock_broker_set_rtt": (c_int, c_void_p, c_int32, c_int),
}


class Request(IntEnum):
    """The kinds of requests that can be made to fail, by their number in the protocol."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    INIT_PRODUCER_ID = 22


class MockCluster:
    """A running cluster. It lives in this process, and other processes may connect."""

    def __init__(self, topics: Mapping[str, int], brokers: int = 1) -> None:
        self._library = _library()
        self._client = self._new_client()
        self._cluster = self._call("mock_cluster_new", self._client, brokers)
        if not self._cluster:
            raise RuntimeError("librdkafka could not start its mock cluster")
        self._call("mock_group_initial_rebalance_delay_ms", self._cluster, GROUP_DELAY_MS)
        address: bytes = self._call("mock_cluster_bootstraps", self._cluster)
        self.bootstrap = address.decode()
        for name, partitions in topics.items():
            self.create_topic(name, partitions)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create_topic(self, name: str, partitions: int) -> None:
        """Create a topic; an unknown one would be created with four partitions."""
        code = self._call("mock_topic_create", self._cluster, name.encode(), partitions, 1)
        if code:
            raise RuntimeError(f"topic {name} could not be created: error {code}")

    def fail(self, request: Request, *codes: int) -> None:
        """Answer the next requests of this kind with these error codes, one each."""
        errors = (c_int * len(codes))(*codes)
        self._call(
            "mock_push_request_errors_array", self._cluster, request, len(codes), errors
        )

    def stop_broker(self, broker: int = 1) -> None:
        """Close a broker's connections and accept no new ones."""
        self._call("mock_broker_set_down", self._cluster, broker)

    def start_broker(self, broker: int = 1) -> None:
        """Let a broker answer again."""
        self._call("mock_broker_set_up", self._cluster, broker)

    def slow_broker(self, round_trip_ms: int, broker: int = 1) -> None:
        """Let every answer of a broker take this much longer."""
        self._call("mock_broker_set_rtt", self._cluster, broker, round_trip_ms)

    def close(self) -> None:
        """Stop the cluster and forget what it held."""
        self._call("mock_cluster_destroy", self._cluster)
        self._call("destroy", self._client)

    def _new_client(self) -> int:
        error = ctypes.create_string_buffer(ERROR_BYTES)
        settings = self._call("conf_new")
        quiet = ("log_level", "2")  # it logs as a client without brokers, which it is
        self._call(
            "conf_set", settings, *(text.encode() for text in quiet), error, ERROR_BYTES
        )
        client: int | None = self._call("new", 0, settings, error, ERROR_BYTES)
        if client is None:
            raise RuntimeError(f"librdkafka could not start: {error.value.decode()}")
        return client

    def _call(self, name: str, *arguments: Any) -> Any:
        return getattr(self._library, f"rd_kafka_{name}")(*arguments)


@cache
def _library() -> ctypes.CDLL:
    """Open the very librdkafka that confluent_kafka brings along."""
    package = Path(confluent_kafka.__file__).parent
    places = (
        (package.parent / "confluent_kafka.libs", "librdkafka-*.so*"),
        (package / ".dylibs", "librdkafka*"),
    )
    found = [file for folder, pattern in places for file in folder.glob(pattern)]
    if not found:
        raise RuntimeError(
            "the installed confluent-kafka brings no librdkafka along; install its wheel, "
            "or use a real Kafka"
        )
    library = ctypes.CDLL(str(found[0]))
    for name, (result, *arguments) in SIGNATURES.items():
        function = getattr(library, f"rd_kafka_{name}")
        function.restype, function.argtypes = result, arguments
    return library


def main() -> None:
    """Serve the platform's topics until nobody listens to us any more."""
    with MockCluster(PARTITIONS) as cluster:
        print(json.dumps({"bootstrap": cluster.bootstrap}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
