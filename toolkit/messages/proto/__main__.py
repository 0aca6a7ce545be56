"""Generate `toolkit/messages/pb` anew from the `.proto` files beside this one.

The virtual import path is that of the generated package, so its imports are right as
they come. Run from the project's folder: `python -m toolkit.messages.proto`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import grpc_tools  # type: ignore[import-untyped]  # it carries no types
from grpc_tools.protoc import main as protoc  # type: ignore[import-untyped]

SOURCES = Path(__file__).parent
GOOGLE = Path(grpc_tools.__file__).parent / "_proto"
PACKAGE = "toolkit/messages/pb"


def generate(into: Path) -> int:
    """Write the package below this folder; answer protoc's exit code."""
    code: int = protoc(
        [
            "protoc",
            f"-I{PACKAGE}={SOURCES}",
            f"-I{GOOGLE}",
            f"--python_out={into}",
            f"--pyi_out={into}",
            *(f"{PACKAGE}/{source.name}" for source in sorted(SOURCES.glob("*.proto"))),
        ]
    )
    return code


if __name__ == "__main__":
    sys.exit(generate(into=Path.cwd()))
