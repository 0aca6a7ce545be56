"""The wallet provider's events, asked for: what no webhook told is told by the poller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from toolkit.closing.wallet import Wallets
from toolkit.closing.webhooks import TELLING_OF_MONEY, WALLETS
from toolkit.core.message import derived, record
from toolkit.runtime.poller import Item


@record
class WalletNews:
    """Events of all wallets. A poll and a webhook name an event alike."""

    api: Wallets
    provider: str = WALLETS

    async def since(self, moment: datetime) -> Sequence[Item]:
        return [
            Item(
                id=derived(WALLETS, event["id"]),
                provider_event_id=event["id"],
                provider_event_type=event["type"],
                payload=event,
            )
            for event in await self.api.events_since(moment)
            if event["type"] in TELLING_OF_MONEY
        ]
