"""What a session of Spark's is told, and what of it nobody may say otherwise."""

from __future__ import annotations

import os
import re

from recon.engines.port import Wanted
from recon.faults import WrongUsageError

# What the rules rest on; nobody may say otherwise.
MEANING = {
    "spark.sql.ansi.enabled": "true",  # what does not fit is an error, never null
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.caseSensitive": "false",
    "spark.sql.cteRecursionRowLimit": "-1",
    "spark.sql.cteRecursionLevelLimit": "-1",
}
# How it works on this machine, where nobody says otherwise.
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
}
QUIET = {"spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}


def settings(wanted: Wanted) -> dict[str, str]:
    """What the session is told; what the rules rest on comes last."""
    for name, value in wanted.settings:
        if name in MEANING and value != MEANING[name]:
            raise WrongUsageError(
                f"--spark-conf {name}={value}: the rules rest on {MEANING[name]}"
            )
    local = {**LOCAL, "spark.sql.shuffle.partitions": str(_threads(wanted.master))}
    usual = {**QUIET, **(local if wanted.is_local else {})}
    return {**usual, **dict(wanted.settings), **MEANING}


def _threads(master: str) -> int:
    """How many tasks run at once on this machine."""
    given = re.match(r"local\[(\d+)", master)
    return int(given[1]) if given else os.cpu_count() or 1
