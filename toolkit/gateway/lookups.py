"""The custodian's public keys: looked up by their id, and kept for a while."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from binascii import Error as NotBase64Error
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from toolkit.core.errors import Declined, Unavailable
from toolkit.core.ports import Clock

KEPT_FOR = timedelta(days=1)
STRANGE_FOR = timedelta(minutes=5)  # an id that nobody knows is not asked for again
KEYS_MAX = 256
# Whoever makes up ids shall not wear out the provider through us.
LOOKUPS_MAX = 30
PER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Found:
    """What a lookup brought: a key, or the knowledge that there is none."""

    key: EllipticCurvePublicKey | None
    until: datetime


@dataclass(slots=True)
class PublicKeys:
    """Keys by id. `look_up` answers base64 of the key's DER, or raises Declined."""

    look_up: Callable[[str], Awaitable[str]]
    clock: Clock
    found: dict[str, Found] = field(default_factory=dict)
    asked_at: list[datetime] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, id: str) -> EllipticCurvePublicKey | None:
        """Find a key; raise Unavailable where it cannot be asked for now."""
        known = self._known(id)
        if known is None:
            async with self.lock:  # whoever waited finds what the first one brought
                known = self._known(id) or await self._asked(id)
        return known.key

    def _known(self, id: str) -> Found | None:
        known = self.found.get(id)
        return known if known and self.clock.now() < known.until else None

    async def _asked(self, id: str) -> Found:
        now = self.clock.now()
        self.asked_at = [moment for moment in self.asked_at if now - moment < PER]
        if len(self.asked_at) >= LOOKUPS_MAX:
            raise Unavailable("too many keys of the custodian were asked for just now")
        self.asked_at.append(now)
        try:
            found = Found(_read(await self.look_up(id)), now + KEPT_FOR)
        except Declined:
            found = Found(None, now + STRANGE_FOR)
        self._keep(id, found, now)
        return found

    def _keep(self, id: str, found: Found, now: datetime) -> None:
        """Remember it; when there is no room, what runs out first makes some."""
        self.found = {k: f for k, f in self.found.items() if now < f.until and k != id}
        if len(self.found) >= KEYS_MAX:
            del self.found[min(self.found, key=lambda k: self.found[k].until)]
        self.found[id] = found


def _read(text: str) -> EllipticCurvePublicKey | None:
    """Read a key of the curve that we verify; any other is as good as none."""
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except (ValueError, NotBase64Error):
        return None
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    return None
