"""What must be true of every history: one law, one file, one sentence; it is checked here.

Some laws are watched while the world runs, at each commit and each record of the broker,
and some are asked of a world that came to rest. A broken law is a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from sims.laws.law import Complaints, Law
from sims.world.platform import Platform

SHOWN_MAX = 100  # violations that are kept of a running world; more say nothing new
NUMBERED = re.compile(r"[il]\d\d_")  # a file that is a law; the others serve them
LAWS = tuple(
    Law.of(import_module(f"{__name__}.{found.name}"))
    for found in iter_modules(__path__)
    if NUMBERED.match(found.name)
)


def watch(platform: Platform) -> None:
    """Look at every commit and every record of this world from now on."""
    for law in LAWS:
        if law.watching is None:
            continue
        watching = law.watching(platform)
        for name, look in watching.committed.items():
            platform.databases[name].watchers.append(_noting(platform, law, look))
        if watching.said is not None:
            platform.broker.watchers.append(_noting(platform, law, watching.said))


def _noting(
    platform: Platform, law: Law, look: Callable[..., Complaints]
) -> Callable[..., None]:
    """Write down what a law has to complain of, and when; too many say nothing new."""

    def note(*seen: object) -> None:
        for sentence in look(*seen):
            if len(platform.violations) < SHOWN_MAX:
                at = platform.clock.now().isoformat(timespec="seconds")
                platform.violations.append(f"{law.number}: {sentence}, at {at}")

    return note


def broken(platform: Platform) -> list[str]:
    """Say which laws are broken and by what, while it ran and now that it rests.

    A world may lack what a law takes for granted: then it has broken that law, too.
    """
    found = list(platform.violations)
    for law in LAWS:
        if law.at_rest is None:
            continue
        try:
            found += [f"{law.number}: {sentence}" for sentence in law.at_rest(platform)]
        except LookupError as lacking:
            found.append(f"{law.number}: it cannot even be asked, for want of {lacking}")
    return found
