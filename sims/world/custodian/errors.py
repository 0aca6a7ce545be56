"""The one way the custodian refuses a call: a status, a number and a sentence."""

from __future__ import annotations

from typing import Any

INVALID = 2
INSUFFICIENT = 155_201


class CustodianError(Exception):
    """A refusal in the provider's own terms."""

    def __init__(self, http_status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.http_status} {self.code}: {self.message}"

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message}


def invalid(message: str) -> CustodianError:
    return CustodianError(400, INVALID, f"API parameter invalid: {message}")


def not_found(kind: str, id: str) -> CustodianError:
    return CustodianError(404, INVALID, f"Cannot find the {kind} {id} in the system.")
