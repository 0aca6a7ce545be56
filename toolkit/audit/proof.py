"""Judges an exported trail, or one event of it, by nothing but arithmetic.

A document has entries, the checkpoint that they are proven against, and perhaps where that
is anchored. Nothing in it is believed: hashes are made anew, and the signature is held
against a key that the reader brings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from toolkit.audit.entry import (
    FORMAT,
    GENESIS,
    canonical,
    commitment,
    commitments,
    hash_of,
)
from toolkit.audit.merkle import holds_consistency, holds_inclusion
from toolkit.audit.note import Checkpoint, NoteWrong, Verifier, text_of
from toolkit.core.salt import SALT_BYTES

DOCUMENT = "escrow-audit-trail/1"
PART = "only a part of the trail: what is missing cannot be said"
Object = Mapping[str, Any]


class DocumentWrong(ValueError):  # noqa: N818 - says what happened
    """It is no document of a trail; the message says what is missing or wrong."""


@dataclass(slots=True)
class Verdict:
    """What was found: a problem is a change, a doubt what could not be judged."""

    problems: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    count: int = 0
    checkpoint: Checkpoint | None = None
    anchor: str | None = None  # what is to be looked up on chain, by whoever wants to

    @property
    def holds(self) -> bool:
        return not self.problems


def verify(document: Any, verifier: Verifier | None = None) -> Verdict:
    """Judge a document; raise DocumentWrong where it cannot even be read."""
    if not isinstance(document, dict):
        raise DocumentWrong("it is no JSON object")
    if document.get("format") != DOCUMENT:
        raise DocumentWrong(
            f"its format is {document.get('format')!r:.80}, not {DOCUMENT!r}"
        )
    try:
        return _judged(document, _list(document, "entries"), verifier)
    except RecursionError:
        raise DocumentWrong("something in it is nested too deep") from None


def _judged(
    document: Object, entries: Sequence[Object], verifier: Verifier | None
) -> Verdict:
    verdict = Verdict(count=len(entries))
    verdict.checkpoint = _checkpoint(document, verifier, verdict)
    for entry in entries:
        where = f"event {_whole(entry, 'position')}"
        content = _content(entry, where, verdict)
        if content is not None:
            _belongs(entry, content, document, where, verdict)
            _discloses(entry, content, where, verdict)
        _is_included(entry, where, verdict)
    _is_anchored(document, verdict)
    _in_order(document, entries, verdict)
    _is_whole(document, entries, verifier, verdict)
    return verdict


def statement(stream_id: str, count: int, head: str) -> str:
    """Write what a notary signs of a trail: how long it is, and how it ends."""
    return f"{DOCUMENT}\n{stream_id}\n{count}\n{head}\n"


def _checkpoint(
    document: Object, verifier: Verifier | None, verdict: Verdict
) -> Checkpoint | None:
    note = _text_if_any(document, "checkpoint")
    if note is None:
        return None
    try:
        found = Checkpoint.parse(note)
        is_signed = verifier is not None and verifier.holds(note)
    except ValueError as wrong:
        verdict.problems.append(f"the checkpoint cannot be read: {wrong}")
        return None
    if verifier is None:
        verdict.doubts.append("nobody's key was given: the checkpoint may be anybody's")
    elif not is_signed or found.origin != verifier.name:
        verdict.problems.append(f"the checkpoint is not signed by {verifier.name}")
    return found


def _content(entry: Object, where: str, verdict: Verdict) -> Object | None:
    """Read an entry's text, if it is what was hashed."""
    text, digits = _text(entry, "canonical"), _text(entry, "salt")
    try:
        hash = hash_of(text, _salt(digits))
        content = json.loads(text)
        is_canonical = isinstance(content, dict) and canonical(content) == text
    except ValueError:
        verdict.problems.append(f"{where} is not written as entries are")
        return None
    if not is_canonical:
        verdict.problems.append(f"{where} is not written as entries are")
        return None
    if hash.hex() != _text(entry, "leaf_hash"):
        verdict.problems.append(f"{where} was changed: its hash is {hash.hex()[:16]}…")
    return dict(content)


