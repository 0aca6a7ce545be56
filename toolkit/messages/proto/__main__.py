"""Generate `toolkit/messages/pb` anew from the `.proto` files beside this one; guard them.

The virtual import path is that of the generated package, so its imports are right as
they come. Run from the project's folder:

    python -m toolkit.messages.proto            generate the classes
    python -m toolkit.messages.proto check      compare with the schemas last released
    python -m toolkit.messages.proto release    keep the present schemas as released
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import grpc_tools  # type: ignore[import-untyped]  # it carries no types
from google.protobuf.descriptor_pb2 import (  # type: ignore[import-untyped]  # nor does it
    FileDescriptorProto,
    FileDescriptorSet,
)
from grpc_tools.protoc import main as protoc  # type: ignore[import-untyped]

from toolkit.messages.proto.compatibility import breaks

SOURCES = Path(__file__).parent
RELEASED = SOURCES / "released"
GOOGLE = Path(grpc_tools.__file__).parent / "_proto"
PACKAGE = "toolkit/messages/pb"
STRANGERS = "recon/copies/messages.binpb"  # for who reads our messages without our code
BROKEN = 1


class Unusable(Exception):  # noqa: N818 - the name says what happened, not what it is
    """Schemas that protoc does not take; it has said why on standard error."""


def generate(into: Path) -> int:
    """Write package and schemas below this folder; answer protoc's exit code."""
    strangers = into / STRANGERS
    strangers.parent.mkdir(parents=True, exist_ok=True)
    return _protoc(
        SOURCES,
        f"--python_out={into}",
        f"--pyi_out={into}",
        "--include_imports",
        f"--descriptor_set_out={strangers}",
    )


def compiled(sources: Path) -> dict[str, FileDescriptorProto]:
    """Read the schemas of a folder, by the names of their files."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "schemas"
        if _protoc(sources, f"--descriptor_set_out={file}"):
            raise Unusable(f"the schemas in {sources} cannot be compiled: mend them first")
        found = FileDescriptorSet.FromString(file.read_bytes())
    return {Path(each.name).name: each for each in found.file}


def check(released: Path = RELEASED, present: Path = SOURCES) -> list[str]:
    """Answer what the present schemas break of those last released."""
    if not any(released.glob("*.proto")):
        return []
    return list(breaks(compiled(released), compiled(present)))


def release(released: Path = RELEASED, present: Path = SOURCES) -> list[str]:
    """Keep the present schemas as the released ones, unless they break those before."""
    if found := check(released, present):
        return found
    compiled(present)
    released.mkdir(exist_ok=True)
    for source in sorted(present.glob("*.proto")):
        shutil.copyfile(source, released / source.name)
    return []


def _protoc(sources: Path, *outputs: str) -> int:
    files = [f"{PACKAGE}/{source.name}" for source in sorted(sources.glob("*.proto"))]
    code: int = protoc(
        ["protoc", f"-I{PACKAGE}={sources}", f"-I{GOOGLE}", *outputs, *files]
    )
    return code


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m toolkit.messages.proto")
    parser.add_argument(
        "verb", nargs="?", choices=["generate", "check", "release"], default="generate"
    )
    verb: str = parser.parse_args().verb
    if verb == "generate":
        return generate(into=Path.cwd())
    try:
        found = check() if verb == "check" else release()
    except Unusable as error:
        found = [str(error)]
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        print(
            "schemas only grow: undo this, and add a field, a value or a message instead; "
            "what was not released yet may still change",
            file=sys.stderr,
        )
        return BROKEN
    print("released" if verb == "release" else "the schemas go on from those released")
    return 0


if __name__ == "__main__":
    sys.exit(main())
