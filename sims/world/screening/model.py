"""Both vendors' memory and manners: who is registered, what is known, what goes wrong."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from sims.world.screening.faults import CALM, Dice, Fault, Faults
from sims.world.screening.risks import UNKNOWN, Risk, Vendor, magic_risk
from sims.world.screening.wire import PAGE, chainalysis_entity, trm_report

ADDRESSES = "/public/v2/screening/addresses"
ENTITIES = "/api/risk/v2/entities"
CHAINS = frozenset({"base", "ethereum", "polygon", "arbitrum", "solana", "bsc"})
EVM = re.compile(r"0x[0-9a-fA-F]{40}")
SOLANA = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
JSON, HTML = "application/json", "text/html"


class NoAnswerError(Exception):
    """The caller waits in vain."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: a status, and a body that need not be what it says."""

    status: int
    text: str
    kind: str = JSON

    @classmethod
    def of(cls, status: int, body: Any) -> Reply:
        return cls(status, json.dumps(body))


@dataclass(slots=True, kw_only=True)
class ScreeningModel:
    """TRM Labs and Chainalysis in one. Old Chainalysis accounts `must_register` first."""

    now: Callable[[], datetime]
    seed: int = 7
    faults: Faults = CALM
    must_register: bool = True
    told: dict[tuple[Vendor, str], Risk] = field(default_factory=dict)
    registered: set[str] = field(default_factory=set)
    calls: Counter[Vendor] = field(default_factory=Counter)
    dice: Dice = field(init=False)

    def __post_init__(self) -> None:
        self.dice = Dice(self.seed, self.faults)

    def follow(self, faults: Faults) -> None:
        """Change the plan; a calm one heals everything, orders included."""
        self.dice.faults = faults
        if faults == CALM:
            self.dice.ordered.clear()

    def tell(self, address: str, risk: Risk, vendor: Vendor | None = None) -> None:
        """Change what is known of a wallet from now on, at one vendor or both."""
        for each in Vendor if vendor is None else (vendor,):
            self.told[each, address.lower()] = risk

    def risk(self, vendor: Vendor, address: str) -> Risk:
        return self.told.get((vendor, address.lower())) or magic_risk(vendor, address)

    def handle(
        self, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> Reply:
        """Answer one call as the vendor whose path it is; NoAnswerError is silence."""
        if (method, path) == ("POST", ADDRESSES):
            return self._trm(body, headers)
        if path.startswith(ENTITIES):
            return self._chainalysis(method, path, body, headers)
        return Reply.of(404, {"message": f"no such path: {method} {path}"})

    def _trm(self, body: Any, headers: Mapping[str, str]) -> Reply:
        if not _has_basic_key(headers.get("authorization", "")):
            return Reply.of(401, {"message": "Unauthorized"})
        for asked in body if isinstance(body, list) else ():
            if not isinstance(asked, dict) or not isinstance(asked.get("address"), str):
                return Reply.of(400, {"message": ["address must be a string"]})
            if asked.get("chain") not in CHAINS:
                return Reply.of(400, {"message": ["chain must be a valid enum value"]})
            if not _is_address(asked["address"], asked["chain"]):
                return Reply.of(400, {"message": ["address is none of its chain"]})
        if not isinstance(body, list) or not body:
            return Reply.of(400, {"message": "an array of addresses is expected"})
        fault = self._strike(Vendor.TRM, body[0]["address"])
        if fault and fault is not Fault.UNCLEAR:
            return _failed(fault)
        risks = [
            UNKNOWN if fault else self.risk(Vendor.TRM, asked["address"]) for asked in body
        ]
        reports = [trm_report(*each) for each in zip(body, risks, strict=True)]
        return Reply.of(201, reports)

    def _chainalysis(
        self, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> Reply:
        if not headers.get("token"):
            return Reply(403, PAGE, HTML)
        if (method, path) == ("POST", ENTITIES):
            address = body.get("address") if isinstance(body, dict) else None
            if not isinstance(address, str) or not address:
                return Reply.of(400, {"message": "address is required"})
            self.registered.add(address.lower())
            return Reply.of(201, {"address": address})
        address = unquote(path.removeprefix(f"{ENTITIES}/"))
        if method != "GET" or not address or "/" in address:
            return Reply.of(404, {"message": f"no such path: {method} {path}"})
        if self.must_register and address.lower() not in self.registered:
            return Reply.of(404, {"message": "Address not registered"})
        fault = self._strike(Vendor.CHAINALYSIS, address)
        if fault and fault is not Fault.UNCLEAR:
            return _failed(fault)
        risk = self.risk(Vendor.CHAINALYSIS, address)
        return Reply.of(200, chainalysis_entity(address, risk, is_complete=not fault))

    def _strike(self, vendor: Vendor, address: str) -> Fault | None:
        self.calls[vendor] += 1
        return self.dice.fault(vendor, address, self.now())


def _failed(fault: Fault) -> Reply:
    match fault:
        case Fault.LOST:
            raise NoAnswerError
        case Fault.RATE_LIMITED:
            return Reply.of(429, {"message": "Too Many Requests"})
        case Fault.FORBIDDEN:
            return Reply(403, PAGE, HTML)
        case Fault.MALFORMED:
            return Reply(200, '{"address": "0x')
        case _:
            return Reply.of(503, {"message": "Service Unavailable"})


def _is_address(text: str, chain: str) -> bool:
    return (SOLANA if chain == "solana" else EVM).fullmatch(text) is not None


def _has_basic_key(authorization: str) -> bool:
    """Is there a user name? It is the key; what stands behind the colon is not read."""
    scheme, _, given = authorization.partition(" ")
    try:
        return scheme.lower() == "basic" and bool(
            base64.b64decode(given, validate=True).partition(b":")[0]
        )
    except ValueError:
        return False
