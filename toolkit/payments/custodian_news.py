"""The custodian's transactions, asked for: each that was made is told of, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from toolkit.core.message import derived, record
from toolkit.payments.custodian import Custodian
from toolkit.payments.webhooks import LISTED
from toolkit.runtime.poller import Item


@record
class CustodianNews:
    """Transactions that were created since a moment.

    The custodian lists what was created, not what has changed. So each is handed on when it
    is seen first, in whatever state, and the agenda looks at it until it is final: there is
    nothing to remember here, and one that cannot be looked at holds up no other.
    """

    api: Custodian
    provider: str = "custodian"

    async def since(self, moment: datetime) -> Sequence[Item]:
        listed = [made async for made in self.api.transactions_since(moment)]
        return [
            Item(
                id=derived("custodian poll", made["id"]),
                provider_event_id=made["id"],
                provider_event_type=LISTED,
                payload={"notification": made},
            )
            for made in reversed(listed)
        ]
