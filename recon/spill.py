"""Folders for what does not fit in memory, and what killed runs have left of them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "recon-"
OURS = re.compile(rf"{PREFIX}([0-9]+)-.+")


@contextmanager
def spilling(under: Path | None = None) -> Iterator[Path]:
    """Lend a folder and take it away; those of dead processes beside it go as well."""
    place = under or Path(tempfile.gettempdir())
    _clean(place)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=place) as folder:
        yield Path(folder)


def _clean(place: Path) -> None:
    for folder in place.glob(f"{PREFIX}*"):
        made_by = OURS.fullmatch(folder.name)
        if made_by and not _is_alive(int(made_by[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is there and not ours to ask
        return True
    return True
