"""Signed notes, as C2SP writes them, and the checkpoints of a log that they carry.

A note is a text, an empty line, and a line for each signature. Everything here is plain
computing: whoever has a public key can check a checkpoint without asking anybody.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from toolkit.core.message import record

ED25519 = b"\1"  # how C2SP numbers the kind of a key
ID_BYTES = 4
SEED_BYTES = 32
DASH = "\N{EM DASH} "
NAME = re.compile(r"[^\s+]+")
CHAIN = "chain "


class NoteWrong(ValueError):  # noqa: N818 - says what happened
    """It is no note of ours; the message says what is wrong with it."""


@record
class Verifier:
    """A public key and the name that it signs as."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """Answer what tells this key from others in a signature."""
        named = self.name.encode() + b"\n" + ED25519 + self.key
        return sha256(named).digest()[:ID_BYTES]

    @property
    def text(self) -> str:
        """Write the key as C2SP does: name, id and key, joined by plus signs."""
        return f"{self.name}+{self.id.hex()}+{_base64(ED25519 + self.key)}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a key; raise NoteWrong where it is none."""
        name, _, rest = text.strip().partition("+")
        id, _, key = rest.partition("+")
        raw = _bytes(key)
        if not NAME.fullmatch(name) or raw[:1] != ED25519 or len(raw) != 1 + SEED_BYTES:
            raise NoteWrong(
                f"{text!r:.80} is no key: write name+id+base64 of an Ed25519 key"
            )
        made = cls(name=name, key=raw[1:])
        if made.id.hex() != id:
            raise NoteWrong(f"the key of {name} does not fit its id {id}")
        return made

    def holds(self, note: str) -> bool:
        """Say whether this key has signed a note."""
        text, signatures = _parts(note)
        public = Ed25519PublicKey.from_public_bytes(self.key)
        for name, signature in signatures:
            if name == self.name and signature[:ID_BYTES] == self.id:
                try:
                    public.verify(signature[ID_BYTES:], text.encode())
                except InvalidSignature:
                    return False
                return True
        return False


@record
class Signer:
    """A private key, and the name that it signs as."""

    name: str
    seed: bytes

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise ValueError(f"an Ed25519 key has {SEED_BYTES} bytes, not {len(self.seed)}")
        if not NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a key: no spaces, no plus signs")

    @property
    def verifier(self) -> Verifier:
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return Verifier(name=self.name, key=key.public_bytes_raw())

    def sign(self, text: str) -> str:
        """Make a note of a text that ends its last line."""
        assert text.endswith("\n"), "a note's text ends its last line"
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{text}\n{DASH}{self.name} {_base64(self.verifier.id + signature)}\n"


@record
class Checkpoint:
    """A log at one moment: how many leaves it has, their root, and the chain's head."""

    origin: str
    size: int
    root: bytes
    chain_head: bytes

    @property
    def text(self) -> str:
        """Write it as C2SP's tlog-checkpoint; the chain's head is an extension line."""
        head = f"{CHAIN}{_base64(self.chain_head)}"
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n{head}\n"

    @classmethod
    def parse(cls, note: str) -> Checkpoint:
        """Read a checkpoint out of its note; the signature is another matter."""
        lines = _parts(note)[0].splitlines()
        if len(lines) < 4 or not lines[3].startswith(CHAIN):
            raise NoteWrong("a checkpoint has four lines: origin, size, root and chain")
        if not lines[1].isdecimal() or str(int(lines[1])) != lines[1]:
            raise NoteWrong(f"a checkpoint's size is a whole number, not {lines[1]!r:.40}")
        return cls(
            origin=lines[0],
            size=int(lines[1]),
            root=_bytes(lines[2]),
            chain_head=_bytes(lines[3].removeprefix(CHAIN)),
        )


def text_of(note: str) -> str:
    """Answer what was signed."""
    return _parts(note)[0]


def _parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    text, gap, signed = note.rpartition("\n\n")
    if not gap or not signed.endswith("\n"):
        raise NoteWrong("a note is a text, an empty line, and signatures")
    signatures = []
    for line in signed.splitlines():
        name, _, signature = line.removeprefix(DASH).partition(" ")
        if not line.startswith(DASH) or not signature:
            raise NoteWrong(f"{line!r:.80} is no line of a signature")
        signatures.append((name, _bytes(signature)))
    return f"{text}\n", signatures


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise NoteWrong(f"{text!r:.80} is no base64") from None
