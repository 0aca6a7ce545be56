"""Audit's judgement: events become entries, entries become leaves, leaves are sealed.

A trail is kept under its stream's key, so that streams do not wait for each other. The log
is one for all; it hears of entries by message, in the one order that its tree has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from toolkit.audit.entry import Salts, entry_of
from toolkit.audit.state import MAIN_LOG, Log, Trail
from toolkit.core.decider import Consequence, Forget, Later, Numbered, Perform, Witness
from toolkit.core.message import Envelope, derived, record
from toolkit.messages.audit import (
    AnchorCheckpoint,
    AnchorNewest,
    AppendEntry,
    CheckpointSealed,
    CheckpointSigned,
    CloseCheckpoint,
    ErasePersonalData,
    PersonalDataErased,
    RecordAnchor,
    RecordSignature,
    SignCheckpoint,
)
from toolkit.messages.closing import AuditAnchored

CHECKPOINT, ANCHOR = "checkpoint", "anchor"  # the log's two timers
Outcome = tuple[Any, Sequence[Consequence]]


@record
class Policy:
    """When leaves are sealed, and how often a root goes on chain."""

    leaves_max: int = 1_000
    seal_within: timedelta = timedelta(seconds=60)
    anchor_every: timedelta | None = timedelta(hours=1)  # None where there is no chain


def witness(salts: Salts) -> Witness[Trail]:
    """Make the one who writes what happens in a stream into its trail."""

    def hear(trail: Trail, envelope: Envelope, now: datetime) -> Outcome:  # noqa: ARG001 - shape
        entry = entry_of(envelope, trail.count, trail.head, salts)
        told = AppendEntry(
            log_id=MAIN_LOG,
            stream_id=envelope.key,
            position=entry.position,
            leaf_hash=entry.leaf_hash,
        )
        return trail.followed_by(entry), (told,)

    return Witness(initial=Trail(), hear=hear)


@dataclass(frozen=True, slots=True)
class Eraser:
    """Forgets what a trail says of people; that it was done is itself an event."""

    initial: Trail = Trail()  # noqa: RUF009 - it never changes

    def step(self, trail: Trail, message: Any, now: datetime) -> Outcome:  # noqa: ARG002 - shape
        match message:
            case ErasePersonalData() if trail.count:
                erased = PersonalDataErased(
                    stream_id=message.stream_id,
                    actor_id=message.actor_id,
                    reason=message.reason,
                )
                after = trail.without_people()
                return after, (Numbered(event=erased, number=after.erasures),)
        return trail, ()


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the log: seals, has it signed, has it anchored."""

    policy: Policy
    initial: Log = Log()  # noqa: RUF009 - it never changes

    def step(self, log: Log, message: Any, now: datetime) -> Outcome:
        match message:
            case AppendEntry():
                return self._append(log.with_leaf(message.leaf_hash), now)
            case CloseCheckpoint():
                return self._seal(log) if log.pending else (log, ())
            case RecordSignature():
                return self._signed(log, message, now)
            case AnchorNewest():
                return self._anchor(log)
            case RecordAnchor():
                return self._anchored(log, message, now)
        return log, ()

    def _append(self, log: Log, now: datetime) -> Outcome:
        if len(log.pending) >= self.policy.leaves_max:
            after, consequences = self._seal(log)
            return after, (Forget(name=CHECKPOINT), *consequences)
        if len(log.pending) > 1:
            return log, ()
        close = CloseCheckpoint(log_id=MAIN_LOG)
        return log, (
            Later(name=CHECKPOINT, at=now + self.policy.seal_within, command=close),
        )

    def _seal(self, log: Log) -> Outcome:
        sealed = CheckpointSealed(
            log_id=MAIN_LOG,
            from_index=log.sealed_size,
            to_index=log.size,
            merkle_root=log.root,
            chain_head=log.chain_head,
            leaf_hashes=log.pending,
        )
        sign = SignCheckpoint(
            log_id=MAIN_LOG,
            size=log.size,
            merkle_root=log.root,
            chain_head=log.chain_head,
        )
        after = replace(log, pending=(), told=log.told + 1)
        return after, (Numbered(event=sealed, number=after.told), Perform(command=sign))

    def _signed(self, log: Log, message: RecordSignature, now: datetime) -> Outcome:
        signed = CheckpointSigned(
            log_id=MAIN_LOG,
            size=message.size,
            merkle_root=message.merkle_root,
            note=message.note,
        )
        after = replace(log, told=log.told + 1)
        told = Numbered(event=signed, number=after.told)
        if message.size <= log.signed_size:  # an older one, whose signature came late
            return after, (told,)
        after = replace(after, signed_size=message.size, signed_root=message.merkle_root)
        if after.is_anchor_planned or self.policy.anchor_every is None:
            return after, (told,)
        first = now if not after.anchored_size else now + self.policy.anchor_every
        return replace(after, is_anchor_planned=True), (told, _later(first))

    def _anchor(self, log: Log) -> Outcome:
        if log.signed_size <= log.anchored_size:
            return replace(log, is_anchor_planned=False), ()
        span = f"{log.anchored_size}-{log.signed_size}"
        anchor = AnchorCheckpoint(
            log_id=MAIN_LOG,
            intent_id=str(derived("anchor", MAIN_LOG, span, log.signed_root)),
            from_index=log.anchored_size,
            to_index=log.signed_size,
            merkle_root=log.signed_root,
        )
        return log, (Perform(command=anchor),)

    def _anchored(self, log: Log, message: RecordAnchor, now: datetime) -> Outcome:
        if message.to_index <= log.anchored_size:
            return log, ()
        anchored = AuditAnchored(
            transaction_id=MAIN_LOG,
            from_sequence=message.from_index,
            to_sequence=message.to_index - 1,
            merkle_root=message.merkle_root,
            chain_id=message.chain_id,
            tx_hash=message.tx_hash,
            block_number=message.block_number,
        )
        after = replace(log, anchored_size=message.to_index, announced=log.announced + 1)
        told = Numbered(event=anchored, number=after.announced)
        if log.signed_size > message.to_index and self.policy.anchor_every is not None:
            return after, (told, _later(now + self.policy.anchor_every))
        return replace(after, is_anchor_planned=False), (told,)


def _later(at: datetime) -> Later:
    return Later(name=ANCHOR, at=at, command=AnchorNewest(log_id=MAIN_LOG))
