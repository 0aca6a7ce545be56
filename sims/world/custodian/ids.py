"""Ids, addresses and hashes that look real and follow from the seed alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from uuid import UUID


@dataclass(slots=True)
class Ids:
    """The n-th of a kind is a hash of seed, kind and n, so equal runs agree on it."""

    seed: int
    counts: Counter[str] = field(default_factory=Counter)

    def uuid(self, kind: str) -> str:
        return str(UUID(bytes=self._digest(kind, 16), version=4))

    def address(self, kind: str = "address") -> str:
        return f"0x{self._digest(kind, 20).hex()}"

    def hash(self, kind: str) -> str:
        return f"0x{self._digest(kind, 32).hex()}"

    def _digest(self, kind: str, size: int) -> bytes:
        self.counts[kind] = count = self.counts[kind] + 1
        return blake2b(f"{self.seed}:{kind}:{count}".encode(), digest_size=size).digest()
