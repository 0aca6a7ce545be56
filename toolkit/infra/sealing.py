"""Seal text for one place with AES-256-GCM, so that it opens there and nowhere else.

What is stored is `1.` and the base64 of nonce, ciphertext and tag. The place (table, row
and column) is authenticated with it: a value moved to another row does not open. Source of
the mode: NIST SP 800-38D; nonces are 96 random bits, so a key seals at most 2^32 values.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from toolkit.core.sealing import KeyGone, Unreadable, WrappedKey

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = "1."
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)  # of a master key


class KeyringWrong(Exception):  # noqa: N818 - says what happened
    """The file of keys cannot be used; the message says what to do."""


def new_key() -> bytes:
    """Draw a key of 256 bits."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def seal(key: bytes, place: str, text: str) -> str:
    """Seal text for a place."""
    return VERSION + base64.b64encode(_seal(key, place, text.encode())).decode()


def unseal(key: bytes, place: str, sealed: str) -> str:
    """Open what was sealed for a place. Raises Unreadable for anything else."""
    if not sealed.startswith(VERSION):
        raise Unreadable(f"{place}: this was never sealed, or by a later version")
    try:
        return _open(key, place, base64.b64decode(sealed[len(VERSION) :])).decode()
    except binascii.Error as broken:
        raise Unreadable(f"{place}: this is no base64") from broken


def _seal(key: bytes, place: str, plain: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def _open(key: bytes, place: str, sealed: bytes) -> bytes:
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, place.encode())
    except (InvalidTag, ValueError) as broken:
        raise Unreadable(
            f"{place}: this was altered, or sealed for another place"
        ) from broken


@dataclass(frozen=True, slots=True)
class Keyring:
    """Master keys of our own, where there is no KMS: the last of a file's keys wraps."""

    keys: Mapping[str, bytes]

    @classmethod
    def read(cls, path: Path) -> Keyring:
        """Read `{"2026-11": "<base64 of 32 bytes>", …}`, the newest key last.

        Raises KeyringWrong naming what is wrong with the file.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            keys = {
                name: base64.b64decode(text, validate=True)
                for name, text in document.items()
            }
        except OSError as missing:
            raise KeyringWrong(f"{path} cannot be read: {missing.strerror}") from missing
        except (ValueError, AttributeError, TypeError) as broken:
            raise KeyringWrong(
                f"{path} is no keyring; `python -m toolkit keyring add` makes one"
            ) from broken
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyringWrong(f"{path}: every key has {KEY_BYTES} bytes, and there is one")
        return cls(keys)

    @property
    def master(self) -> str:
        """Name the newest key."""
        return [*self.keys][-1]

    async def wrap(self, key: bytes, context: str) -> WrappedKey:
        """Wrap a key with the newest one."""
        wrapped = _seal(self.keys[self.master], context, key)
        return WrappedKey(master=self.master, wrapped=wrapped)

    async def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        """Open a wrapped key with the one that wrapped it."""
        if (key := self.keys.get(wrapped.master)) is None:
            raise KeyGone(f"the master key {wrapped.master} is not in the keyring any more")
        return _open(key, context, wrapped.wrapped)


def add_key(path: Path, name: str) -> None:
    """Add a new master key to a file, or begin one that only its owner reads.

    The file is replaced whole, so that whoever reads it meanwhile finds all keys.
    Raises KeyringWrong where the name is taken or the file is no keyring.
    """
    keys = dict(Keyring.read(path).keys) if path.exists() else {}
    if not NAME.fullmatch(name):
        raise KeyringWrong(f"{name!r} names no key: write letters, digits, . _ or -")
    if name in keys:
        raise KeyringWrong(f"{path} has a key {name}: name the new one otherwise")
    keys[name] = new_key()
    document = {held: base64.b64encode(key).decode() for held, key in keys.items()}
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.touch(mode=0o600, exist_ok=False)
    except FileExistsError as taken:
        raise KeyringWrong(
            f"{beside} is there: somebody adds a key just now, or was interrupted; remove "
            "it if nobody does"
        ) from taken
    except OSError as missing:
        raise KeyringWrong(
            f"{path} cannot be written: {missing.strerror}; is its folder there?"
        ) from missing
    with beside.open("w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
