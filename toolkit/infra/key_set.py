"""The identity provider's public keys, read again while we run: they may rotate.

They come from a file or an address. An unknown key id makes us look again, but not more
often than the issuer would like; a key that has left the set is forgotten at the next look.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from toolkit.infra.settings import SettingsWrong

log = logging.getLogger(__name__)

BYTES_MAX = 65_536
EVERY_S = 300.0  # so long a key that was withdrawn may still be good, at an address
FILE_EVERY_S = 2.0
AGAIN_S = 10.0  # whoever sends unknown key ids makes us ask this often, no more
STALE_S = 86_400.0  # a set that could not be read for a day is believed no longer
LOOPBACK = ("127.0.0.1", "::1", "localhost")

Document = Mapping[str, Any]


class KeySet(Mapping[str, Any]):
    """Keys by their id, as they were when last looked at."""

    def __init__(
        self,
        look: Callable[[], Awaitable[Document]],
        read: Callable[[Document], Mapping[str, Any]],
        *,
        every_s: float,
        again_s: float = AGAIN_S,
        stale_s: float = STALE_S,
        now_s: Callable[[], float] | None = None,
    ) -> None:
        self._look, self._read = look, read
        self._every_s, self._again_s, self._stale_s = every_s, again_s, stale_s
        self._now_s = now_s or asyncio.get_running_loop().time
        self._keys: Mapping[str, Any] = {}
        self._tried_s = self._read_s = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Read the keys for the first time. Raises SettingsWrong: nobody could call."""
        try:
            await self._refresh()
        except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL) as failure:
            raise SettingsWrong(
                f"ESCROW_JWT_KEYS cannot be used ({failure}): name a JSON Web Key Set"
            ) from failure

    async def look_again(self) -> bool:
        """Look for a key that is not known yet, unless somebody has only just looked."""
        now_s = self._now_s()
        if now_s - self._tried_s >= self._again_s:
            self._start(now_s)
        if self._looking is None:
            return False
        await asyncio.shield(self._looking)
        return True

    def __getitem__(self, kid: str) -> Any:
        """Answer a key at once; look at the set again beside it, when that is due."""
        now_s = self._now_s()
        if now_s - self._tried_s >= self._every_s:
            self._start(now_s)
        if now_s - self._read_s > self._stale_s:
            raise KeyError(kid)
        return self._keys[kid]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def _start(self, now_s: float) -> None:
        self._tried_s = now_s
        if self._looking is None:
            self._looking = asyncio.create_task(self._try())

    async def _try(self) -> None:
        """Keep the keys that we have when a look comes to nothing."""
        try:
            await self._refresh()
        except Exception as failure:  # noqa: BLE001 - whatever it is, the keys stay
            log.warning("the key set cannot be read again, the old one stays: %r", failure)
        finally:
            self._looking = None

    async def _refresh(self) -> None:
        keys = dict(self._read(await self._look()))
        # A key that has not changed stays the same object: its tokens need no new check.
        self._keys = {
            kid: old if (old := self._keys.get(kid)) == key else key
            for kid, key in keys.items()
        }
        self._tried_s = self._read_s = self._now_s()


def key_set(where: str, read: Callable[[Document], Mapping[str, Any]]) -> KeySet:
    """Open the keys at an address, or in a file. Raises SettingsWrong where it must not."""
    address = urlsplit(where)
    if address.scheme in ("http", "https"):
        if address.scheme == "http" and address.hostname not in LOOPBACK:
            raise SettingsWrong(
                f"ESCROW_JWT_KEYS {where} is not https: anybody on the way could put in a "
                "key of their own"
            )
        return KeySet(lambda: _fetched(where), read, every_s=EVERY_S)
    return KeySet(lambda: _opened(Path(where)), read, every_s=FILE_EVERY_S, again_s=1.0)


async def _fetched(address: str) -> Document:
    async with (
        httpx.AsyncClient(timeout=5.0, follow_redirects=False) as client,
        client.stream("GET", address) as answer,
    ):
        answer.raise_for_status()
        body = b""
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > BYTES_MAX:
                raise ValueError(f"{address} answers more than {BYTES_MAX} bytes")
    return _document(body)


async def _opened(path: Path) -> Document:
    with path.open("rb") as file:
        body = file.read(BYTES_MAX + 1)
    if len(body) > BYTES_MAX:
        raise ValueError(f"{path} is larger than {BYTES_MAX} bytes")
    return _document(body)


def _document(body: bytes) -> Document:
    found = json.loads(body)
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise ValueError("no JSON object with a list of keys")  # noqa: TRY004 - its content
    return found
