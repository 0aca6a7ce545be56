"""What a law is: a sentence, what is looked at while the world runs, and what at rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from types import ModuleType

from sims.world.platform import Platform
from toolkit.core.message import Envelope, record
from toolkit.core.ports import Partition
from toolkit.infra.memory import MemoryTransaction

Complaints = Iterator[str]
Committed = Callable[[MemoryTransaction], Complaints]
Said = Callable[[Partition, Envelope], Complaints]


@record
class Watching:
    """What a law wants to see of a running world: commits, by database, and records."""

    committed: Mapping[str, Committed] = field(default_factory=dict)
    said: Said | None = None


@record
class Law:
    """One law. `seen` says where to look when neither watching nor rest can judge it."""

    number: str
    sentence: str
    watching: Callable[[Platform], Watching] | None
    at_rest: Callable[[Platform], Complaints] | None
    seen: str | None

    @property
    def when(self) -> str:
        """Say when it is looked at."""
        moments = {"while it runs": self.watching, "at rest": self.at_rest}
        return self.seen or " and ".join(when for when, look in moments.items() if look)

    @classmethod
    def of(cls, module: ModuleType) -> Law:
        """Read a law off its file: the first line of its text is the sentence."""
        number, _, sentence = (module.__doc__ or "").partition("\n")[0].partition(": ")
        return cls(
            number=number,
            sentence=sentence,
            watching=getattr(module, "watching", None),
            at_rest=getattr(module, "at_rest", None),
            seen=getattr(module, "SEEN", None),
        )
