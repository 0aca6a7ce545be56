"""What all providers' sandboxes share of a call: when two are the same, and silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ProviderTimeout(Exception):  # noqa: N818 - the field says "timeout", not "error"
    """No answer came. Whether the call was executed, the caller cannot know."""


def fingerprint(method: str, path: str, params: Mapping[str, Any]) -> str:
    """What makes two questions the same, whether numbers came as text or not."""
    return f"{method} {path} {_plain(params)}"


def _plain(value: Any) -> str:
    match value:
        case str():
            return repr(value)
        case Mapping():
            return "".join(f"{name!r}:{_plain(value[name])};" for name in sorted(value))
        case list() | tuple():
            return "".join(f"{_plain(each)}," for each in value)
        case bool():
            return "'true'" if value else "'false'"
        case _:
            return f"'{value}'"
