"""Who may touch what in the database: a login for each kind of connection, and its grants.

A service owns nothing. It reads and writes the tables of its own schema, and of those that
record what happened it may not change or delete a row: the past belongs to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

from toolkit.infra.postgres.migrations import LOCK

# What is written once and stays: what happened, what was booked and approved.
APPEND_ONLY = frozenset(
    {
        "events",
        "journal",
        "approvals_log",
        "details_log",
        "deliveries",
        *("entries", "nodes", "checkpoints", "signatures", "anchors"),  # of audit
    }
)
INBOX = "inbox"  # what was handled may be forgotten with age, but not rewritten
NOT_THEIRS = frozenset({"migrations"})
READER, WATCHER = "reader", "watcher"
READABLE = frozenset({"projections", "audit"})  # whose tables the reader sees
OFFSETS = "offsets"  # how far a service has read: all that the watcher sees

TABLES = """
    select c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = %s and c.relkind in ('r', 'p', 'v', 'm') order by 1
"""

Connection = psycopg.Connection[tuple[Any, ...]]


class RolesRefused(Exception):  # noqa: N818 - says what happened
    """The logins cannot be made. The message says what to do."""


def kinds(schemas: Iterable[str]) -> tuple[str, ...]:
    """Name the kinds of connections: one a schema, and two that only look."""
    return (*schemas, READER, WATCHER)


def rights(kind: str, schema: str, table: str) -> str:
    """Say what a kind of connection may do with a table; nothing is the empty text."""
    if table in NOT_THEIRS:
        return ""
    if kind == READER:
        is_view = schema in READABLE and table not in RUNTIME
        return "select" if is_view else ""
    if kind == WATCHER:
        return "select" if table == OFFSETS else ""
    if kind != schema:
        return ""
    if table in APPEND_ONLY:
        return "select, insert"
    if table == INBOX:
        return "select, insert, delete"
    return "select, insert, update, delete"


# What every schema has for the shell's own purposes; a reader has no business there.
RUNTIME = frozenset(
    {
        "inbox",
        "events",
        "outbox",
        "agenda",
        "dead_letters",
        "dead_letter_requests",
        "parked",
        "offsets",
    }
)


def make_logins(dsn: str, users: Mapping[str, str], passwords: Mapping[str, str]) -> None:
    """Make each kind's login, or bring it up to date; none may do anything yet."""
    with psycopg.connect(dsn) as connection:
        connection.execute(LOCK)
        found = connection.execute(
            "select rolname from pg_roles where rolname = any(%s)", [list(users.values())]
        ).fetchall()
        for kind, user in users.items():
            verb = SQL("alter" if (user,) in found else "create")
            password = Literal(passwords[kind]) if kind in passwords else SQL("null")
            connection.execute(
                SQL(
                    "{} role {} login nosuperuser nocreatedb nocreaterole noreplication"
                    " nobypassrls noinherit password {}"
                ).format(verb, Identifier(user), password)
            )


def write_grants(dsn: str, users: Mapping[str, str], schemas: Sequence[str]) -> None:
    """Take everything from the logins and from everybody, then give what each needs."""
    with psycopg.connect(dsn) as connection:
        connection.execute(LOCK)
        logins = SQL(", ").join(Identifier(user) for user in users.values())
        try:
            _open_the_database(connection, logins)
            for schema in schemas:
                _write_grants(connection, schema, users, logins)
        except psycopg.errors.UndefinedObject as missing:
            raise RolesRefused(
                f"{str(missing).splitlines()[0]}: run `python -m toolkit migrate --roles`"
            ) from missing


def _open_the_database(connection: Connection, logins: Composable) -> None:
    name = Identifier(connection.info.dbname)
    connection.execute(SQL("revoke all on database {} from public").format(name))
    connection.execute(SQL("revoke all on schema public from public"))
    connection.execute(SQL("grant connect on database {} to {}").format(name, logins))


def _write_grants(
    connection: Connection, schema: str, users: Mapping[str, str], logins: Composable
) -> None:
    place = Identifier(schema)
    for what in ("all tables in schema", "all sequences in schema", "schema"):
        statement = SQL("revoke all on {} {} from public, {}")
        connection.execute(statement.format(SQL(what), place, logins))
    tables = [name for (name,) in connection.execute(TABLES, [schema]).fetchall()]
    for kind, user in users.items():
        given = {table: rights(kind, schema, table) for table in tables}
        login = Identifier(user)
        if any(given.values()):
            connection.execute(SQL("grant usage on schema {} to {}").format(place, login))
        for table, what in given.items():
            if what:
                name = Identifier(schema, table)
                statement = SQL("grant {} on {} to {}")
                connection.execute(statement.format(SQL(what), name, login))
        if kind == schema:
            statement = SQL("grant usage on all sequences in schema {} to {}")
            connection.execute(statement.format(place, login))
