"""What a record consists of, read once from its type hints.

The codec and the JSON text of the archive both walk records by their shape, so that no
record is described twice.
"""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from toolkit.core.message import record


class Arity(Enum):
    """`X` is there, `X | None` may be, and of `tuple[X, ...]` there are any number."""

    REQUIRED = "REQUIRED"
    OPTIONAL = "OPTIONAL"
    REPEATED = "REPEATED"


@record
class Field:
    """One field: `kind` is the type of its value, or of each of its values."""

    name: str
    kind: Any
    arity: Arity


@cache
def shape(cls: type) -> tuple[Field, ...]:
    """Answer a record's fields, inherited ones first."""
    hints = get_type_hints(cls)
    return tuple(_field(cls, field.name, hints[field.name]) for field in fields(cls))


def _field(cls: type, name: str, hint: Any) -> Field:
    match get_origin(hint), get_args(hint):
        case None, ():
            return Field(name=name, kind=hint, arity=Arity.REQUIRED)
        case origin, (kind, last) if origin is tuple and last is Ellipsis:
            return Field(name=name, kind=kind, arity=Arity.REPEATED)
        case origin, (kind, last) if origin in (UnionType, Union) and last is NoneType:
            return Field(name=name, kind=kind, arity=Arity.OPTIONAL)
    raise TypeError(
        f"{cls.__name__}.{name}: {hint} is neither X, X | None nor tuple[X, ...]; "
        "messages know only these"
    )
