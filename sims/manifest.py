"""What a run was: seed, code, configuration and versions, for whoever plays it again."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = ("simpy", "numpy", "scipy", "pandas", "pyarrow")


def manifest(*, command: str, seed: int, configuration: str, **more: Any) -> dict[str, Any]:
    """Describe a run; equal runs of equal code have equal manifests."""
    return {
        "command": command,
        "seed": seed,
        "configuration": configuration,
        "commit": commit(),
        "python": platform.python_version(),
        "packages": versions(PACKAGES),
        **more,
    }


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Say which packages were used."""
    return {name: _version(name) for name in packages}


def commit() -> str:
    """Name the code that was played."""
    asked = ["git", "describe", "--always", "--dirty"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
