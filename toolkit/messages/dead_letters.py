"""What a dead letter looks like to Kafka: the record as it came, and why it is there."""

from __future__ import annotations

from toolkit.core.ports import DeadLetter
from toolkit.messages.payload import instant
from toolkit.messages.wire import Wire

# A broker takes a megabyte. What comes close to it stays in the table alone, since a
# record that the broker refuses would stop all others behind it.
VALUE_BYTES_MAX = 512 << 10
ERROR_LENGTH_MAX = 1_000
ORIGINAL = "dlq.original."


def dead(wire: Wire, letter: DeadLetter) -> Wire:
    """Write on a record's outside where it lay and what went wrong; all else stays."""
    carried_bytes = len(wire.value) + sum(len(n) + len(v) for n, v in wire.headers)
    fits = carried_bytes <= VALUE_BYTES_MAX
    said = {
        f"{ORIGINAL}topic": letter.partition.topic,
        f"{ORIGINAL}partition": str(letter.partition.number),
        f"{ORIGINAL}offset": str(letter.offset),
        f"{ORIGINAL}consumer_group": letter.service,
        "dlq.error.message": letter.error[:ERROR_LENGTH_MAX],
        "dlq.attempts": str(letter.attempts),
        "dlq.first_failed_at": instant(letter.failed_at),
    }
    if not fits:
        said["dlq.omitted"] = f"{len(wire.value)} bytes: see the table of dead letters"
    return Wire.of(
        value=wire.value if fits else b"",
        headers=(
            *(wire.headers if fits else ()),
            *((name, text.encode(errors="replace")) for name, text in said.items()),
        ),
    )
