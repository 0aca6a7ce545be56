"""A run's outputs, read exactly, for whoever shows them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recon.results import is_unfinished

Record = Mapping[str, Any]

SQL = Path("evidence/sql")  # dozens of files, for auditors
TABLES = ("discrepancies", "matches", "in_transit")
# What no page can be made without; everything else may be absent.
REQUIRED = ("business_date", "verdict", "run_id", "discrepancies", "inputs", "proofs")
VERDICTS = ("RECONCILED", "EXCEPTIONS", "INCOMPLETE")
OPEN_STATES = ("OPEN", "REOPENED")
NOT_JUDGED = "Not judged: the inputs are incomplete."
PAIRED_SUMS = ("booked_minor", "row_minor")
PAIRED_BY = ["rail", "rule", "kind", "currency"]


class NoRunError(Exception):
    """The folder is not the output of a run."""


class DamagedRunError(Exception):
    """The folder is the output of a run, and a part of it is missing or unreadable."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run has left in its folder."""

    folder: Path
    summary: Record
    summary_sha256: str
    discrepancies: tuple[Record, ...]
    in_transit: tuple[Record, ...]
    pairs: tuple[Record, ...]

    @property
    def open(self) -> tuple[Record, ...]:
        """The discrepancies that somebody still has to settle."""
        return tuple(row for row in self.discrepancies if row["state"] in OPEN_STATES)

    @property
    def settled(self) -> tuple[Record, ...]:
        """The discrepancies that this run found settled."""
        return tuple(row for row in self.discrepancies if row["state"] not in OPEN_STATES)

    @property
    def is_judged(self) -> bool:
        """Whether the inputs allowed a judgement at all."""
        return bool(self.summary["verdict"] != "INCOMPLETE")

    def none(self, otherwise: str) -> str:
        """What stands for an empty table: nothing found is not the same as not looked."""
        return otherwise if self.is_judged else NOT_JUDGED

    @property
    def inputs_folder(self) -> Path | None:
        """What the run read, where that lies beside it as `daily` keeps it."""
        beside = sorted(self.folder.resolve().parent.glob("inputs-*"))
        return next((folder for folder in beside if is_read_by(self, folder)), None)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of the run, relative to its folder; of the SQL only the folder."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        named = {path.relative_to(self.folder) for path in found}
        return tuple(
            sorted({path.parent if path.parent == SQL else path for path in named})
        )


def is_read_by(run: Run, inputs: Path) -> bool:
    """Whether a folder holds the very manifest that the run met."""
    stated, manifest = run.folder / "evidence" / "inputs.json", inputs / "manifest.json"
    if not stated.is_file() or not manifest.is_file():
        return False
    known = json.loads(stated.read_bytes())["manifest"]["sha256"]
    return bool(hashlib.sha256(manifest.read_bytes()).hexdigest() == known)


def load(folder: str | Path, *, with_pairs: bool = True) -> Run:
    """The run in a folder; what is not there or unreadable is told in one sentence.

    Of a month's runs nobody asks for the pairs, and they are what is large.
    """
    folder = Path(folder)
    path = folder / "summary.json"
    if is_unfinished(folder):
        raise NoRunError(
            f"{folder} is unfinished: its run died or is still at work; run the day again"
        )
    if not path.is_file():
        raise NoRunError(
            f"{folder} is no run: it has no summary.json;"
            " make one with `python -m recon run --day DAY --inputs DIR --output DIR`"
        )
    raw = path.read_bytes()
    read = TABLES if with_pairs else [name for name in TABLES if name != "matches"]
    tables = {name: _table(folder / f"{name}.parquet") for name in read}
    try:
        return Run(
            folder=folder,
            summary=_summary(raw),
            summary_sha256=hashlib.sha256(raw).hexdigest(),
            discrepancies=tuple(tables["discrepancies"].to_pylist()),
            in_transit=tuple(tables["in_transit"].to_pylist()),
            pairs=tuple(_pairs(tables["matches"])) if with_pairs else (),
        )
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise _damaged(folder, str(error)) from error


def _summary(raw: bytes) -> Record:
    document = json.loads(raw, parse_float=Decimal)
    if not isinstance(document, dict):
        raise TypeError("summary.json is no JSON object")
    if absent := [key for key in REQUIRED if key not in document]:
        raise KeyError(f"summary.json lacks {', '.join(absent)}")
    if document["verdict"] not in VERDICTS:
        raise ValueError(f"summary.json has the unknown verdict {document['verdict']!r}")
    return document


def _table(path: Path) -> pa.Table:
    if not path.is_file():
        raise _damaged(path.parent, f"{path.name} is not there")
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path.parent, f"{path.name} is unreadable ({error})") from error


def _damaged(folder: Path, what: str) -> DamagedRunError:
    return DamagedRunError(f"the run in {folder} is damaged: {what}; run the day again")


def _pairs(matches: pa.Table) -> Iterable[Record]:
    """How many pairs each rule made, and how much either side says they moved."""
    sizes = matches
    for name in PAIRED_SUMS:
        place = sizes.column_names.index(name)
        sizes = sizes.set_column(place, name, pc.abs(sizes[name]))
    counted = sizes.group_by(PAIRED_BY).aggregate(
        [("match_id", "count"), *((name, "sum") for name in PAIRED_SUMS)]
    )
    yield from counted.sort_by([(name, "ascending") for name in PAIRED_BY]).to_pylist()
