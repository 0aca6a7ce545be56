"""On what a run was made: figures of another machine or version are no comparison."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

MEASURED_WITH = ("locust", "gevent", "confluent-kafka", "psycopg", "fastapi", "uvicorn")


def described(source: Path | None = None) -> dict[str, Any]:
    """Name the commit, the versions and the kind of machine, and how busy it was before."""
    return {
        "commit": _git(source, "rev-parse", "HEAD"),
        "changed": bool(_git(source, "status", "--porcelain", "--untracked-files=no")),
        "cores": os.cpu_count(),
        "memory_gib": round(
            os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        ),
        "processor": _processor(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {name: version(name) for name in MEASURED_WITH},
    }


def _git(source: Path | None, *arguments: str) -> str | None:
    done = subprocess.run(
        ["git", *arguments],
        cwd=source or Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
