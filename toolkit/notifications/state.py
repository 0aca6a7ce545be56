"""What notifications remembers under one key: an escrow's parties, or a person's wishes."""

from __future__ import annotations

from dataclasses import replace

from toolkit.core.message import record
from toolkit.messages.notifications import Channel, Parties, Preference


@record
class Subject:
    """An escrow or a person. Their ids could meet, and then this is both, at no harm."""

    parties: Parties | None = None
    preferences: tuple[Preference, ...] = ()

    def preference(self, channel: Channel) -> Preference | None:
        return next((p for p in self.preferences if p.channel is channel), None)

    def with_preference(self, new: Preference) -> Subject:
        """Put a preference in its place; channels keep the order of their names."""
        others = [p for p in self.preferences if p.channel is not new.channel]
        ordered = sorted([*others, new], key=lambda p: p.channel)
        return replace(self, preferences=tuple(ordered))
