"""I12: healed, the house catches up within minutes, and at last every escrow ends."""

from __future__ import annotations

from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.escrow.policy import COMPLIANCE, layers
from toolkit.escrow.state import Absent, Cancelled, Refunded, Released


def at_rest(platform: Platform) -> Complaints:
    if platform.recovery is not None and not platform.recovery.is_in_time:
        yield f"healed at {platform.recovery.healed_at}, it {platform.recovery}"
    for escrow_id, (state, _) in platform.databases["escrow"].states.items():
        is_frozen = any(each.raised_by == COMPLIANCE for each in layers(state))
        has_ended = isinstance(state, Released | Refunded | Cancelled | Absent)
        if not is_frozen and not has_ended:
            yield f"escrow {escrow_id} never ended: {type(state).__name__}"
