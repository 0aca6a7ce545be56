"""What a schema may not do to those who have read and written its last released form.

A registry watches the bytes of each message. This is stricter: names count too, since the
archive keeps fields by name, and places do, since a record says its place in its file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from google.protobuf.descriptor_pb2 import (  # type: ignore[import-untyped]  # as all of protobuf
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

Files = Mapping[str, FileDescriptorProto]
_F = FieldDescriptorProto


def breaks(released: Files, present: Files) -> Iterator[str]:
    """Tell what was released and is no longer so, with the names of message and field."""
    for name, old in released.items():
        new = present.get(name)
        if new is None:
            yield f"{name} is gone"
            continue
        if new.package != old.package:
            yield f"{name} is of package {new.package}, and was of {old.package}"
        yield from _messages(name, old.message_type, new.message_type)
        yield from _enums(name, old.enum_type, new.enum_type)


def _messages(
    where: str, released: Iterable[DescriptorProto], present: Iterable[DescriptorProto]
) -> Iterator[str]:
    found = {message.name: (place, message) for place, message in enumerate(present)}
    for place, old in enumerate(released):
        if old.name not in found:
            yield f"{where}: message {old.name} is gone, or has another name"
            continue
        now, new = found[old.name]
        if now != place:
            yield (
                f"{where}: message {old.name} is number {now + 1} of its file, and was "
                f"number {place + 1}: records say it by its place, so put new ones last"
            )
        yield from _fields(f"{where}: {old.name}", old, new)
        yield from _messages(f"{where}: {old.name}", old.nested_type, new.nested_type)
        yield from _enums(f"{where}: {old.name}", old.enum_type, new.enum_type)


def _fields(where: str, old: DescriptorProto, new: DescriptorProto) -> Iterator[str]:
    by_name = {field.name: field for field in new.field}
    by_number = {field.number: field for field in new.field}
    for field in old.field:
        name, found = f"{where}.{field.name}", by_name.get(field.name)
        heir = by_number.get(field.number)
        if found is None and heir is not None:
            yield f"{name} (number {field.number}) is called {heir.name} now"
        elif found is None:
            yield f"{name} (number {field.number}) was dropped"
        elif found.number != field.number:
            yield f"{name} has number {found.number}, and had {field.number}"
        elif _kind(found) != _kind(field):
            yield f"{name} is {_kind(found)}, and was {_kind(field)}"
    known = {field.name for field in old.field}
    for field in new.field:
        if field.name not in known and field.label == _F.LABEL_REQUIRED:
            yield f"{where}.{field.name} is new and required: older writers lack it"


def _enums(
    where: str,
    released: Iterable[EnumDescriptorProto],
    present: Iterable[EnumDescriptorProto],
) -> Iterator[str]:
    found = {enum.name: {v.name: v.number for v in enum.value} for enum in present}
    for old in released:
        if old.name not in found:
            yield f"{where}: enum {old.name} is gone, or has another name"
            continue
        for value in old.value:
            number = found[old.name].get(value.name)
            if number is None:
                yield f"{where}: {old.name}.{value.name} ({value.number}) was dropped"
            elif number != value.number:
                yield (
                    f"{where}: {old.name}.{value.name} has number {number}, and had "
                    f"{value.number}"
                )


def _kind(field: FieldDescriptorProto) -> str:
    """Say what a field is, in the words of a .proto file."""
    if field.label == _F.LABEL_REPEATED:
        label = "repeated "
    elif field.proto3_optional:
        label = "optional "
    else:
        label = "in a oneof " if field.HasField("oneof_index") else ""
    type_name: str = field.type_name.removeprefix(".")
    return label + (type_name or _F.Type.Name(field.type).removeprefix("TYPE_").lower())
