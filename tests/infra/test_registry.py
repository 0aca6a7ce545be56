"""The registry stand-in takes Confluent's own client, and guards what readers rely on."""

import base64
import socket
import threading
import time
from contextlib import nullcontext

import pytest
import uvicorn
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from toolkit.infra.registry import application
from toolkit.infra.registry_store import Registry
from toolkit.infra.schemas import LevelTooLow, register_schemas, subjects_of
from toolkit.messages.codec import descriptor
from toolkit.messages.escrow import CreateEscrow, EscrowReleased
from toolkit.messages.topics import RECORDS
from toolkit.messages.wire import WireFormat, subject

SUBJECT = subject(EscrowReleased)


@pytest.fixture
def client():
    """Give Confluent's client of a registry that is served on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application(Registry()), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with SchemaRegistryClient(
        {"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}
    ) as made:
        yield made
    server.should_exit = True
    thread.join()
    listener.close()


def changed(change):
    """Give a later schema of escrow, in which its own messages were changed."""
    file = FileDescriptorProto.FromString(descriptor(EscrowReleased).file.serialized_pb)
    change({message.name: message for message in file.message_type})
    return Schema(base64.b64encode(file.SerializeToString()).decode(), "PROTOBUF", [])


def test_every_message_is_registered_under_its_topic_and_full_name(client):
    ids = register_schemas(client)
    assert set(ids) == set(RECORDS)
    assert "escrow.events.v1-toolkit.escrow.v1.EscrowReleased" in client.get_subjects()
    assert "toolkit/messages/pb/money.proto" in client.get_subjects()


def test_every_subject_says_that_its_versions_are_backward_compatible(client):
    client.set_compatibility(level="NONE")  # a default that somebody else needs
    register_schemas(client, [EscrowReleased])
    assert client.get_compatibility(SUBJECT) == "BACKWARD"


@pytest.mark.parametrize(("level", "is_enough"), [("FULL", True), ("NONE", False)])
def test_a_subject_that_takes_whatever_comes_stops_us(client, level, is_enough):
    register_schemas(client, [EscrowReleased])
    client.set_compatibility(SUBJECT, level)
    with nullcontext() if is_enough else pytest.raises(LevelTooLow, match="is at NONE"):
        register_schemas(client, [EscrowReleased])


def test_a_schema_is_known_under_the_subjects_it_was_registered_for(client):
    ids = register_schemas(client, [CreateEscrow, EscrowReleased])
    found = subjects_of(client, ids[EscrowReleased])
    assert found == {subject(CreateEscrow), subject(EscrowReleased)}
    assert subjects_of(client, 404) == ()


def test_registering_again_gives_the_same_ids(client):
    assert register_schemas(client) == register_schemas(client)


def test_messages_of_one_file_share_its_schema(client):
    ids = register_schemas(client, [CreateEscrow, EscrowReleased])
    assert len(set(ids.values())) == 1
    WireFormat(ids)


def test_a_schema_is_found_by_its_id_with_what_it_imports(client):
    ids = register_schemas(client, [EscrowReleased])
    schema = client.get_schema(ids[EscrowReleased])
    file = FileDescriptorProto.FromString(base64.b64decode(schema.schema_str))
    assert file.package == "toolkit.escrow.v1"
    assert [each.name for each in schema.references] == ["toolkit/messages/pb/money.proto"]


def test_the_latest_version_is_the_last_one_registered(client):
    register_schemas(client, [EscrowReleased])
    later = changed(lambda m: m["EscrowReleased"].field[0].ClearField("json_name"))
    client.register_schema(SUBJECT, later)
    assert client.get_versions(SUBJECT) == [1, 2]
    assert client.get_latest_version(SUBJECT).version == 2


def test_a_new_field_may_follow(client):
    register_schemas(client, [EscrowReleased])

    def add(messages):
        messages["EscrowReleased"].field.add(name="memo", number=99, type=9, label=1)

    assert client.test_compatibility(SUBJECT, changed(add))
    assert client.register_schema(SUBJECT, changed(add))


def change_a_type(messages):
    messages["EscrowReleased"].field[1].type = 3  # a text becomes a number


def rename_a_message(messages):
    messages["EscrowReleased"].name = "EscrowLetGo"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (change_a_type, "FIELD_KIND_CHANGED EscrowReleased.transfer_id"),
        (rename_a_message, "MESSAGE_REMOVED EscrowReleased"),
    ],
)
def test_a_schema_that_its_readers_cannot_read_is_refused(client, change, problem):
    register_schemas(client, [EscrowReleased])
    assert not client.test_compatibility(SUBJECT, changed(change))
    with pytest.raises(SchemaRegistryError, match=problem) as refused:
        client.register_schema(SUBJECT, changed(change))
    assert refused.value.http_status_code == 409


def test_without_compatibility_anything_goes(client):
    register_schemas(client, [EscrowReleased])
    client.set_compatibility(SUBJECT, "NONE")
    assert client.get_compatibility(SUBJECT) == "NONE"
    assert client.register_schema(SUBJECT, changed(rename_a_message))


def test_full_compatibility_looks_both_ways(client):
    register_schemas(client, [EscrowReleased])

    def add_a_message(messages):
        messages["EscrowReleased"].nested_type.append(DescriptorProto(name="Extra"))

    assert client.test_compatibility(SUBJECT, changed(add_a_message))
    client.set_compatibility(SUBJECT, "FULL")
    assert not client.test_compatibility(SUBJECT, changed(add_a_message))


def test_what_is_no_schema_is_refused_with_the_reason(client):
    with pytest.raises(SchemaRegistryError, match="base64 text of a FileDescriptorProto"):
        client.register_schema(SUBJECT, Schema("syntax = 'proto3';", "PROTOBUF"))


def test_what_was_never_registered_is_not_found(client):
    with pytest.raises(SchemaRegistryError, match="not found") as missing:
        client.get_latest_version(SUBJECT)
    assert missing.value.error_code == 40401
