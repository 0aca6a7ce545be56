"""A session of Spark's with the meaning that the rules rest on."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from recon.engines.port import Wanted
from recon.faults import WrongUsageError

with warnings.catch_warnings():
    # It warns of pandas 3, from which nothing is taken here.
    warnings.simplefilter("ignore", FutureWarning)
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

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


@contextmanager
def session(wanted: Wanted) -> Iterator[SparkSession]:
    """Lend a session. One that is there already is lent and left; another is ended."""
    is_guest = SparkSession.getActiveSession() is not None
    # It would print Java's stack of every error beside the error.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    builder = SparkSession.builder.appName("recon").master(wanted.master)
    for name, value in settings(wanted).items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise WrongUsageError(
            f"--spark-master {wanted.master}: no session can be begun:"
            f" {str(error).splitlines()[0]}"
        ) from error
    try:
        yield spark
    finally:
        if not is_guest:
            spark.stop()


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
