"""The smallest service there can be: it counts, and says so."""

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

from toolkit.core.decider import Decider
from toolkit.core.errors import Conflict, Unreadable
from toolkit.core.message import Command, Envelope, Event, record
from toolkit.core.ports import Versioned
from toolkit.infra.postgres.columns import bigints, texts
from toolkit.messages.wire import Wire

FOLDER = Path(__file__).parent
SCHEMA = "counter"


@record
class Add(Command):
    topic = "counters.commands.v1"

    counter_id: str
    amount: int = 1

    @property
    def key(self) -> str:
        return self.counter_id


@record
class Added(Event):
    topic = "counters.events.v1"

    counter_id: str
    total: int

    @property
    def key(self) -> str:
        return self.counter_id


def decide(total, command, now):  # noqa: ARG001 - a decider's shape
    if command.amount == 13:
        raise ValueError("13 is more than this counter can bear")
    yield Added(counter_id=command.counter_id, total=total + command.amount)


counter = Decider(initial=0, decide=decide, evolve=lambda _, event: event.total)
ROUTES = {Add: counter}


def encode(envelope: Envelope) -> Wire:
    """Write a message as JSON, and what is known of it as headers."""
    message = envelope.message
    body = {name: getattr(message, name) for name in message.__dataclass_fields__}
    headers = {
        "id": str(envelope.id),
        "type": envelope.type,
        "time": envelope.occurred_at.isoformat(),
        "correlation": str(envelope.correlation_id),
        "causation": str(envelope.causation_id or ""),
        "version": str(envelope.version or ""),
        "traceparent": envelope.traceparent or "",
    }
    return Wire.of(
        value=json.dumps(body).encode(),
        headers=tuple((n, text.encode()) for n, text in headers.items()),
    )


def decode(topic: str, wire: Wire) -> Envelope:
    """Read a message again."""
    try:
        return _read({n: value.decode() for n, value in wire.headers}, wire.value)
    except (ValueError, KeyError) as failure:
        raise Unreadable(f"no message of the counter on {topic}: {failure!r}") from failure


def _read(headers, value) -> Envelope:
    version = headers["version"]
    return Envelope(
        id=UUID(headers["id"]),
        message={"Add": Add, "Added": Added}[headers["type"]](**json.loads(value)),
        occurred_at=datetime.fromisoformat(headers["time"]),
        correlation_id=UUID(headers["correlation"]),
        causation_id=UUID(headers["causation"]) if headers["causation"] else None,
        version=int(version) if version else None,
        traceparent=headers["traceparent"] or None,
    )


LOAD = """
    select key, total, version from counters where key = any(%s) order by key for update
"""
SAVE = """
    with given as (
      select * from unnest(
        %(key)s::text[], %(total)s::bigint[], %(version)s::bigint[], %(found)s::bigint[]
      ) as given (key, total, version, found)
    ), changed as (
      update counters set total = given.total, version = given.version
      from given where counters.key = given.key and counters.version = given.found
      returning 1
    ), created as (
      insert into counters select key, total, version from given where found = 0
      on conflict do nothing returning 1
    )
    select (select count(*) from changed) + (select count(*) from created)
"""


class CounterStore:
    """Counters at rest."""

    async def load(self, connection, keys):
        answer = await connection.execute(LOAD, [texts(keys)], binary=True)
        return {
            key: Versioned(total, version)
            for key, total, version in await answer.fetchall()
        }

    async def save(self, connection, states, found, events):  # noqa: ARG002 - a store's shape
        answer = await connection.execute(
            SAVE,
            {
                "key": texts(states),
                "total": bigints(s.state for s in states.values()),
                "version": bigints(s.version for s in states.values()),
                "found": bigints(found[key] for key in states),
            },
            binary=True,
        )
        if (await answer.fetchone())[0] < len(states):
            raise Conflict("a counter has moved on")
