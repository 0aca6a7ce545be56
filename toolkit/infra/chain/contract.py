"""A deployed contract: its calls and its events, by the interface compiled with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak

from toolkit.infra.chain.rpc import Rpc

FOLDER = Path(__file__).parent / "contracts"
Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Artifact:
    """What the compiler made of a source."""

    abi: Sequence[Object]
    bytecode: str

    def function(self, name: str) -> Object:
        return next(
            e for e in self.abi if e.get("name") == name and e["type"] == "function"
        )

    def event(self, name: str) -> Object:
        return next(e for e in self.abi if e.get("name") == name and e["type"] == "event")

    def encoded(self, name: str, *arguments: Any) -> str:
        """Lay out a call as its transaction carries it."""
        function = self.function(name)
        kinds = [_kind(part) for part in function["inputs"]]
        selector = keccak(text=f"{name}({','.join(kinds)})")[:4]
        return "0x" + (selector + encode(kinds, arguments)).hex()

    def deployment(self, *arguments: Any) -> str:
        """Lay out what makes the contract, with what its constructor is given."""
        made = [e["inputs"] for e in self.abi if e["type"] == "constructor"]
        kinds = [_kind(part) for part in (made[0] if made else ())]
        return self.bytecode + encode(kinds, arguments).hex()

    def topic(self, name: str) -> str:
        """Answer what the logs of an event begin with."""
        kinds = ",".join(_kind(part) for part in self.event(name)["inputs"])
        return "0x" + keccak(text=f"{name}({kinds})").hex()


@dataclass(frozen=True, slots=True)
class Log:
    """One event that a contract has told, and where on the chain."""

    name: str
    values: Object
    tx_hash: str
    block_number: int
    log_index: int


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract on one chain."""

    rpc: Rpc
    address: str
    artifact: Artifact

    async def read(self, name: str, *arguments: Any) -> Any:
        """Ask a view; a single value comes back alone, several as a tuple."""
        call = {"to": self.address, "data": self.artifact.encoded(name, *arguments)}
        answer: str = await self.rpc("eth_call", [call, "latest"])
        kinds = [_kind(part) for part in self.artifact.function(name)["outputs"]]
        values = decode(kinds, bytes.fromhex(answer.removeprefix("0x")))
        return values[0] if len(values) == 1 else values

    async def logs(
        self,
        name: str | None,
        *indexed: str | None,
        from_block: int = 0,
        to_block: int | None = None,
    ) -> list[Log]:
        """Read what the contract told: events of a name, or all that have this topic."""
        known = {
            self.artifact.topic(e["name"]): e["name"]
            for e in self.artifact.abi
            if e["type"] == "event"
        }
        first = self.artifact.topic(name) if name else None
        asked = {
            "address": self.address,
            "topics": [first, *indexed],
            "fromBlock": hex(from_block),
            "toBlock": hex(to_block) if to_block is not None else "latest",
        }
        found = await self.rpc("eth_getLogs", [asked])
        return [
            self._log(log, known[log["topics"][0]])
            for log in found
            if log["topics"][0] in known
        ]

    def _log(self, log: Object, name: str) -> Log:
        inputs = self.artifact.event(name)["inputs"]
        inside = [part for part in inputs if not part["indexed"]]
        values = decode([_kind(p) for p in inside], _bytes(log["data"]))
        told = dict(zip((part["name"] for part in inside), values, strict=True))
        outside = [part for part in inputs if part["indexed"]]
        for part, topic in zip(outside, log["topics"][1:], strict=True):
            (told[part["name"]],) = decode([_kind(part)], _bytes(topic))
        return Log(
            name=name,
            values=told,
            tx_hash=log["transactionHash"],
            block_number=int(log["blockNumber"], 16),
            log_index=int(log["logIndex"], 16),
        )


@cache
def artifact(name: str) -> Artifact:
    """Read what was compiled of one of our contracts."""
    found = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Artifact(abi=found["abi"], bytecode=found["bytecode"])


def word(address: str) -> str:
    """Write an address as an event's topic has it."""
    return "0x" + address.removeprefix("0x").lower().rjust(64, "0")


def _kind(part: Object) -> str:
    """Write a parameter's type as its signature has it, structs as tuples."""
    kind: str = part["type"]
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(_kind(each) for each in part["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


def _bytes(digits: str) -> bytes:
    return bytes.fromhex(digits.removeprefix("0x"))