def _belongs(
    entry: Object, content: Object, document: Object, where: str, verdict: Verdict
) -> None:
    """See that what stands beside an entry is what stands in it."""
    expected = {
        "format": FORMAT,
        "stream_id": document.get("stream_id"),
        "position": entry.get("position"),
    }
    for name, value in expected.items():
        if content.get(name) != value or type(content.get(name)) is not type(value):
            verdict.problems.append(
                f"{where} says {name} {content.get(name)!r}, and its document {value!r}"
            )


def _discloses(entry: Object, content: Object, where: str, verdict: Verdict) -> None:
    """Hold every disclosed value against its commitment; the rest was erased."""
    open_ones = dict(commitments(content.get("payload")))
    for told in _list(entry, "disclosures"):
        path, value = _text(told, "path"), _text(told, "value")
        made = _commitment(value, _text(told, "salt"))
        if made is None or open_ones.pop(path, None) != made:
            verdict.problems.append(f"{where} never said {path} {value:.60}")
    verdict.erased.extend(f"{where}: {path}" for path in open_ones)


def _commitment(value: str, digits: str) -> str | None:
    """Commit to a value anew, if it and its salt are written as they were."""
    try:
        is_canonical = canonical(json.loads(value)) == value
        return commitment(value, _salt(digits)) if is_canonical else None
    except ValueError:
        return None


def _is_included(entry: Object, where: str, verdict: Verdict) -> None:
    index, checkpoint = _whole_if_any(entry, "leaf_index"), verdict.checkpoint
    digits, hashes = _text(entry, "leaf_hash"), _list(entry, "path")
    if index is None or checkpoint is None:
        verdict.doubts.append(f"{where} is in no checkpoint yet")
        return
    try:
        leaf, path = _bytes(digits), [_bytes(hash) for hash in hashes]
        holds = holds_inclusion(leaf, index, checkpoint.size, path, checkpoint.root)
    except (TypeError, ValueError):
        holds = False
    if not holds:
        verdict.problems.append(f"{where} is not in the tree of the checkpoint")


def _is_anchored(document: Object, verdict: Verdict) -> None:
    """See that the checkpoint goes on from the root that is said to be on chain."""
    anchor, checkpoint = document.get("anchor"), verdict.checkpoint
    if anchor is None:
        return
    if not isinstance(anchor, dict):
        raise DocumentWrong(f"anchor is no object, but {anchor!r:.40}")
    size, root = _whole(anchor, "size"), _text(anchor, "merkle_root")
    hashes = _list(anchor, "path")
    if checkpoint is None:
        return
    try:
        path = [_bytes(hash) for hash in hashes]
        holds = holds_consistency(
            size, _bytes(root), checkpoint.size, checkpoint.root, path
        )
    except (TypeError, ValueError):
        holds = False
    if not holds:
        verdict.problems.append("the checkpoint does not go on from the anchored root")
        return
    verdict.anchor = (
        f"the chain {_whole(anchor, 'chain_id')} must have the root {root} of {size} "
        f"leaves in transaction {_text(anchor, 'tx_hash')}"
    )


def _in_order(document: Object, entries: Sequence[Object], verdict: Verdict) -> None:
    """See that entries follow each other in their trail, and in the log."""
    for before, after in pairwise(entries):
        positions = _whole(before, "position"), _whole(after, "position")
        where = f"events {positions[0]} and {positions[1]}"
        if positions[0] >= positions[1]:
            verdict.problems.append(f"{where} are not in order")
        elif positions[0] + 1 == positions[1]:
            if _previous(after) != before.get("leaf_hash"):
                verdict.problems.append(f"{where} are no neighbours: the chain is broken")
        elif _claims_to_be_whole(document):
            verdict.problems.append(f"between {where} something is missing")
        first, second = (_whole_if_any(entry, "leaf_index") for entry in (before, after))
        if first is not None and second is not None and first >= second:
            verdict.problems.append(f"{where} stand the other way round in the log")


