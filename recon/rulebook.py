"""The rules: one file each, a header that says why, a query whose rows are breaks."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

ROOM = Path(__file__).parent
STEPS = ROOM / "steps"
RULES = ROOM / "rules"
PROOFS = ROOM / "proofs"
FOUND = ROOM / "found.sql"
NEAREST = ROOM / "nearest.sql"
PARAMETERS = ROOM / "parameters.sql"
TRANSITIONS = ROOM / "transitions.csv"
SEVERITY = ROOM / "severity.sql"
THRESHOLDS = ROOM / "severity.csv"
HEADER = re.compile(
    r"^-- (?P<name>title|severity|owner|reason|phase):\s+(?P<value>.+)$", re.MULTILINE
)
# What only shows or sends a result has no part in it.
PRESENTATION = (
    "notebook",
    "report",
    "sending",
    "verbs",
    "explain",
    "expect.py",
    "data_docs",
)
SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
PHASES = ("sources", "movements", "tie_out", "safeguarding")


@dataclass(frozen=True, slots=True)
class Rule:
    """A query over the day's relations; a row it returns is a break of its code."""

    name: str
    title: str
    severity: str
    owner: str
    reason: str
    phase: str
    sql: str

    @property
    def code(self) -> str:
        """The contract's code for what the rule finds."""
        return self.name.upper()

    @classmethod
    def read(cls, path: Path) -> Rule:
        """The rule in a file; its header must be complete."""
        sql = path.read_text(encoding="utf-8")
        rule = cls(name=path.stem, sql=sql, **dict(HEADER.findall(sql)))
        assert rule.severity in SEVERITIES, f"{path.name}: severity is {rule.severity}"
        assert rule.phase in PHASES, f"{path.name}: phase is {rule.phase}"
        return rule


def rules() -> list[Rule]:
    """Every rule, in the order of its file name."""
    return [Rule.read(path) for path in sorted(RULES.glob("*.sql"))]


def scripts(folder: Path) -> list[Path]:
    """The ordered steps of a folder."""
    return sorted(folder.glob("*.sql"))


def code_version() -> str:
    """A hash of all that decides a result: the SQL, its data and the code around it."""
    digest = hashlib.sha256()
    for path in sorted(ROOM.rglob("*")):
        judges = not path.relative_to(ROOM).parts[0].startswith(PRESENTATION)
        if judges and path.suffix in {".py", ".sql", ".csv", ".json"}:
            digest.update(path.relative_to(ROOM).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
