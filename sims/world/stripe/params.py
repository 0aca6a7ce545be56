"""Reading the parameters of a call, as strictly as Stripe does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sims.world.stripe.errors import invalid_parameter, missing_parameter

Params = Mapping[str, Any]
CURRENCIES = frozenset({"usd", "eur", "gbp"})  # all with two decimals
AMOUNT_MAX_MINOR = 99_999_999


def refuse_unknown(params: Params, known: frozenset[str]) -> None:
    for name in params:
        if name not in known and name != "expand":
            raise invalid_parameter(
                f"Received unknown parameter: {name}, or one this sandbox does not model.",
                name,
                "parameter_unknown",
            )


def text(params: Params, name: str) -> str | None:
    value = params.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise invalid_parameter(f"Invalid string: {value}", name)
    return value


def required_text(params: Params, name: str) -> str:
    value = text(params, name)
    if value is None:
        raise missing_parameter(name)
    return value


def integer(params: Params, name: str) -> int | None:
    value = params.get(name)
    if value is None or value == "":
        return None
    digits = str(value)
    if isinstance(value, bool) or not digits.removeprefix("-").isdecimal():
        raise invalid_parameter(
            f"Invalid integer: {value}", name, "parameter_invalid_integer"
        )
    return int(digits)


def amount(params: Params, *, least_minor: int = 1) -> int | None:
    """An amount in minor units, or None where the parameter is left out."""
    amount_minor = integer(params, "amount")
    if amount_minor is None:
        return None
    if amount_minor < least_minor:
        raise invalid_parameter(
            f"Amount must be at least {least_minor} minor units.",
            "amount",
            "amount_too_small" if amount_minor > 0 else "parameter_invalid_integer",
        )
    if amount_minor > AMOUNT_MAX_MINOR:
        raise invalid_parameter(
            f"Amount must be no more than {AMOUNT_MAX_MINOR} minor units.",
            "amount",
            "amount_too_large",
        )
    return amount_minor


def required_amount(params: Params, *, least_minor: int = 1) -> int:
    amount_minor = amount(params, least_minor=least_minor)
    if amount_minor is None:
        raise missing_parameter("amount")
    return amount_minor


def currency(params: Params) -> str:
    value = required_text(params, "currency").lower()
    if value not in CURRENCIES:
        known = ", ".join(sorted(CURRENCIES))
        raise invalid_parameter(
            f"Invalid currency: {value}. This sandbox knows {known}.", "currency"
        )
    return value


def flag(params: Params, name: str) -> bool:
    value = params.get(name, False)
    if value in (True, "true"):
        return True
    if value in (False, "false", ""):
        return False
    raise invalid_parameter(f"Invalid boolean: {value}", name)


def metadata(params: Params) -> dict[str, str]:
    values = params.get("metadata") or {}
    if not isinstance(values, Mapping):
        raise invalid_parameter("Invalid object: metadata must be a hash.", "metadata")
    if len(values) > 50:
        raise invalid_parameter("Metadata can have up to 50 keys.", "metadata")
    for key, value in values.items():
        if len(key) > 40 or len(str(value)) > 500:
            raise invalid_parameter(
                "Metadata keys have up to 40 characters, values up to 500.",
                f"metadata[{key}]",
            )
    return {key: str(value) for key, value in values.items()}


def merged_metadata(before: dict[str, str], params: Params) -> dict[str, str]:
    """An update adds and overwrites; an empty value removes the key."""
    merged = before | metadata(params)
    return {key: value for key, value in merged.items() if value != ""}


def texts(params: Params, name: str) -> list[str]:
    values = params.get(name) or []
    if not isinstance(values, list | tuple):
        raise invalid_parameter("Invalid array", name)
    return [str(value) for value in values]


def one_of(params: Params, name: str, allowed: Iterable[str]) -> str | None:
    value = text(params, name)
    if value is not None and value not in (choices := tuple(allowed)):
        raise invalid_parameter(
            f"Invalid {name}: must be one of {', '.join(choices)}", name
        )
    return value
