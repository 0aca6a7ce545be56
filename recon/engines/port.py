"""What a run asks of the engine that executes its SQL, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

NAMES = ("duckdb", "spark")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The engine that a run is asked to take, and where it works."""

    name: str = "duckdb"
    master: str = "local[*]"
    """For Spark: the cluster."""
    work: Path | None = None
    """For Spark: a folder that the cluster and this machine share."""
    settings: tuple[tuple[str, str], ...] = ()
    """For Spark: its own settings by name."""

    @property
    def is_local(self) -> bool:
        """Whether Spark works on this machine alone."""
        return self.master.startswith("local")


USUAL = Wanted()


class Engine(Protocol):
    """Executes scripts over what the run's database has read and recalled."""

    @property
    def versions(self) -> Mapping[str, str]:
        """What decides a result beside the scripts."""

    def execute(self, name: str, script: str) -> None:
        """Execute a script."""

    def give(self) -> None:
        """Leave everything that the scripts created in the run's database."""

    def ran(self) -> Mapping[str, str]:
        """Further evidence: files by name, where the scripts ran in another dialect."""
