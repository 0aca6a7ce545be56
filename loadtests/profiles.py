"""Mixes and shapes: who comes, and how the rate goes, read from files and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from loadtests.orders import Segment

HERE = Path(__file__).parent
MIXES, SHAPES = HERE / "mixes", HERE / "shapes"
JOURNEYS = ("escrow", "on_chain", "cancelled", "refunded", "reading", "webhook", "look")
DEEDS = ("faults", "kill", "join", "leave")


class ProfileWrong(Exception):  # noqa: N818 - says what happened
    """A file cannot be used. The message names it, the place in it, and what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that is done to the platform at a moment of the run."""

    at: float  # of the whole, 0 to 1
    do: str
    service: str = ""
    faults: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the rate goes, in parts of the run and factors of the rate that is asked for."""

    name: str
    about: str
    load: Sequence[tuple[float, float, float]]
    trouble: Sequence[Deed] = ()
    mix: str | None = None

    def segments(self, rate_per_s: float, seconds: float) -> list[Segment]:
        return [
            Segment(
                length_s=part * seconds,
                from_per_s=start * rate_per_s,
                to_per_s=end * rate_per_s,
            )
            for part, start, end in self.load
        ]


def names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml"))


def about(folder: Path, name: str) -> str:
    return str(_read(_found(folder, name))["about"])


def mix(name: str) -> dict[str, float]:
    """Read who comes, by name or from a file of your own."""
    path = _found(MIXES, name)
    journeys = _read(path).get("journeys")
    if not isinstance(journeys, dict) or not journeys:
        raise ProfileWrong(f"{path}: `journeys` names none; write e.g. `escrow: 1`")
    for journey, weight in journeys.items():
        if journey not in JOURNEYS:
            raise ProfileWrong(
                f"{path}: journeys.{journey} is no journey; write one of "
                f"{', '.join(JOURNEYS)}"
            )
        _number(path, f"journeys.{journey}", weight)
    if not sum(journeys.values()):
        raise ProfileWrong(f"{path}: `journeys` has no weight above 0")
    return {str(journey): float(weight) for journey, weight in journeys.items()}


def shape(name: str) -> Shape:
    """Read how the rate goes, by name or from a file of your own."""
    path = _found(SHAPES, name)
    told = _read(path)
    load = [
        tuple(
            _number(path, f"load[{n}].{key}", row.get(key))
            for key in ("part", "from", "to")
        )
        for n, row in enumerate(_rows(path, told, "load"))
    ]
    if not math.isclose(sum(part for part, _, _ in load), 1.0, abs_tol=1e-6):
        raise ProfileWrong(f"{path}: the parts of `load` are not 1 together")
    trouble = [_deed(path, n, row) for n, row in enumerate(_rows(path, told, "trouble"))]
    return Shape(
        name=path.stem,
        about=str(told["about"]),
        load=[(part, start, end) for part, start, end in load],
        trouble=sorted(trouble, key=lambda deed: deed.at),
        mix=told.get("mix"),
    )


def _deed(path: Path, n: int, row: Mapping[str, Any]) -> Deed:
    at = _number(path, f"trouble[{n}].at", row.get("at"))
    if row.get("do") not in DEEDS:
        raise ProfileWrong(f"{path}: trouble[{n}].do is none of {', '.join(DEEDS)}")
    unknown = set(row) - {"at", "do", "service", "faults"}
    if unknown or at > 1.0:
        raise ProfileWrong(
            f"{path}: trouble[{n}] takes at (0 to 1), do, service and faults"
        )
    return Deed(
        at=at,
        do=row["do"],
        service=str(row.get("service", "")),
        faults=row.get("faults"),
    )


def _rows(path: Path, told: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = told.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ProfileWrong(f"{path}: `{name}` is no list of entries")
    return rows


def _number(path: Path, where: str, value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= float(value) < math.inf:  # type: ignore[arg-type]
        raise ProfileWrong(f"{path}: {where} is {value!r}; write a number from 0 up")
    return float(value)  # type: ignore[arg-type]


def _found(folder: Path, name: str) -> Path:
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
    if not path.exists():
        known = ", ".join(names(folder))
        raise ProfileWrong(f"{name} is not there; name a .yaml file, or one of {known}")
    return path


def _read(path: Path) -> dict[str, Any]:
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProfileWrong(f"{path} cannot be read: {error}") from error
    if not isinstance(told, dict) or not told.get("about"):
        raise ProfileWrong(f"{path}: write a mapping that begins with `about: …`")
    return told
