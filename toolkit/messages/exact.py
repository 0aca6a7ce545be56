"""Read a message whose writer had our very schema: what we do not know is too much."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from google.protobuf.message_factory import (  # type: ignore[import-untyped]  # as all of protobuf
    GetMessageClass,
)
from google.protobuf.unknown_fields import (  # type: ignore[import-untyped]
    UnknownFieldSet,
)

from toolkit.core.errors import Unreadable
from toolkit.messages.codec import decode, descriptor

T = TypeVar("T")


def decode_exactly(cls: type[T], data: bytes) -> T:
    """Read a record.

    Raises Unreadable as the codec does, and where bytes are left that its schema has not.
    """
    message = decode(cls, data)
    unknown = len(UnknownFieldSet(_generated(descriptor(cls)).FromString(data)))
    if unknown:
        raise Unreadable(
            f"{descriptor(cls).full_name} has {unknown} fields that the schema it names "
            "has not: bytes were added behind it"
        )
    return message


@cache
def _generated(descriptor: Any) -> Any:
    return GetMessageClass(descriptor)
