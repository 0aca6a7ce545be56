"""The language of the audit trail: what becomes a leaf, is sealed, signed and anchored.

Hashes are hexadecimal digits. Nothing here carries what an event said: an entry's content
stays with audit, and only its hash travels. What is anchored is told as AuditAnchored.
"""

from __future__ import annotations

from toolkit.core.message import Command, Event, record


@record
class AuditCommand(Command):
    """Said by audit to itself."""

    topic = "audit.commands.v1"

    log_id: str

    @property
    def key(self) -> str:
        return self.log_id


@record
class AppendEntry(AuditCommand):
    """Put one entry of a trail into the log."""

    stream_id: str
    position: int
    leaf_hash: str


@record
class CloseCheckpoint(AuditCommand):
    """Seal what has gathered, though it is not many: its time has come."""


@record
class SignCheckpoint(AuditCommand):
    """Have the notary sign what was sealed."""

    size: int
    merkle_root: str
    chain_head: str


@record
class RecordSignature(AuditCommand):
    """Remember what the notary signed."""

    size: int
    merkle_root: str
    note: str


@record
class AnchorNewest(AuditCommand):
    """Anchor the newest signed checkpoint: its time has come."""


@record
class AnchorCheckpoint(AuditCommand):
    """Have a root written on chain, once: `intent_id` names it there."""

    intent_id: str
    from_index: int
    to_index: int
    merkle_root: str


@record
class RecordAnchor(AuditCommand):
    """Remember where on chain a root was written."""

    from_index: int
    to_index: int
    merkle_root: str
    chain_id: int
    tx_hash: str
    block_number: int


@record
class ErasePersonalData(Command):
    """Destroy what a trail says of people, with its salts. Its proofs stand."""

    topic = "audit.commands.v1"

    stream_id: str
    actor_id: str
    reason: str

    @property
    def key(self) -> str:
        return self.stream_id


@record
class AuditEvent(Event):
    topic = "audit.events.v1"

    log_id: str

    @property
    def key(self) -> str:
        return self.log_id


@record
class CheckpointSealed(AuditEvent):
    """The leaves from one index up to another are in the tree that has this root.

    With every such event anybody can build the whole tree, and need not believe us.
    """

    from_index: int
    to_index: int
    merkle_root: str
    chain_head: str
    leaf_hashes: tuple[str, ...]


@record
class CheckpointSigned(AuditEvent):
    """The notary has signed a checkpoint; the note has all that is to be known of it."""

    size: int
    merkle_root: str
    note: str


@record
class PersonalDataErased(Event):
    """What a trail said of people is gone for good."""

    topic = "audit.events.v1"

    stream_id: str
    actor_id: str
    reason: str

    @property
    def key(self) -> str:
        return self.stream_id
