"""What notifications remembers under one key: an escrow's parties, or a person's wishes."""

from __future__ import annotations

from toolkit.core.message import record, replace
from toolkit.messages.notifications import Channel, Parties, Preference, RecordOutcome

TAKEN_MAX = 8  # so many of a person's letters may still come back and be told elsewhere
DIVERTED_MAX = 32


@record
class Subject:
    """An escrow or a person. Their ids could meet, and then this is both, at no harm."""

    parties: Parties | None = None
    preferences: tuple[Preference, ...] = ()
    taken: tuple[RecordOutcome, ...] = ()  # letters that a provider has, and may return
    diverted: tuple[str, ...] = ()  # causes that were told on the fallback instead

    def preference(self, channel: Channel) -> Preference | None:
        return next((p for p in self.preferences if p.channel is channel), None)

    def with_preference(self, new: Preference) -> Subject:
        """Put a preference in its place; channels keep the order of their names."""
        others = [p for p in self.preferences if p.channel is not new.channel]
        ordered = sorted([*others, new], key=lambda p: p.channel)
        return replace(self, preferences=tuple(ordered))

    def with_taken(self, letter: RecordOutcome) -> Subject:
        """Remember a letter for as long as it may come back, and only the newest."""
        return replace(self, taken=(*self.taken, letter)[-TAKEN_MAX:])

    def with_diverted(self, cause: str) -> Subject:
        return replace(self, diverted=(*self.diverted, cause)[-DIVERTED_MAX:])

    def without_letters_to(self, channel: Channel) -> Subject:
        """Forget an address also where letters to it are remembered."""
        return replace(self, taken=tuple(t for t in self.taken if t.channel is not channel))
