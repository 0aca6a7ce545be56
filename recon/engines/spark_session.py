"""A session of Spark's with the meaning that the rules rest on."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from recon.engines.port import Wanted
from recon.engines.spark_settings import settings
from recon.faults import WrongUsageError


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
        with warnings.catch_warnings():
            # It warns of pandas 3, from which nothing is taken here.
            warnings.simplefilter("ignore", FutureWarning)
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
