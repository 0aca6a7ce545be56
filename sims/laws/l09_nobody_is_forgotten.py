"""L9: whoever is on Discord is told that money is held, or cannot be reached."""

from __future__ import annotations

from sims.laws.l08_each_is_told_once import outcomes
from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.messages.escrow import EscrowFundsHeld


def at_rest(platform: Platform) -> Complaints:
    told = {(o.cause, o.recipient_id) for o in outcomes(platform)}
    known = platform.databases["notifications"].states
    for envelope in platform.databases["escrow"].events:
        if not isinstance(envelope.message, EscrowFundsHeld):
            continue
        parties = known[envelope.key].state.parties
        for person_id in (parties.buyer_id, parties.seller_id):
            wishes = known[person_id].state.preferences if person_id in known else ()
            is_reached = any(wish.problem is None for wish in wishes)
            if is_reached and (str(envelope.id), person_id) not in told:
                yield f"{person_id} never heard that {envelope.key} is held"
