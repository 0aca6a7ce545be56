"""L17: every event is in its trail once, every entry in the log, and each root on chain."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from sims.laws.law import Complaints
from sims.world.garbage import is_poison
from sims.world.platform import NOTARY, Platform
from toolkit.audit.entry import GENESIS, hash_of
from toolkit.audit.merkle import Frontier
from toolkit.audit.note import Checkpoint
from toolkit.audit.service import WITNESSED
from toolkit.audit.state import MAIN_LOG, Log, Trail
from toolkit.messages.audit import CheckpointSealed, CheckpointSigned
from toolkit.messages.closing import AuditAnchored


def at_rest(platform: Platform) -> Complaints:
    """Ask only where audit runs; elsewhere there is nothing to be whole."""
    if "audit" not in platform.processes:
        return
    states = platform.databases["audit"].states
    trails = {k: v.state for k, v in states.items() if isinstance(v.state, Trail)}
    yield from _heard(platform, trails)
    leaves = Counter(entry.leaf_hash for t in trails.values() for entry in t.entries)
    yield from _chained(trails)
    yield from _sealed(platform, leaves)
    yield from _anchored(platform)


def _heard(platform: Platform, trails: dict[str, Trail]) -> Complaints:
    said = {
        str(envelope.id)
        for log in platform.broker.logs.values()
        for envelope in log
        if type(envelope.message) in WITNESSED
        and not is_poison(envelope, platform.poisoned)
    }
    kept = Counter(entry.event_id for t in trails.values() for entry in t.entries)
    if missing := said - kept.keys():
        yield f"{len(missing)} of {len(said)} events are in no trail"
    if doubled := [id for id, count in kept.items() if count > 1]:
        yield f"{len(doubled)} events are in their trail more than once"


def _chained(trails: dict[str, Trail]) -> Complaints:
    for stream, trail in trails.items():
        previous = GENESIS
        for position, entry in enumerate(trail.entries):
            is_so = f'"previous":"{previous}"' in entry.canonical
            hash = hash_of(entry.canonical, bytes.fromhex(entry.salt)).hex()
            if not is_so or entry.position != position or hash != entry.leaf_hash:
                yield f"the chain of {stream} is broken at {position}"
            previous = entry.leaf_hash


def _sealed(platform: Platform, leaves: Counter[str]) -> Complaints:
    """Build the tree from what was published, and hold every checkpoint against it."""
    database, frontier = platform.databases["audit"], Frontier()
    roots: dict[int, str] = {0: ""}
    in_log: Counter[str] = Counter()
    for event in (e.message for e in database.events):
        if isinstance(event, CheckpointSealed):
            for leaf in event.leaf_hashes:
                frontier = frontier.append(bytes.fromhex(leaf))
                in_log[leaf] += 1
            if frontier.root().hex() != event.merkle_root:
                yield f"the root of {event.to_index} leaves is not that of its leaves"
            roots[frontier.size] = event.merkle_root
        elif isinstance(event, CheckpointSigned):
            told = Checkpoint.parse(event.note)
            is_signed = NOTARY.verifier.holds(event.note)
            if not is_signed or told.root.hex() != roots.get(told.size):
                yield f"the checkpoint of {event.size} is not signed as it was sealed"
    kept = database.states.get(MAIN_LOG)
    pending: tuple[str, ...] = kept.state.pending if kept else ()
    if in_log + Counter(pending) != leaves:
        yield f"the log has {in_log.total() + len(pending)} of {leaves.total()} entries"
    if pending:
        yield f"{len(pending)} entries were never sealed"


def _anchored(platform: Platform) -> Complaints:
    """What is on chain is what was announced, each on top of the one before."""
    events = [e.message for e in platform.databases["audit"].events]
    told = [e for e in events if isinstance(e, AuditAnchored)]
    mined = [one.asked for one in platform.chain.anchors.values()]
    if [e.merkle_root for e in told] != [asked.merkle_root for asked in mined]:
        yield f"{len(told)} anchors were announced, and {len(mined)} are on chain"
    for before, after in pairwise(told):
        if after.from_sequence != before.to_sequence + 1:
            yield f"the anchor from {after.from_sequence} does not go on from the last"
    if platform.chain.refused:
        yield f"the chain refused {platform.chain.refused} statements"
    log = platform.databases["audit"].states.get(MAIN_LOG)
    if log and isinstance(log.state, Log) and log.state.signed_size < log.state.sealed_size:
        yield "what was sealed was never signed"
