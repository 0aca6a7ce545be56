"""Say what an engine needs and does not have, before a run begins."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from recon.engines.port import Wanted
from recon.engines.spark_settings import settings
from recon.faults import WrongUsageError

PACKAGES = ("pyspark", "sqlglot")


def demand(wanted: Wanted) -> None:
    """Raise WrongUsageError where the engine could not work as it is wanted."""
    if wanted.name != "spark":
        return
    settings(wanted)
    for package in PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise WrongUsageError(
                f"--engine spark needs {package}, which is not installed; install the"
                " extra: pip install 'escrow-platform[spark]'"
            )
    looked_at = java()
    if looked_at is None or not looked_at.is_file():
        where = f"{looked_at} of JAVA_HOME is none" if looked_at else "none is on PATH"
        raise WrongUsageError(
            f"--engine spark needs Java 17 or 21, and {where}; install a JRE (Debian:"
            " apt-get install openjdk-17-jre-headless) and set JAVA_HOME to its folder"
        )
    if not wanted.is_local and wanted.work is None:
        raise WrongUsageError(
            f"--spark-master {wanted.master} works on other machines; give --spark-work,"
            " a folder that they and this one share"
        )


def java() -> Path | None:
    """Where Spark looks for Java."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home, "bin", "java")) if home else shutil.which("java")
    return None if found is None else Path(found)
