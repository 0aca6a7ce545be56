"""A log in memory: events through the service's own judgement, and documents out of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from toolkit.audit.decider import Keeper, Policy, witness
from toolkit.audit.merkle import consistency_path, inclusion_path, look_in
from toolkit.audit.note import Checkpoint, Signer
from toolkit.audit.proof import DOCUMENT, statement
from toolkit.audit.state import Log, Trail
from toolkit.core.decider import Numbered
from toolkit.core.message import derived, first
from toolkit.core.money import Money
from toolkit.messages.audit import AppendEntry, CheckpointSealed, CloseCheckpoint
from toolkit.messages.escrow import EscrowCreated, EscrowDisputed, EscrowFundsHeld, Rail

NOW = datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)
SIGNER = Signer(name="tests.example/audit", seed=bytes(range(32)))
REASON = "Ada says that the kitchen of 1 Main Street is missing"


def salt(event_id, part):
    return sha256(f"{event_id}/{part}".encode()).digest()


def event(stream, number):
    """Some event of a stream, the first of which creates it."""
    match number % 3:
        case 0:
            message = EscrowCreated(
                escrow_id=stream,
                contract_id="C1",
                buyer_id="ada",
                seller_id="bob",
                amount=Money(250_00),
                rail=Rail.STRIPE,
            )
        case 1:
            message = EscrowFundsHeld(
                escrow_id=stream,
                payment_id=f"P{number}",
                amount=Money(250_00),
                held_at=NOW,
                provider_ref=f"ch_{number}",
            )
        case _:
            message = EscrowDisputed(
                escrow_id=stream, dispute_id=f"D{number}", raised_by="ada", reason=REASON
            )
    at = NOW + timedelta(seconds=number)
    return first(message, derived("event", stream, str(number)), at)


@dataclass
class Logbook:
    """Plays the service without a broker: whatever is said is heard at once."""

    keeper: Keeper = field(default_factory=lambda: Keeper(Policy(leaves_max=10_000)))
    trails: dict = field(default_factory=dict)
    log: Log = field(default_factory=Log)
    leaves: list = field(default_factory=list)
    sealed: list = field(default_factory=list)

    def hear(self, envelope):
        trail = self.trails.get(envelope.key, Trail())
        self.trails[envelope.key], said = witness(salt).hear(trail, envelope, NOW)
        for message in said:
            assert isinstance(message, AppendEntry)
            self.leaves.append(bytes.fromhex(message.leaf_hash))
            self.step(message)

    def step(self, message):
        self.log, said = self.keeper.step(self.log, message, NOW)
        events = [s.event for s in said if isinstance(s, Numbered)]
        self.sealed += [e for e in events if isinstance(e, CheckpointSealed)]

    def seal(self):
        self.step(CloseCheckpoint(log_id="log/main"))
        return self.note()

    def note(self):
        last = self.sealed[-1]
        checkpoint = Checkpoint(
            origin=SIGNER.name,
            size=last.to_index,
            root=bytes.fromhex(last.merkle_root),
            chain_head=bytes.fromhex(last.chain_head),
        )
        return SIGNER.sign(checkpoint.text)

    def document(self, stream, *, is_whole=True):
        """Export a trail as the reader does, all leaves looked up in memory."""
        trail, size = self.trails[stream], self.sealed[-1].to_index
        look = look_in(self.leaves[:size])
        entries = []
        for entry in trail.entries:
            place = self.leaves.index(bytes.fromhex(entry.leaf_hash))
            is_sealed = place < size
            path = inclusion_path(place, size, look) if is_sealed else []
            entries.append(
                {
                    "position": entry.position,
                    "canonical": entry.canonical,
                    "salt": entry.salt,
                    "leaf_hash": entry.leaf_hash,
                    "leaf_index": place if is_sealed else None,
                    "path": [hash.hex() for hash in path],
                    "disclosures": [
                        {"path": d.path, "value": d.value, "salt": d.salt}
                        for d in entry.disclosures
                    ],
                }
            )
        said = statement(stream, trail.count, trail.head)
        return {
            "format": DOCUMENT,
            "stream_id": stream,
            "is_whole": is_whole,
            "entries": entries,
            "checkpoint": self.note(),
            "anchor": None,
            "statement": SIGNER.sign(said) if is_whole else None,
        }

    def consistency(self, old, new):
        return consistency_path(old, new, look_in(self.leaves[:new]))


def filled(*counts):
    """A log of several streams whose events came in turns, sealed at the end."""
    book = Logbook()
    for number in range(max(counts)):
        for place, count in enumerate(counts):
            if number < count:
                book.hear(event(f"S{place}", number))
    book.seal()
    return book
