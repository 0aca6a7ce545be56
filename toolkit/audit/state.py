"""What audit remembers: of each trail its end, and of the log what it takes to go on."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from toolkit.audit.entry import GENESIS, Entry
from toolkit.audit.merkle import Frontier
from toolkit.core.message import record

MAIN_LOG = "log/main"  # all trails are in one log: its key is none of a trail
LOG_PREFIX = "log/"


@record
class Trail:
    """One stream's chain. `entries` are those that are new; at rest they are rows."""

    count: int = 0
    head: str = GENESIS
    erasures: int = 0
    entries: tuple[Entry, ...] = ()

    def followed_by(self, entry: Entry) -> Trail:
        assert entry.position == self.count, "a trail has no gaps"
        return replace(
            self,
            count=self.count + 1,
            head=entry.leaf_hash,
            entries=(*self.entries, entry),
        )

    def without_people(self) -> Trail:
        """Forget every disclosure; hashes and proofs are not touched."""
        bare = [replace(e, disclosures=(), actor_id=None) for e in self.entries]
        return replace(self, entries=tuple(bare), erasures=self.erasures + 1)


@record
class Log:
    """The log's end: its tree's frontier, its chain's head, and what is not sealed yet."""

    size: int = 0
    peaks: tuple[str, ...] = ()
    chain_head: str = GENESIS
    pending: tuple[str, ...] = ()  # leaves since the last checkpoint
    signed_size: int = 0
    signed_root: str = ""
    anchored_size: int = 0
    is_anchor_planned: bool = False
    told: int = 0  # events on audit's topic, so far
    announced: int = 0  # and on closing's

    @property
    def sealed_size(self) -> int:
        return self.size - len(self.pending)

    @property
    def frontier(self) -> Frontier:
        peaks = tuple(bytes.fromhex(peak) for peak in self.peaks)
        return Frontier(size=self.size, peaks=peaks)

    @property
    def root(self) -> str:
        return self.frontier.root().hex()

    def with_leaf(self, leaf: str) -> Log:
        """Append a leaf to the tree and to the chain."""
        grown = self.frontier.append(bytes.fromhex(leaf))
        return replace(
            self,
            size=grown.size,
            peaks=tuple(peak.hex() for peak in grown.peaks),
            chain_head=chained(self.chain_head, leaf),
            pending=(*self.pending, leaf),
        )


def chained(head: str, leaf: str) -> str:
    """Go on by one link in the chain of all leaves."""
    return sha256(b"\3" + bytes.fromhex(head) + bytes.fromhex(leaf)).hexdigest()
