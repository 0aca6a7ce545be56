"""Real servers for the tests that are marked so; what cannot be had is skipped by name."""

import shutil
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from deploy.services.stack import running

serial = count(1)


def started(stack, *kinds):
    """Skip where one of these is missing, and say why."""
    for kind in kinds:
        if kind in stack.missing:
            pytest.skip(f"real {kind}: {stack.missing[kind]}")
    return stack


@pytest.fixture(scope="session")
def folder_of_servers():
    """Not pytest's own: PostgreSQL's other self may not enter that."""
    folder = Path(tempfile.mkdtemp(prefix="servers-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def real_postgres_server(folder_of_servers):
    """The DSN of this machine's own PostgreSQL, one for each worker of the run."""
    with running(folder_of_servers / "postgres", ["postgres"], 1, print) as stack:
        yield started(stack, "postgres").servers["postgres"].address


@pytest.fixture
def real_postgres_dsn(real_postgres_server):
    """The DSN of a database that is empty, and gone after the test."""
    with database_of(real_postgres_server) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def real_broker(folder_of_servers):
    """Where a broker is that no platform uses: tests may delete its topics."""
    with running(folder_of_servers / "broker", ["kafka"], 1, print) as stack:
        yield started(stack, "kafka").servers["kafka-1"].address


@contextmanager
def database_of(server):
    name = f"real_{next(serial)}"
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(SQL("create database {}").format(Identifier(name)))
    yield make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(SQL("drop database {} with (force)").format(Identifier(name)))
