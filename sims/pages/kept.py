"""What a command has kept in a folder, read for whoever shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = Mapping[str, Any]

CAPACITY = ("curve", "formulas", "headroom", "sensitivity", "what_if")
STUDY = ("results", "summary", "days")
VIOLATION = ("timeline",)
MAKE = {
    "answer.json": "python -m sims capacity QUESTION --what-if --output FOLDER",
    "manifest.json": "python -m sims study QUESTION --output FOLDER",
    "violation.json": "python -m sims search --seeds 1-100 --keep FOLDER",
}


class NothingKeptError(Exception):
    """The folder is not what was asked for; the message says how to make one."""


class DamagedError(Exception):
    """The folder is what was asked for, and a part of it is missing or unreadable."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One folder: what it says of itself, and its tables by name."""

    folder: Path
    told: Row
    tables: Mapping[str, Sequence[Row]]

    def __getitem__(self, table: str) -> Sequence[Row]:
        return self.tables[table]


def load_capacity(folder: str | Path) -> Kept:
    """Read the answer to a question of capacity, and what was tried around it."""
    return _load(Path(folder), "answer.json", CAPACITY)


def load_study(folder: str | Path) -> Kept:
    """Read a study of weeks or months."""
    kept = _load(Path(folder), "manifest.json", STUDY)
    if kept.told.get("kind") != "lifecycle study":
        raise _nothing(Path(folder), "manifest.json")
    return kept


def load_violation(folder: str | Path) -> Kept:
    """Read a history that broke a law."""
    return _load(Path(folder), "violation.json", VIOLATION)


def _load(folder: Path, name: str, tables: Sequence[str]) -> Kept:
    path = folder / name
    if not path.is_file():
        raise _nothing(folder, name)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Kept(
            folder=folder,
            told=told,
            tables={
                each: tuple(pq.read_table(folder / f"{each}.parquet").to_pylist())
                for each in tables
            },
        )
    except (OSError, ValueError, pa.ArrowException) as error:
        what = f"{folder} is damaged: {error}; make it again with `{MAKE[name]}`"
        raise DamagedError(what) from error


def _nothing(folder: Path, name: str) -> NothingKeptError:
    return NothingKeptError(
        f"{folder} is not what this page shows: it has no {name} of its kind;"
        f" make one with `{MAKE[name]}`"
    )
