"""L10: a webhook that nobody vouches for, or whose signature is old, is turned away."""

from __future__ import annotations

from sims.laws.law import Complaints
from sims.world.platform import Platform


def at_rest(platform: Platform) -> Complaints:
    for knock in platform.postman.strangers:
        if knock.was_let_in:
            yield f"{knock.what} {knock.event_id} was let in"
