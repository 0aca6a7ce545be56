"""Registers the schema of every message, and answers the ids that go on the wire.

Subjects are named by topic and record, pinned here rather than left to a default. An
imported file is registered first, under its own name.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
)

from toolkit.core.message import Message
from toolkit.messages.codec import descriptor
from toolkit.messages.topics import RECORDS

PROTOBUF = "PROTOBUF"
BUILT_IN = "google/protobuf/"  # every registry and every client knows these


def register_schemas(
    client: SchemaRegistryClient, messages: Iterable[type[Message]] = RECORDS
) -> dict[type[Message], int]:
    """Register what is not registered yet; it blocks, for a start-up.

    Raises SchemaRegistryError when the registry finds a schema incompatible.
    """
    return {
        message: client.register_schema(subject(message), _schema(client, message))
        for message in messages
    }


def subject(message: type[Message]) -> str:
    """Name a message's subject: its topic and its full name."""
    return f"{message.topic}-{descriptor(message).full_name}"


def _schema(client: SchemaRegistryClient, message: type[Message]) -> Schema:
    return _file_schema(client, descriptor(message).file)


def _file_schema(client: SchemaRegistryClient, file: Any) -> Schema:
    references = [
        _reference(client, imported)
        for imported in file.dependencies
        if not imported.name.startswith(BUILT_IN)
    ]
    text = base64.b64encode(file.serialized_pb).decode()
    return Schema(text, PROTOBUF, references)


def _reference(client: SchemaRegistryClient, file: Any) -> SchemaReference:
    schema = _file_schema(client, file)
    client.register_schema(file.name, schema)
    version = client.lookup_schema(file.name, schema).version
    return SchemaReference(file.name, file.name, version)
