"""A PostgreSQL server for the whole run, and a database of its own for each test."""

import shutil
import tempfile
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from toolkit.infra.embedded_postgres import embedded_postgres

# Its data need not survive anything, so it need not wait for the disk either.
HASTE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}
serial = count(1)


@pytest.fixture(scope="session")
def postgres_server():
    """The DSN of a server that lives as long as the run (of one xdist worker)."""
    # Not pytest's tmp_path: nobody else may enter that, and the server is `nobody`.
    data = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        with embedded_postgres(data, settings=HASTE) as dsn:
            yield dsn
    finally:
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def postgres_dsn(postgres_server):
    """The DSN of a database that is empty, and gone after the test."""
    name = f"test_{next(serial)}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(SQL("create database {}").format(Identifier(name)))
        yield make_conninfo(postgres_server, dbname=name)
        server.execute(SQL("drop database {} with (force)").format(Identifier(name)))
