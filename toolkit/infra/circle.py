"""Circle's developer-controlled wallets: what the custodian's rail asks, in its own paths.

How a call travels is somebody else's business: over HTTP (`circle_http`), or in process to
a model of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from toolkit.core.message import derived

Object = Mapping[str, Any]

BASE = "BASE"
PAGE = 50  # the most that Circle gives at once
WALLET_SET = "escrow"
# A smart contract account: its gas is paid by the entity's gas station, so that a deposit
# address needs no ETH of its own.
ACCOUNT_TYPE = "SCA"


class Send(Protocol):
    """A call and its answer's `data`.

    Raises Declined when Circle says no, and Unavailable when it says nothing or the
    outcome is unknown.
    """

    async def __call__(self, method: str, path: str, params: Object) -> Any: ...


@dataclass(slots=True)
class Circle:
    """The port of the custodian's rail. Objects come back as plain mappings."""

    send: Send
    wallet_set_id: str = ""  # found or made at the first use
    tokens: dict[str, Object] = field(default_factory=dict)  # they never change

    async def create_wallet(self, name: str, ref_id: str, key: UUID) -> Object:
        """Open a wallet with an address of its own."""
        if not self.wallet_set_id:
            self.wallet_set_id = await self._wallet_set()
        asked = {
            "blockchains": [BASE],
            "walletSetId": self.wallet_set_id,
            "accountType": ACCOUNT_TYPE,
            "metadata": [{"name": name, "refId": ref_id}],
        }
        made = await self._change("v1/w3s/developer/wallets", asked, key)
        wallet: Object = made["wallets"][0]
        return wallet

    async def wallet(self, id: str) -> Object:
        found: Object = await self._read(f"v1/w3s/wallets/{id}", "wallet")
        return found

    async def wallets_of(self, ref_id: str) -> Sequence[Object]:
        found: Sequence[Object] = await self._read(
            "v1/w3s/wallets", "wallets", {"refId": ref_id, "pageSize": str(PAGE)}
        )
        return found

    async def token(self, id: str) -> Object:
        if id not in self.tokens:
            self.tokens[id] = await self._read(f"v1/w3s/tokens/{id}", "token")
        return self.tokens[id]

    async def transaction(self, id: str) -> Object:
        found: Object = await self._read(f"v1/w3s/transactions/{id}", "transaction")
        return found

    async def transfer(self, asked: Object, key: UUID) -> Object:
        """Start a transfer; the answer has its id and its state, and no more."""
        path = "v1/w3s/developer/transactions/transfer"
        made: Object = await self._change(path, asked, key)
        return made

    async def accelerate(self, id: str, key: UUID) -> None:
        await self._change(f"v1/w3s/developer/transactions/{id}/accelerate", {}, key)

    async def transactions_since(
        self, since: datetime, **filters: str
    ) -> AsyncIterator[Object]:
        """List what was created since, from newest to oldest, all pages."""
        page = {"pageSize": str(PAGE), "from": since.isoformat(), **filters}
        while True:
            found = await self._read("v1/w3s/transactions", "transactions", page)
            for made in found:
                yield made
            if len(found) < PAGE:
                return
            page["pageAfter"] = found[-1]["id"]

    async def notification_key(self, id: str) -> str:
        """Look up the public key that signs notifications, base64 of its DER."""
        key: str = await self._read(f"v2/notifications/publicKey/{id}", "publicKey")
        return key

    async def _wallet_set(self) -> str:
        known = await self._read("v1/w3s/walletSets", "walletSets", {"order": "ASC"})
        for group in known:
            if group.get("name") == WALLET_SET:
                return str(group["id"])
        key = derived("custodian wallet set", WALLET_SET)
        made = await self._change("v1/w3s/developer/walletSets", {"name": WALLET_SET}, key)
        return str(made["walletSet"]["id"])

    async def _read(self, path: str, name: str, params: Object | None = None) -> Any:
        return (await self.send("GET", path, params or {}))[name]

    async def _change(self, path: str, asked: Object, key: UUID) -> Any:
        return await self.send("POST", path, {**asked, "idempotencyKey": random_like(key)})


def random_like(key: UUID) -> str:
    """Give a derived key the shape of a random one: Circle takes version 4 only."""
    return str(UUID(int=key.int, version=4))
