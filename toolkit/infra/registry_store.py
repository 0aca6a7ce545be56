"""What a schema registry knows: subjects, their versions, and what may follow what."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.descriptor_pb2 import (  # type: ignore[import-untyped]  # as all of protobuf
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from toolkit.core.message import record

LEVELS: Mapping[str, Sequence[str]] = {  # in which directions versions must be readable
    "NONE": (),
    "BACKWARD": ("BACKWARD",),
    "FORWARD": ("FORWARD",),
    "FULL": ("BACKWARD", "FORWARD"),
}
TRANSITIVE = "_TRANSITIVE"  # with all earlier versions, not only with the last

_F = FieldDescriptorProto
EXCHANGEABLE = (  # types that are read from the same bytes
    {_F.TYPE_INT32, _F.TYPE_UINT32, _F.TYPE_INT64, _F.TYPE_UINT64, _F.TYPE_BOOL},
    {_F.TYPE_STRING, _F.TYPE_BYTES},
    {_F.TYPE_SINT32, _F.TYPE_SINT64},
    {_F.TYPE_FIXED32, _F.TYPE_SFIXED32},
    {_F.TYPE_FIXED64, _F.TYPE_SFIXED64},
)


class Refused(Exception):  # noqa: N818 - the name says what happened, not what it is
    """A request that the registry answers with no, as Confluent's numbers its reasons."""

    def __init__(self, status: int, code: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.code = code


@record
class Reference:
    """A file that a schema imports, and the version under which it is registered."""

    name: str
    subject: str
    version: int


@record
class Schema:
    type: str
    text: str
    references: tuple[Reference, ...] = ()


@record
class Version:
    subject: str
    number: int
    id: int
    schema: Schema


@dataclass(slots=True)
class Registry:
    """Schemas by id, versions by subject, and how compatible they have to be."""

    subjects: dict[str, list[Version]] = field(default_factory=dict)
    ids: dict[Schema, int] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    default_level: str = "BACKWARD"

    def register(self, subject: str, schema: Schema) -> Version:
        """Answer the version this schema has, or gets if it may follow the earlier ones."""
        earlier = self.subjects.get(subject, [])
        known = next((v for v in earlier if v.schema == schema), None)
        if known:
            return known
        _file_of(schema)
        for reference in schema.references:
            self.version(reference.subject, str(reference.version))
        last = earlier if self.level(subject).endswith(TRANSITIVE) else earlier[-1:]
        if problems := self.problems(subject, schema, last):
            raise Refused(
                409,
                409,
                "Schema being registered is incompatible with an earlier schema for "
                f'subject "{subject}": {"; ".join(problems)}',
            )
        version = Version(
            subject=subject,
            number=len(earlier) + 1,
            id=self.ids.setdefault(schema, len(self.ids) + 1),
            schema=schema,
        )
        self.subjects[subject] = [*earlier, version]
        return version

    def lookup(self, subject: str, schema: Schema) -> Version:
        """Answer the version under which this very schema is registered."""
        for version in self.versions(subject):
            if version.schema == schema:
                return version
        raise Refused(404, 40403, "Schema not found")

    def versions(self, subject: str) -> Sequence[Version]:
        try:
            return self.subjects[subject]
        except KeyError:
            raise Refused(404, 40401, f"Subject '{subject}' not found.") from None

    def version(self, subject: str, number: str) -> Version:
        """Answer a version by its number, or the `latest`."""
        versions = self.versions(subject)
        if number in ("latest", "-1"):
            return versions[-1]
        for version in versions:
            if str(version.number) == number:
                return version
        raise Refused(404, 40402, f"Version {number} not found.")

    def schema(self, id: int) -> Schema:
        for schema, known in self.ids.items():
            if known == id:
                return schema
        raise Refused(404, 40403, f"Schema {id} not found")

    def versions_of(self, id: int) -> list[dict[str, str | int]]:
        """Answer where a schema is registered: under which subjects, as which version."""
        self.schema(id)
        return [
            {"subject": name, "version": version.number}
            for name, versions in sorted(self.subjects.items())
            for version in versions
            if version.id == id
        ]

    def problems(
        self, subject: str, schema: Schema, others: Iterable[Version]
    ) -> list[str]:
        """Answer why this schema may not stand beside these others of its subject."""
        sides = LEVELS[self.level(subject).removesuffix(TRANSITIVE)]
        new, found = _file_of(schema), list[str]()
        for old in map(_file_of, (other.schema for other in others)):
            found += _unreadable(new, old) if "BACKWARD" in sides else ()
            found += _unreadable(old, new) if "FORWARD" in sides else ()
        return found

    def level(self, subject: str = "") -> str:
        return self.levels.get(subject, self.default_level)

    def own_level(self, subject: str) -> str:
        if subject not in self.levels:
            raise Refused(
                404, 40408, f"Subject '{subject}' has no compatibility level of its own"
            )
        return self.levels[subject]

    def set_level(self, level: str, subject: str | None = None) -> None:
        if level.removesuffix(TRANSITIVE) not in LEVELS or level == f"NONE{TRANSITIVE}":
            raise Refused(422, 42203, f"Invalid compatibility level: {level}")
        if subject is None:
            self.default_level = level
        else:
            self.levels[subject] = level


def _file_of(schema: Schema) -> FileDescriptorProto:
    if schema.type != "PROTOBUF":
        raise Refused(422, 42201, f"Invalid schema: {schema.type} is not PROTOBUF")
    file = FileDescriptorProto()
    try:
        file.ParseFromString(base64.b64decode(schema.text, validate=True))
    except (binascii.Error, ValueError, DecodeError) as error:
        raise Refused(
            422,
            42201,
            "Invalid schema: this registry takes the base64 text of a "
            f"FileDescriptorProto, as Confluent's client sends it ({error})",
        ) from error
    return file


def _unreadable(reader: FileDescriptorProto, writer: FileDescriptorProto) -> Iterator[str]:
    """Tell what this reader could not make of what that writer writes."""
    if reader.package != writer.package:
        yield f"PACKAGE_CHANGED from {writer.package} to {reader.package}"
    known = dict(_messages("", reader.message_type))
    for name, written in _messages("", writer.message_type):
        if name not in known:
            yield f"MESSAGE_REMOVED {name}"
            continue
        fields = {each.number: each for each in known[name].field}
        for old in written.field:
            new = fields.get(old.number)
            problem = _field_problem(new, old)
            if problem:
                yield f"{problem} {name}.{old.name} ({old.number})"


def _messages(
    prefix: str, messages: Iterable[DescriptorProto]
) -> Iterator[tuple[str, DescriptorProto]]:
    for message in messages:
        name = f"{prefix}{message.name}"
        yield name, message
        yield from _messages(f"{name}.", message.nested_type)


def _field_problem(
    new: FieldDescriptorProto | None, old: FieldDescriptorProto
) -> str | None:
    if new is None:
        return "REQUIRED_FIELD_REMOVED" if old.label == _F.LABEL_REQUIRED else None
    same = new.type == old.type or any({new.type, old.type} <= g for g in EXCHANGEABLE)
    if not same or new.type_name != old.type_name:
        return "FIELD_KIND_CHANGED"
    if (new.label == _F.LABEL_REPEATED) != (old.label == _F.LABEL_REPEATED):
        return "FIELD_LABEL_CHANGED"
    if _in_oneof(new) and not _in_oneof(old):
        return "FIELD_MOVED_TO_ONEOF"
    return None


def _in_oneof(field: FieldDescriptorProto) -> bool:
    return bool(field.HasField("oneof_index") and not field.proto3_optional)
