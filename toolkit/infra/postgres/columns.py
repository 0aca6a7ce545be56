"""Columns on their way to `unnest`, in PostgreSQL's own binary form.

A list would do, but costs twice the time of the statement that it feeds, and its type
would change with its values, which spoils prepared statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

# Object ids of built-in types never change: the type, then the array of it.
BOOLEAN, BOOLEANS = 16, 1000
BYTES, BYTES_ARRAY = 17, 1001
BIGINT, BIGINTS = 20, 1016
TEXT, TEXTS = 25, 1009
MOMENT, MOMENTS = 1184, 1185
UUID_, UUIDS = 2950, 2951

HEAD = Struct("!iiIii").pack  # dimensions, has nulls, element type, length, lower bound
LENGTH = Struct("!i").pack
NULL = LENGTH(-1)
SIXTEEN = LENGTH(16)
SIZED_BIGINT = Struct("!iq").pack
SIZED_BOOLEAN = {False: LENGTH(1) + b"\0", True: LENGTH(1) + b"\1"}
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Column:
    """One array, ready to be sent."""

    type: int
    payload: bytes


class ColumnDumper(Dumper):
    """Sends a column as it is."""

    format = Format.BINARY

    def get_key(self, obj: Any, format: PyFormat) -> Any:  # noqa: ARG002 - psycopg's shape
        return (self.cls, obj.type)

    def upgrade(self, obj: Any, format: PyFormat) -> Dumper:  # noqa: ARG002
        dumper = ColumnDumper(self.cls)
        dumper.oid = obj.type
        return dumper

    def dump(self, obj: Any) -> bytes:
        payload: bytes = obj.payload
        return payload


def register(connection: AsyncConnection[Any]) -> None:
    """Let a connection send columns."""
    connection.adapters.register_dumper(Column, ColumnDumper)


def texts(items: Iterable[str | None]) -> Column:
    return _sized(TEXTS, TEXT, [None if i is None else i.encode() for i in items])


def names(items: Iterable[str]) -> Column:
    """Lay out texts of which there are few: topics and types."""
    return _column(TEXTS, TEXT, [_name(i) for i in items])


def blobs(items: Sequence[bytes | None]) -> Column:
    return _sized(BYTES_ARRAY, BYTES, items)


def uuids(items: Iterable[UUID | None]) -> Column:
    return _column(UUIDS, UUID_, [NULL if i is None else SIXTEEN + i.bytes for i in items])


def bigints(items: Iterable[int | None]) -> Column:
    return _column(
        BIGINTS, BIGINT, [NULL if i is None else SIZED_BIGINT(8, i) for i in items]
    )


def booleans(items: Iterable[bool]) -> Column:
    return _column(BOOLEANS, BOOLEAN, [SIZED_BOOLEAN[i] for i in items])


def moments(items: Iterable[datetime | None]) -> Column:
    return _column(MOMENTS, MOMENT, [NULL if i is None else _moment(i) for i in items])


@lru_cache(maxsize=1_024)
def _name(text: str) -> bytes:
    encoded = text.encode()
    return LENGTH(len(encoded)) + encoded


def _moment(moment: datetime) -> bytes:
    return SIZED_BIGINT(8, (moment - EPOCH) // MICROSECOND)


def _sized(array: int, element: int, items: Sequence[bytes | None]) -> Column:
    return _column(
        array, element, [NULL if i is None else LENGTH(len(i)) + i for i in items]
    )


def _column(array: int, element: int, items: list[bytes]) -> Column:
    has_nulls = NULL in items
    return Column(array, HEAD(1, has_nulls, element, len(items), 1) + b"".join(items))
