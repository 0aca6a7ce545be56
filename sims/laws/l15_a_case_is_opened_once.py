"""L15: a person is given each case once, however often its cause shows."""

from __future__ import annotations

from collections import Counter

from sims.laws.books import told
from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.messages.custody import PaymentCaseOpened


def at_rest(platform: Platform) -> Complaints:
    opened = Counter(
        (envelope.message.case_id, envelope.message.kind)
        for envelope in told(platform)
        if isinstance(envelope.message, PaymentCaseOpened)
    )
    for (case_id, kind), count in opened.items():
        if count > 1:
            yield f"case {case_id}, {kind}, was opened {count} times"
