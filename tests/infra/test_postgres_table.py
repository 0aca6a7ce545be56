"""A table of states takes what is new or has changed, and refuses what has moved on."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from toolkit.core.errors import Conflict
from toolkit.infra.postgres import migrate, open_pool
from toolkit.infra.postgres.table import StateTable

pytestmark = pytest.mark.embedded
NOW = datetime(2026, 1, 1, 12, 30, 15, 999_999, tzinfo=UTC)
THINGS = StateTable(
    "things",
    {
        "name": "text",
        "version": "bigint",
        "big": "bigint",
        "yes": "boolean",
        "at": "timestamptz",
        "document": "jsonb",
    },
)
SCHEMA = """
    create table things (
      name text primary key, version bigint not null, big bigint, yes boolean not null,
      at timestamptz, document jsonb not null
    )
"""


@pytest.fixture
async def transaction(postgres_dsn, tmp_path):
    (tmp_path / "schema.sql").write_text(SCHEMA)
    migrate(postgres_dsn, {"things": tmp_path})

    async with open_pool(postgres_dsn, "things") as pool:

        @asynccontextmanager
        async def begin():
            async with pool.connection() as connection, connection.transaction():
                yield connection

        yield begin


def thing(name: str, version: int = 1, **others):
    given = {"big": None, "yes": True, "at": None, "document": '{"a": [1, null]}'}
    return {"name": name, "version": version, **given, **others}


async def save(transaction, found, *rows):
    async with transaction() as connection:
        await THINGS.save(connection, rows, dict(zip("abcdefgh", found, strict=False)))


async def load(transaction, *keys):
    async with transaction() as connection:
        return await THINGS.load(connection, keys)


async def test_a_row_comes_back_to_the_letter(transaction):
    rows = [
        thing("a", big=-(1 << 63), at=NOW, document='"\\u00e9"'),
        thing("b", big=(1 << 63) - 1, yes=False),
        thing("ü\n'", 7),
    ]
    async with transaction() as connection:
        await THINGS.save(connection, rows, {"a": 0, "b": 0, "ü\n'": 0})
    rows[0]["document"] = '"é"'  # the same JSON as the database writes it
    assert await load(transaction, "ü\n'", "b", "a", "missing") == rows


async def test_new_and_changed_rows_are_written_together(transaction):
    await save(transaction, [0, 0], thing("a"), thing("b"))
    await save(transaction, [0, 1, 0], thing("b", 3), thing("c"))
    assert [(r["name"], r["version"]) for r in await load(transaction, *"abc")] == [
        ("a", 1),
        ("b", 3),
        ("c", 1),
    ]


async def test_a_row_that_has_moved_on_is_refused_with_its_whole_batch(transaction):
    await save(transaction, [0, 0], thing("a", 5), thing("b"))
    with pytest.raises(Conflict):
        await save(transaction, [4, 1], thing("a", 6), thing("b", 2))
    assert [row["version"] for row in await load(transaction, "a", "b")] == [5, 1]


async def test_a_row_that_somebody_else_created_is_refused(transaction):
    await save(transaction, [0], thing("a"))
    with pytest.raises(Conflict):
        await save(transaction, [0, 0], thing("a"), thing("b"))


async def test_a_row_that_is_gone_is_refused(transaction):
    with pytest.raises(Conflict):
        await save(transaction, [3], thing("a", 4))
