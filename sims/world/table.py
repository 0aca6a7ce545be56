"""Rows in the order they were made, found by id or by one of their references."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

FORGET_AT_LEAST = 1024  # dropping rows one by one would copy the list each time


class Row(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


R = TypeVar("R", bound=Row)


@dataclass(slots=True)
class Table(Generic[R]):
    rows: list[R] = field(default_factory=list)
    by_id: dict[str, R] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    by_reference: defaultdict[tuple[str, str], list[R]] = field(
        default_factory=lambda: defaultdict(list)
    )
    added: int = 0

    def add(self, row: R, **references: str | None) -> R:
        """Append a row. References must not change later: they are its index entries."""
        self.rows.append(row)
        self.by_id[row.id] = row
        self.positions[row.id] = self.added
        self.added += 1
        for name, value in references.items():
            if value is not None:
                self.by_reference[name, value].append(row)
        return row

    def get(self, id: str) -> R | None:
        return self.by_id.get(id)

    def referring(self, name: str, value: str) -> Sequence[R]:
        return self.by_reference.get((name, value), ())

    def place(self, candidates: Sequence[R], id: str) -> int:
        """Where among the candidates (a subsequence of the rows) this row stands."""
        return bisect_left(
            candidates, self.positions[id], key=lambda row: self.positions[row.id]
        )

    def forget_before(self, moment: datetime) -> None:
        """Drop the oldest rows, in portions. Only for tables without references."""
        if len(self.rows) < FORGET_AT_LEAST:
            return
        if self.rows[FORGET_AT_LEAST - 1].created_at >= moment:
            return
        for row in self.rows[:FORGET_AT_LEAST]:
            del self.by_id[row.id], self.positions[row.id]
        del self.rows[:FORGET_AT_LEAST]

    def since(self, moment: datetime) -> int:
        """Index of the first row made at or after the moment."""
        return bisect_left(self.rows, moment, key=lambda row: row.created_at)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows)
