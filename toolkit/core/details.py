"""What is known of a person, and who keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from toolkit.core.message import record
from toolkit.core.ports import Clock


@record
class Detail:
    """A value as its person gave it, and since when it is so."""

    value: str
    changed_at: datetime


class Details(Protocol):
    """Keeps what is known of people where nobody else can read it.

    Each call raises Unavailable while keys or rows cannot be reached.
    """

    async def of(
        self, person_id: str, *, revealed_to: str | None = None
    ) -> Mapping[str, Detail]:
        """Read all, by field; whoever sees more than the usual is written down."""
        ...

    async def set(
        self, person_id: str, values: Mapping[str, str | None], *, actor_id: str
    ) -> None:
        """Set values, and forget those that are None. An equal value stays as it was."""
        ...

    async def erase(self, person_id: str, *, actor_id: str) -> None:
        """Forget all that is known of a person, so that no backup tells it either."""
        ...


@dataclass(frozen=True, slots=True)
class MemoryDetails:
    """Details in a dictionary, for tests and simulators."""

    clock: Clock
    people: dict[str, dict[str, Detail]] = field(default_factory=dict)
    log: list[tuple[str, str, tuple[str, ...], str]] = field(default_factory=list)

    async def of(
        self, person_id: str, *, revealed_to: str | None = None
    ) -> Mapping[str, Detail]:
        found = dict(sorted(self.people.get(person_id, {}).items()))
        if revealed_to is not None and found:
            self.log.append((person_id, "REVEALED", tuple(found), revealed_to))
        return found

    async def set(
        self, person_id: str, values: Mapping[str, str | None], *, actor_id: str
    ) -> None:
        known = self.people.setdefault(person_id, {})
        held = {name: detail.value for name, detail in known.items()}
        changed = {name: v for name, v in values.items() if held.get(name) != v}
        for name, value in changed.items():
            known.pop(name, None)
            if value is not None:
                known[name] = Detail(value=value, changed_at=self.clock.now())
        if changed:
            self.log.append((person_id, "SET", tuple(sorted(changed)), actor_id))

    async def erase(self, person_id: str, *, actor_id: str) -> None:
        if self.people.pop(person_id, None) is not None:
            self.log.append((person_id, "ERASED", (), actor_id))
