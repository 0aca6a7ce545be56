"""What a finished world has to tell: how it ended, how much was said, what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from sims.world.platform import Platform
from toolkit.core.message import record
from toolkit.escrow.policy import name_of
from toolkit.messages.webhooks import WebhookReceived
from toolkit.payments.stripe_news import webhook_id


@record
class Report:
    """Counts of one history. Equal seeds have equal ones."""

    escrows: Mapping[str, int]  # by the state they are in
    said: int  # records on the broker, doubled ones included
    handled: int  # messages that were news to a service, counted for each of them
    crashes: int
    faults: Mapping[str, int]  # those that struck, by name
    found_by_polling: int  # news of the provider that no webhook ever brought


def report(platform: Platform) -> Report:
    """Count what has happened so far."""
    escrow = platform.databases["escrow"]
    struck = Counter(platform.stripe.books.dice.struck)
    struck["message_doubled"] = platform.broker.doubled
    return Report(
        escrows=dict(Counter(sorted(name_of(s) for s, _ in escrow.states.values()))),
        said=sum(len(log) for log in platform.broker.logs.values()),
        handled=sum(len(kept.claimed) for kept in platform.databases.values()),
        crashes=platform.crashes,
        faults=dict(sorted(struck.items())),
        found_by_polling=sum(1 for _ in found_by_polling(platform)),
    )


def found_by_polling(platform: Platform) -> Iterator[str]:
    """Name Stripe's events that are known although no webhook brought them.

    The custodian shows transactions, not events: what it told is not told from what it was
    asked for.
    """
    for envelope in platform.databases["intake"].events:
        match envelope.message:
            case WebhookReceived(provider="stripe", provider_event_id=id) if (
                webhook_id(id) not in platform.knocked
            ):
                yield id


def written(output: Path, folders: Sequence[str]) -> Iterator[str]:
    """Name the files that a run has left in these folders of its output, in order."""
    for folder in sorted(folders):
        files = (path for path in (output / folder).rglob("*") if path.is_file())
        yield from sorted(path.relative_to(output).as_posix() for path in files)


def digest(folder: Path, names: Iterable[str]) -> str:
    """Answer the one line that tells two runs apart: names and bytes of all files.

    It is what `sha256sum` says of the list that `sha256sum` makes of the files.
    """
    lines = sha256()
    for name in names:
        content = sha256((folder / name).read_bytes()).hexdigest()
        lines.update(f"{content}  {name}\n".encode())
    return lines.hexdigest()
