"""What was delivered to whom: a line for each, so that nothing is sent twice."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from recon.faults import WrongUsageError


class Ledger:
    """The deliveries to one receiver. Addresses may be secrets: only their hash is kept."""

    def __init__(self, file: IO[str], url: str) -> None:
        self._file = file
        self._receiver = hashlib.sha256(url.encode()).hexdigest()[:16]
        file.seek(0)
        lines = (_line(text) for text in file)
        self._ids = {line["id"] for line in lines if line.get("to") == self._receiver}

    def has(self, id: str) -> bool:
        """Whether it was delivered."""
        return id in self._ids

    def note(self, id: str, at: datetime) -> None:
        """Write a delivery down before the next is made."""
        line = {"to": self._receiver, "id": id, "at": at.isoformat(timespec="seconds")}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._ids.add(id)


def _line(text: str) -> dict[str, str]:
    """A delivery; a line that a crash cut off tells of none, so that it is made again."""
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


@contextmanager
def opened(path: Path, url: str) -> Iterator[Ledger]:
    """Hold the ledger for as long as something is sent; the lock dies with its process."""
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WrongUsageError(
                f"{path} is in use: somebody else is sending; wait until that has ended"
            ) from error
        _end_line(file, path)
        yield Ledger(file, url)


def _end_line(file: IO[str], path: Path) -> None:
    """What follows a line that was cut off must not become part of it."""
    if path.stat().st_size and path.read_bytes()[-1:] != b"\n":
        file.write("\n")
        file.flush()
