"""Brings every service's schema up to date, and refuses a past that was rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

RUNTIME = Path(__file__).parent / "runtime"
LOCK = "select pg_advisory_xact_lock(hashtextextended('migrations', 0))"
RECORDS = """
    create table if not exists migrations (
      name       text        primary key,
      checksum   text        not null,
      applied_at timestamptz not null default now()
    )
"""


class MigrationRefused(Exception):  # noqa: N818 - the name says what happened, not what it is
    """The files and the database tell different stories. The message says what to do."""


def migrate(dsn: str, services: Mapping[str, Path]) -> list[str]:
    """Apply what is new, service by service, and answer the names of what was applied.

    `services` names each schema and the folder of its SQL: `schema.sql` first, then
    `migrations/0002_….sql` and so on. The runtime's own tables come before both.
    """
    applied = []
    with psycopg.connect(dsn) as connection:
        for schema, folder in services.items():
            with connection.transaction():
                names = _bring_up(connection, schema, _files(folder))
            applied += [f"{schema}: {name}" for name in names]
    return applied


def _files(folder: Path) -> dict[str, Path]:
    """Name the migrations of a service, in the order in which they are applied."""
    own = [path for path in [folder / "schema.sql"] if path.exists()]
    numbered = [
        *((f"runtime/{path.name}", path) for path in sorted(RUNTIME.glob("*.sql"))),
        *((path.name, path) for path in own),
        *((path.name, path) for path in sorted((folder / "migrations").glob("*.sql"))),
    ]
    return dict(numbered)


def _bring_up(
    connection: psycopg.Connection[tuple[str, str]], schema: str, files: Mapping[str, Path]
) -> list[str]:
    connection.execute(LOCK)
    connection.execute(SQL("create schema if not exists {}").format(Identifier(schema)))
    connection.execute(SQL("set local search_path to {}").format(Identifier(schema)))
    connection.execute(RECORDS)
    known = dict(connection.execute("select name, checksum from migrations").fetchall())
    texts = {
        name: path.read_bytes().replace(b"\r\n", b"\n") for name, path in files.items()
    }
    sums = {name: sha256(text).hexdigest() for name, text in texts.items()}
    _refuse_rewriting(schema, known, sums)
    new = [name for name in files if name not in known]
    for name in new:
        try:
            connection.execute(texts[name])
        except psycopg.Error as failure:
            raise MigrationRefused(
                f"{files[name]} in schema {schema}: {failure}"
            ) from failure
        connection.execute(
            "insert into migrations (name, checksum) values (%s, %s)", [name, sums[name]]
        )
    return new


def _refuse_rewriting(
    schema: str, known: Mapping[str, str], sums: Mapping[str, str]
) -> None:
    for name, checksum in known.items():
        if name not in sums:
            raise MigrationRefused(
                f"{name} was applied to schema {schema}, but its file is gone: restore it"
            )
        if sums[name] != checksum:
            raise MigrationRefused(
                f"{name} was applied to schema {schema} and edited since: restore the file,"
                " and put the change into a new one with the next number"
            )
    for names in (ours for _, ours in groupby(sums, _is_of_the_runtime)):
        _refuse_latecomers(schema, known, list(names))


def _refuse_latecomers(schema: str, known: Mapping[str, str], names: list[str]) -> None:
    """The runtime and the service each count their own migrations."""
    applied = [number for number, name in enumerate(names) if name in known]
    for late in (name for name in names[: max(applied, default=0)] if name not in known):
        raise MigrationRefused(
            f"{late} is new, but comes before what was applied to schema {schema}:"
            " give it the next number"
        )


def _is_of_the_runtime(name: str) -> bool:
    return name.startswith("runtime/")
