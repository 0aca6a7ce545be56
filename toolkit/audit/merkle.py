"""The tree of RFC 6962 (and 9162): its root, its frontier, and proofs to be checked.

A leaf is hashed under a zero byte and a node under a one, so neither can pass for the
other. A proof is a list of hashes; whoever checks it needs nothing else from us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from toolkit.core.message import record

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
Node = tuple[int, int]  # its level, 0 for leaves, and its place in it
Look = Callable[[int, int], bytes]  # answers the hash of a complete subtree


def leaf_hash(content: bytes) -> bytes:
    return sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


@record
class Frontier:
    """All that is needed to go on appending: the roots of the complete subtrees.

    They stand from the largest to the smallest; the binary digits of `size` tell their
    heights.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """Add the hash of a leaf."""
        return Frontier(size=self.size + 1, peaks=self._grown(leaf)[0])

    def completed(self, leaf: bytes) -> Sequence[tuple[Node, bytes]]:
        """Say which subtrees this leaf completes, itself among them."""
        return self._grown(leaf)[1]

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def _grown(self, leaf: bytes) -> tuple[tuple[bytes, ...], list[tuple[Node, bytes]]]:
        peaks, level, place = list(self.peaks), 0, self.size
        complete = [((level, place), leaf)]
        while place & 1:
            leaf = node_hash(peaks.pop(), leaf)
            level, place = level + 1, place >> 1
            complete.append(((level, place), leaf))
        return (*peaks, leaf), complete


def inclusion_path(index: int, size: int, look: Look) -> list[bytes]:
    """Prove that a tree of this size has a leaf: the siblings on its way to the root."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    return [_subtree(*span, look) for span in _siblings(index, 0, size)]


def consistency_path(old: int, new: int, look: Look) -> list[bytes]:
    """Prove that the tree of `new` leaves begins with the one of `old` leaves."""
    if not 0 < old <= new:
        raise ValueError(f"no proof leads from {old} leaves to {new}")
    return [_subtree(*span, look) for span in _differences(old, 0, new, whole=True)]


def holds_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Check a proof of inclusion, as RFC 9162 says in 2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def holds_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Check a proof of consistency, as RFC 9162 says in 2.1.4.2."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not hashes:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = hashes[0]
    for hash in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(hash, before), node_hash(hash, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, hash)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def look_in(leaves: Sequence[bytes]) -> Look:
    """Look subtrees up in the leaves themselves."""
    known: dict[Node, bytes] = {}

    def look(level: int, place: int) -> bytes:
        if level == 0:
            return leaves[place]
        if (level, place) not in known:
            left, right = look(level - 1, place * 2), look(level - 1, place * 2 + 1)
            known[level, place] = node_hash(left, right)
        return known[level, place]

    return look


def nodes_of(index: int, size: int) -> list[Node]:
    """Say which complete subtrees a proof of inclusion is made of."""
    spans = _siblings(index, 0, size)
    return [node for begin, end in spans for node in complete_subtrees(begin, end)]


def nodes_between(old: int, new: int) -> list[Node]:
    """Say which complete subtrees a proof of consistency is made of."""
    spans = _differences(old, 0, new, whole=True)
    return [node for begin, end in spans for node in complete_subtrees(begin, end)]


def _siblings(index: int, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Walk from the leaf up, and answer the span of each sibling."""
    if end - begin <= 1:
        return
    middle = begin + _left_size(end - begin)
    if index < middle:
        yield from _siblings(index, begin, middle)
        yield middle, end
    else:
        yield from _siblings(index, middle, end)
        yield begin, middle


def _differences(
    old: int, begin: int, end: int, *, whole: bool
) -> Iterator[tuple[int, int]]:
    """Answer the spans of RFC 6962's SUBPROOF for the first `old` leaves of a span."""
    if old == end - begin:
        if not whole:
            yield begin, end
        return
    left = _left_size(end - begin)
    middle = begin + left
    if old <= left:
        yield from _differences(old, begin, middle, whole=whole)
        yield middle, end
    else:
        yield from _differences(old - left, middle, end, whole=False)
        yield begin, middle


def _subtree(begin: int, end: int, look: Look) -> bytes:
    """Answer the hash of a span of leaves, out of its complete subtrees."""
    peaks = [look(level, place) for level, place in complete_subtrees(begin, end)]
    return Frontier(size=end - begin, peaks=tuple(peaks)).root()


def complete_subtrees(begin: int, end: int) -> Iterator[Node]:
    """Cut a span that begins at a subtree into complete ones, from left to right."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def _left_size(size: int) -> int:
    """Answer the largest power of two that is smaller than a size above one."""
    return 1 << ((size - 1).bit_length() - 1)
