"""I2: what our books say a provider holds is what it holds, and at rest nobody owes it.

In each currency. What is left over or was overdrawn has a case, and a person for it. All
that went in and out is counted too: money that has come and gone again leaves no trace in
what is held.
"""

from __future__ import annotations

from sims.laws.books import cases, our_turnover, ours, their_turnover, theirs, told
from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.messages.custody import CaseKind
from toolkit.payments.ledger import FEES


def at_rest(platform: Platform) -> Complaints:
    accounts, held = ours(platform), theirs(platform)
    for account in sorted(
        {a for a in accounts if a[0].startswith("provider:")} | set(held)
    ):
        if accounts[account] != held[account]:
            yield f"we say {account} is {accounts[account]}, they say {held[account]}"
    went, goes = our_turnover(platform), their_turnover(platform)
    for flow in sorted(went.keys() | goes.keys()):
        if went[flow] != goes[flow]:
            yield f"we say {went[flow]} went {' '.join(flow)}, they say {goes[flow]}"
    yield from fees(platform, sum(n for (name, _), n in accounts.items() if name == FEES))
    known = cases(platform)
    for (name, currency), minor in accounts.items():
        kinds = known[name.removeprefix("escrow:")]
        if not name.startswith("escrow:"):
            continue
        if minor < 0 and not kinds & {CaseKind.REFUND_PARKED, CaseKind.PAYEE_PARKED}:
            yield f"{name} still holds {-minor} {currency}"
        if minor > 0 and CaseKind.RECOVERY not in kinds:
            yield f"{name} lacks {minor} {currency}"


def fees(platform: Platform, booked: int) -> Complaints:
    """What was charged is what was booked."""
    charged = sum(
        getattr(getattr(envelope.message, "fee", None), "minor", 0)
        for envelope in told(platform)
    )
    if charged != booked:
        yield f"fees of {charged} were charged and {booked} booked"
