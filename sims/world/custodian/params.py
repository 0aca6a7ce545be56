"""Reading the parameters of a call, as strictly as the custodian does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sims.world.custodian.errors import invalid

Params = Mapping[str, Any]
ADDRESS = re.compile(r"0x[0-9a-f]{40}")
DECIMAL = re.compile(r"(\d{1,30})(?:\.(\d{1,18}))?", re.ASCII)
TEXT_LENGTH_MAX = 256


def text(params: Params, name: str, default: str = "") -> str:
    value = params.get(name, default)
    if not isinstance(value, str) or len(value) > TEXT_LENGTH_MAX:
        raise invalid(f"'{name}' must be a text of at most {TEXT_LENGTH_MAX} characters")
    return value


def required(params: Params, name: str) -> str:
    value = text(params, name)
    if not value:
        raise invalid(f"'{name}' is required")
    return value


def address(params: Params, name: str) -> str:
    value = required(params, name).lower()
    if not ADDRESS.fullmatch(value):
        raise invalid(f"'{name}' is no address of an EVM chain")
    return value


def idempotency_key(params: Params) -> str:
    """Read the key that every mutation needs: a UUID of version 4."""
    value = required(params, "idempotencyKey")
    try:
        is_good = UUID(value).version == 4
    except ValueError:
        is_good = False
    if not is_good:
        raise invalid("Fail to bind request to parameter: invalid UUID format")
    return value


def base_units(value: Any, decimals: int) -> int:
    """Read a decimal of whole tokens, exactly."""
    found = DECIMAL.fullmatch(value) if isinstance(value, str) else None
    if found is None or len((found[2] or "").rstrip("0")) > decimals:
        raise invalid(f"an amount must be a decimal with at most {decimals} places")
    fraction = (found[2] or "").rstrip("0").ljust(decimals, "0")
    units = int(found[1] + fraction)
    if not units:
        raise invalid("an amount must be above zero")
    return units


def whole(params: Params, name: str, default: int, least: int, most: int) -> int:
    value = str(params.get(name, default))
    if not value.isdecimal() or not least <= int(value) <= most:
        raise invalid(f"'{name}' must be a whole number from {least} to {most}")
    return int(value)


def moment(params: Params, name: str) -> datetime | None:
    value = text(params, name)
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(f"'{name}' must be a time in ISO 8601") from None
    if found.tzinfo is None:
        raise invalid(f"'{name}' needs a timezone, such as Z")
    return found.astimezone(UTC)
