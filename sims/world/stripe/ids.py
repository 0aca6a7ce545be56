"""Ids that look like Stripe's and follow from the seed alone."""

from __future__ import annotations

from binascii import b2a_base64
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b

LETTERS_ONLY = bytes.maketrans(b"+/", b"Kq")


@dataclass(slots=True)
class Ids:
    """The n-th id of a kind is a hash of seed, kind and n, so equal runs agree on it."""

    seed: int
    counts: Counter[str] = field(default_factory=Counter)

    def next(self, prefix: str) -> str:
        self.counts[prefix] = count = self.counts[prefix] + 1
        digest = blake2b(f"{self.seed}:{prefix}:{count}".encode(), digest_size=18).digest()
        tail = b2a_base64(digest, newline=False).translate(LETTERS_ONLY)
        return f"{prefix}_{tail.decode()}"

    def next_digits(self, prefix: str, length: int) -> str:
        """A reference of digits, as banks print it."""
        self.counts[prefix] = count = self.counts[prefix] + 1
        digest = blake2b(f"{self.seed}:{prefix}:{count}".encode(), digest_size=16).digest()
        return prefix + str(int.from_bytes(digest)).zfill(length)[-length:]
