"""Read topics from their beginning to where they end now, as nobody's group member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from recon.copies.messages import payload_of
from recon.faults import SourceMissingError

BATCH = 10_000
WITHIN_S = 10.0
WAIT_S = 0.5
SILENCE_S = 30.0
SETTINGS: Mapping[str, Any] = {
    "group.id": "recon-compare-events",  # demanded by the client; no group is joined
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",
    "allow.auto.create.topics": False,
    "log_level": 2,  # what goes wrong is told by us
}


def read(
    settings: Mapping[str, str], topics: Sequence[str], start: datetime, stop: datetime
) -> Iterator[list[tuple[Any, ...]]]:
    """Give the events of these topics in batches, up to the high watermarks of now."""
    try:
        consumer = Consumer({**SETTINGS, **settings})
    except KafkaException as error:
        raise _unread(settings, str(error.args[0])) from error
    try:
        ends = _ends(consumer, settings, topics)
        for records in _records(consumer, settings, ends):
            events = [_event(record) for record in records]
            yield [event for event in events if start <= event[5] < stop]
    except KafkaException as error:
        raise _unread(settings, str(error.args[0])) from error
    finally:
        consumer.close()


def _ends(
    consumer: Consumer, settings: Mapping[str, str], topics: Sequence[str]
) -> dict[tuple[str, int], int]:
    """Stand at the beginning of every partition that holds anything; say where it ends."""
    ends, places = {}, []
    for topic in topics:
        known = consumer.list_topics(topic, timeout=WITHIN_S).topics[topic]
        if known.error or not known.partitions:
            raise _unread(settings, f"there is no topic {topic}")
        for number in known.partitions:
            place = TopicPartition(topic, number)
            low, high = consumer.get_watermark_offsets(place, timeout=WITHIN_S)
            if low < high:
                ends[topic, number] = high
                places.append(TopicPartition(topic, number, low))
    consumer.assign(places)
    return ends


def _records(
    consumer: Consumer, settings: Mapping[str, str], ends: dict[tuple[str, int], int]
) -> Iterator[list[Message]]:
    """Read until all partitions are at their ends; compacted ones get there by position."""
    silent_s = 0.0
    while ends:
        found = consumer.consume(BATCH, timeout=WAIT_S)
        for record in found:
            if error := record.error():
                raise KafkaException(error)
        silent_s = 0.0 if found else silent_s + WAIT_S
        if silent_s > SILENCE_S:
            raise _unread(settings, "it has fallen silent before the end of its topics")
        yield [record for record in found if _is_before_end(record, ends)]
        places = [TopicPartition(*place) for place in ends]
        for place in consumer.position(places):
            if place.offset >= ends[place.topic, place.partition]:
                del ends[place.topic, place.partition]


def _is_before_end(record: Message, ends: Mapping[tuple[str, int], int]) -> bool:
    end = ends.get((str(record.topic()), int(record.partition() or 0)))
    return end is not None and int(record.offset() or 0) < end


def _event(record: Message) -> tuple[Any, ...]:
    """One row. What its headers do not say is null, and differs from any other copy."""
    headers: dict[str, Any] = dict(record.headers() or ())
    value = record.value() or b""
    event_type = _text(headers, "ce_type") or ""
    sequence = _text(headers, "ce_sequence")
    place = f"{record.topic()}/{record.partition()}/{record.offset()}"
    return (
        record.topic(),
        bytes(record.key() or b"").decode(errors="replace"),
        int(sequence) if sequence and sequence.isdecimal() else None,
        _text(headers, "ce_id") or place,
        event_type,
        _moment(_text(headers, "ce_time")) or _broker_time(record),
        _text(headers, "ce_correlationid"),
        _text(headers, "ce_causationid"),
        payload_of(event_type, value),
        sha256(value).hexdigest(),
    )


def _text(headers: Mapping[str, Any], name: str) -> str | None:
    raw = headers.get(name)
    return raw.decode(errors="replace") if isinstance(raw, bytes) else None


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


def _broker_time(record: Message) -> datetime:
    return datetime.fromtimestamp(record.timestamp()[1] / 1000, UTC)


def _unread(settings: Mapping[str, str], why: str) -> SourceMissingError:
    return SourceMissingError(
        f"Kafka at {settings.get('bootstrap.servers')} cannot be read ({why});"
        " see its address, its settings and that it answers"
    )
