"""L16: once an escrow is cancelled its card payment is over: nobody can pay it any more."""

from __future__ import annotations

from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.escrow.state import Cancelled

OVER = ("canceled", "succeeded")  # what succeeded first goes back


def at_rest(platform: Platform) -> Complaints:
    states = platform.databases["escrow"].states
    for intent in platform.stripe.books.payment_intents.rows:
        escrow_id = intent.metadata.get("escrow_id", "")
        known = states.get(escrow_id)
        if known and isinstance(known.state, Cancelled) and intent.status not in OVER:
            yield f"{intent.id} of the cancelled {escrow_id} is {intent.status}"
