"""The custodian's transactions, asked for: what was final, or is stuck, and nobody told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.core.message import derived
from toolkit.payments.custodian import Custodian, Object
from toolkit.payments.custodian_status import Status, merged, read
from toolkit.payments.poller import Item


@dataclass(slots=True)
class CustodianNews:
    """Transactions since a moment, and earlier ones that had not come to their end.

    The custodian lists what was created, not what has changed, so we remember what is open.
    """

    api: Custodian
    provider: str = "custodian"
    open: dict[str, Status] = field(default_factory=dict)

    async def since(self, moment: datetime) -> Sequence[Item]:
        listed = [made async for made in self.api.transactions_since(moment)]
        ids = {made["id"] for made in listed}
        earlier = [await self.api.transaction(id) for id in self.open if id not in ids]
        found = [self._item(made) for made in (*earlier, *reversed(listed))]
        return [item for item in found if item is not None]

    def _item(self, made: Object) -> Item | None:
        id = made["id"]
        status = merged(self.open.pop(id, Status.UNKNOWN), read(made["state"]))
        if not status.is_final:
            self.open[id] = status
        if not status.is_final and made["state"] != Status.STUCK:
            return None
        # A transaction is stuck anew after it was hurried; it is final once.
        name = f"{id}:{status}" if status.is_final else f"{id}:{made['updateDate']}"
        way = "inbound" if made["transactionType"] == "INBOUND" else "outbound"
        return Item(
            id=derived("custodian poll", name),
            provider_event_id=name,
            provider_event_type=f"transactions.{way}",
            payload={"notification": made},
        )
