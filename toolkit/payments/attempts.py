"""How often payments asks for a movement that did not come about, and how long it waits."""

from __future__ import annotations

from datetime import timedelta

RETRY = timedelta(days=1)
TRIES = 3  # that were in vain; then a person has to find a way
