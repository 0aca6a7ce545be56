"""The one way the sandbox refuses a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class StripeError(Exception):
    """A refusal in Stripe's own terms.

    `is_stored` says whether an idempotency key remembers it: refusals found while the
    parameters are read leave no trace, refusals met while executing are replayed.
    """

    def __init__(
        self,
        http_status: int,
        type: str,
        message: str,
        *,
        code: str | None = None,
        is_stored: bool = True,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.type = type
        self.code = code
        self.message = message
        self.is_stored = is_stored
        self.details = details

    def __str__(self) -> str:
        return f"{self.http_status} {self.type} {self.code or ''}: {self.message}"

    def body(self) -> dict[str, Any]:
        error = {"type": self.type, "message": self.message, **self.details}
        if self.code is not None:
            error["code"] = self.code
        return {"error": error}

    @classmethod
    def from_body(cls, http_status: int, body: Mapping[str, Any]) -> StripeError:
        """Read a refusal back from the wire, as a caller in process meets it."""
        details = dict(body["error"])
        type, message = details.pop("type"), details.pop("message")
        return cls(http_status, type, message, code=details.pop("code", None), **details)


def invalid_parameter(message: str, param: str, code: str | None = None) -> StripeError:
    """Refuse before anything is executed, so no idempotency key remembers it."""
    return StripeError(
        400, "invalid_request_error", message, code=code, param=param, is_stored=False
    )


def missing_parameter(param: str) -> StripeError:
    return invalid_parameter(
        f"Missing required param: {param}.", param, "parameter_missing"
    )


def no_such(kind: str, id: str, param: str = "id", http_status: int = 404) -> StripeError:
    return StripeError(
        http_status,
        "invalid_request_error",
        f"No such {kind}: '{id}'",
        code="resource_missing",
        param=param,
        is_stored=False,
    )


def card_error(message: str, code: str, details: dict[str, Any]) -> StripeError:
    """Refuse in the name of the buyer's bank."""
    error = StripeError(402, "card_error", message, code=code)
    error.details.update(details)
    return error


def refused(message: str, code: str | None = None, **details: Any) -> StripeError:
    """Refuse a well-formed call because of what the books say now."""
    return StripeError(400, "invalid_request_error", message, code=code, **details)
