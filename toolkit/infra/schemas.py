"""Registers the schema of every message, and answers the ids that go on the wire.

Subjects are named by topic and record, pinned here rather than left to a default. An
imported file is registered first, under its own name. Every subject says for itself that
its versions are BACKWARD compatible: a registry's default may be changed for others' sake.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
)
from confluent_kafka.schema_registry.error import SchemaRegistryError

from toolkit.core.message import Message
from toolkit.messages.codec import descriptor
from toolkit.messages.topics import RECORDS
from toolkit.messages.wire import subject

PROTOBUF = "PROTOBUF"
BUILT_IN = "google/protobuf/"  # every registry and every client knows these
BACKWARD = "BACKWARD"
AT_ONCE = 8  # subjects that are asked about side by side
# Whoever promises more than BACKWARD keeps it too.
ENOUGH = frozenset({BACKWARD, "BACKWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"})
NO_SUBJECT, NO_LEVEL, NO_SCHEMA = 40401, 40408, 40403  # a registry's own numbers


def register_schemas(
    client: SchemaRegistryClient, messages: Iterable[type[Message]] = RECORDS
) -> dict[type[Message], int]:
    """Register what is not registered yet; it blocks, for a start-up.

    Raises SchemaRegistryError when the registry finds a schema incompatible, and
    LevelTooLow when somebody has told a subject to take whatever comes.
    """
    wanted = list(messages)
    imports: dict[str, SchemaReference] = {}  # each is registered once, before who uses it
    schemas = [
        _file_schema(client, descriptor(message).file, imports) for message in wanted
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ids = pool.map(partial(_registered, client), wanted, schemas)
        return dict(zip(wanted, ids, strict=True))


class LevelTooLow(Exception):  # noqa: N818 - the name says what happened, not what it is
    """A subject whose versions need not be compatible. The message says what to do."""


def _registered(
    client: SchemaRegistryClient, message: type[Message], schema: Schema
) -> int:
    name = subject(message)
    try:
        demand_backward(client, name)
    except SchemaRegistryError as error:
        if error.error_code != NO_SUBJECT:
            raise
        # Some registries let nobody speak of a subject before it has its first version.
        id = client.register_schema(name, schema)
        client.set_compatibility(name, BACKWARD)
        demand_backward(client, name)
        return id
    return client.register_schema(name, schema)


def demand_backward(client: SchemaRegistryClient, subject: str) -> None:
    """See that a subject's versions are BACKWARD compatible; say so where nothing does."""
    try:
        level = client.get_compatibility(subject)
    except SchemaRegistryError as error:
        if error.error_code != NO_LEVEL:
            raise
        client.set_compatibility(subject, BACKWARD)
        level = client.get_compatibility(subject)
    if level not in ENOUGH:
        raise LevelTooLow(
            f"subject {subject} is at {level}: it would take a schema that cannot read "
            f"older records. See that its versions can, then set it to {BACKWARD} there"
        )


def subjects_of(client: SchemaRegistryClient, id: int) -> Collection[str]:
    """Answer under which subjects a schema is registered; none, when nobody knows it.

    It blocks, and raises SchemaRegistryError when the registry has no answer.
    """
    try:
        return frozenset(v.subject for v in client.get_schema_versions(id) if v.subject)
    except SchemaRegistryError as error:
        if error.error_code == NO_SCHEMA:
            return ()
        raise


def _file_schema(
    client: SchemaRegistryClient, file: Any, imports: dict[str, SchemaReference]
) -> Schema:
    references = [
        _reference(client, imported, imports)
        for imported in file.dependencies
        if not imported.name.startswith(BUILT_IN)
    ]
    text = base64.b64encode(file.serialized_pb).decode()
    return Schema(text, PROTOBUF, references)


def _reference(
    client: SchemaRegistryClient, file: Any, imports: dict[str, SchemaReference]
) -> SchemaReference:
    if file.name not in imports:
        schema = _file_schema(client, file, imports)
        client.register_schema(file.name, schema)
        version = client.lookup_schema(file.name, schema).version
        imports[file.name] = SchemaReference(file.name, file.name, version)
    return imports[file.name]
