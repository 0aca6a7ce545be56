"""A schema is brought up to date once, by whoever comes first, and never rewritten."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.contracts.counter import FOLDER
from toolkit.infra.postgres import migrations
from toolkit.infra.postgres.migrations import RUNTIME, MigrationRefused, migrate

pytestmark = pytest.mark.embedded
RUNTIME_NAMES = sorted(f"runtime/{path.name}" for path in RUNTIME.glob("*.sql"))


@pytest.fixture
def folder(tmp_path):
    """A service's folder that may be edited."""
    shutil.copy(FOLDER / "schema.sql", tmp_path)
    (tmp_path / "migrations").mkdir()
    return tmp_path


def add_migration(folder, name, sql):
    (folder / "migrations" / name).write_text(sql)


def test_every_service_gets_the_runtimes_tables_and_its_own(postgres_dsn, folder):
    applied = migrate(postgres_dsn, {"one": folder, "two": folder})
    assert applied == [
        f"{service}: {name}"
        for service in ("one", "two")
        for name in (*RUNTIME_NAMES, "schema.sql")
    ]
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("select from one.counters, two.counters, one.outbox, two.inbox")


def test_a_service_without_tables_of_its_own_has_the_runtimes(postgres_dsn, tmp_path):
    applied = migrate(postgres_dsn, {"one": tmp_path})
    assert applied == [f"one: {name}" for name in RUNTIME_NAMES]


def test_migrating_again_does_nothing(postgres_dsn, folder):
    migrate(postgres_dsn, {"one": folder})
    assert migrate(postgres_dsn, {"one": folder}) == []


def test_only_what_is_new_is_applied_in_order_of_number(postgres_dsn, folder):
    migrate(postgres_dsn, {"one": folder})
    add_migration(folder, "0003_rename.sql", "alter table colours rename to shades")
    add_migration(folder, "0002_colours.sql", "create table colours ()")
    assert migrate(postgres_dsn, {"one": folder}) == [
        "one: 0002_colours.sql",
        "one: 0003_rename.sql",
    ]


def test_an_edited_migration_is_refused(postgres_dsn, folder):
    migrate(postgres_dsn, {"one": folder})
    with (folder / "schema.sql").open("a") as schema:
        schema.write("create table more ();")
    with pytest.raises(MigrationRefused, match=r"schema\.sql .* edited since: restore"):
        migrate(postgres_dsn, {"one": folder})


def test_a_migration_that_is_gone_is_refused(postgres_dsn, folder):
    add_migration(folder, "0002_colours.sql", "create table colours ()")
    migrate(postgres_dsn, {"one": folder})
    (folder / "migrations" / "0002_colours.sql").unlink()
    with pytest.raises(MigrationRefused, match="its file is gone: restore it"):
        migrate(postgres_dsn, {"one": folder})


def test_a_migration_before_one_that_was_applied_is_refused(postgres_dsn, folder):
    add_migration(folder, "0003_colours.sql", "create table colours ()")
    migrate(postgres_dsn, {"one": folder})
    add_migration(folder, "0002_late.sql", "create table late ()")
    with pytest.raises(MigrationRefused, match=r"comes before .* give it the next number"):
        migrate(postgres_dsn, {"one": folder})


def test_the_runtime_may_grow_after_a_service_was_made(
    postgres_dsn, folder, tmp_path_factory, monkeypatch
):
    young = tmp_path_factory.mktemp("runtime")
    shutil.copy(RUNTIME / "0001_runtime.sql", young)
    monkeypatch.setattr(migrations, "RUNTIME", young)
    migrate(postgres_dsn, {"one": folder})
    (young / "0002_more.sql").write_text("create table more ()")
    assert migrate(postgres_dsn, {"one": folder}) == ["one: runtime/0002_more.sql"]


def test_a_migration_that_fails_changes_nothing_and_is_named(postgres_dsn, folder):
    add_migration(folder, "0002_wrong.sql", "create table colours (); select nonsense")
    with pytest.raises(
        MigrationRefused, match=r"0002_wrong\.sql in schema one: .*nonsense"
    ):
        migrate(postgres_dsn, {"one": folder})
    with psycopg.connect(postgres_dsn) as connection:
        found = connection.execute("select to_regnamespace('one')").fetchone()
    assert found == (None,)


def test_many_who_migrate_at_once_apply_it_once(postgres_dsn, folder):
    with ThreadPoolExecutor(4) as threads:
        works = [threads.submit(migrate, postgres_dsn, {"one": folder}) for _ in range(4)]
        applied = [work.result() for work in works]
    assert sorted(map(len, applied)) == [0, 0, 0, len(RUNTIME_NAMES) + 1]