def _is_whole(
    document: Object,
    entries: Sequence[Object],
    verifier: Verifier | None,
    verdict: Verdict,
) -> None:
    """See that a trail begins with its first event, and ends where somebody signed."""
    note = _text_if_any(document, "statement")
    stream_id = _text_if_any(document, "stream_id")
    if not entries:
        verdict.doubts.append("there is no event in it: nothing could be judged")
    if not _claims_to_be_whole(document):
        verdict.doubts.append(PART)
        return
    if entries and (
        _whole(entries[0], "position") != 0 or _previous(entries[0]) != GENESIS
    ):
        verdict.problems.append("the trail does not begin with its first event")
    if note is None or verifier is None:
        verdict.doubts.append("nobody signed where the trail ends: later events may lack")
        return
    if stream_id is None:
        raise DocumentWrong("it claims to be a whole trail, and has no stream_id")
    head = _text(entries[-1], "leaf_hash") if entries else GENESIS
    said = statement(stream_id, len(entries), head)
    try:
        holds = text_of(note) == said and verifier.holds(note)
    except NoteWrong:
        holds = False
    if not holds:
        verdict.problems.append("the trail does not end where its statement says")


def _claims_to_be_whole(document: Object) -> bool:
    """Read a claim that nobody signed: whoever removes events can withdraw it too."""
    found = document.get("is_whole", False)
    if not isinstance(found, bool):
        raise DocumentWrong(f"is_whole is neither true nor false, but {found!r:.40}")
    return found


def _previous(entry: Object) -> Any:
    try:
        content = json.loads(_text(entry, "canonical"))
    except ValueError:
        return None
    return content.get("previous") if isinstance(content, dict) else None


def _bytes(digits: Any) -> bytes:
    """Read hexadecimal digits in the one way that we write them."""
    found = bytes.fromhex(digits)
    if found.hex() != digits:
        raise ValueError("hexadecimal digits are small, and nothing is between them")
    return found


def _salt(digits: str) -> bytes:
    """Read a salt of the one size: with another, bytes of a text could pass for salt."""
    found = _bytes(digits)
    if len(found) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(found)}")
    return found


def _list(holder: Object, name: str) -> list[Any]:
    found = holder.get(name)
    if not isinstance(found, list):
        raise DocumentWrong(f"{name} is no list, but {found!r:.40}")
    for item in found:
        if name != "path" and not isinstance(item, dict):
            raise DocumentWrong(f"{name} has {item!r:.40}, which is no object")
    return found


def _text(holder: Object, name: str) -> str:
    found = holder.get(name)
    if not isinstance(found, str):
        raise DocumentWrong(f"{name} is no text, but {found!r:.40}")
    try:
        found.encode()
    except UnicodeEncodeError:
        raise DocumentWrong(f"{name} has half a character: {found!a:.40}") from None
    return found


def _text_if_any(holder: Object, name: str) -> str | None:
    return None if holder.get(name) is None else _text(holder, name)


def _whole(holder: Object, name: str) -> int:
    found = holder.get(name)
    if type(found) is not int:
        raise DocumentWrong(f"{name} is no whole number, but {found!r:.40}")
    return found


def _whole_if_any(holder: Object, name: str) -> int | None:
    return None if holder.get(name) is None else _whole(holder, name)


def told(verdict: Verdict) -> Iterator[str]:
    """Say in words what was found, each on one line, whatever a document has in it."""
    for line in _told(verdict):
        yield "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def _told(verdict: Verdict) -> Iterator[str]:
    yield from (f"does not hold: {problem}" for problem in verdict.problems)
    yield from (f"open: {doubt}" for doubt in verdict.doubts)
    if verdict.erased:
        yield f"erased: {len(verdict.erased)} values of people; the proofs do not need them"
    if verdict.anchor:
        yield f"to be seen on chain: {verdict.anchor}"
    if verdict.holds:
        place = (
            f", in the first {verdict.checkpoint.size} of {verdict.checkpoint.origin}"
            if verdict.checkpoint
            else ""
        )
        yield f"holds: {verdict.count} events{place}"
