"""Each kind of connection can do its own work in the database, and nothing else."""

from itertools import count

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from toolkit.assembly import SCHEMAS, bring_up, connection_kind, dsn_of
from toolkit.infra.postgres.roles import (
    APPEND_ONLY,
    READER,
    RUNTIME,
    WATCHER,
    RolesRefused,
    kinds,
)
from toolkit.infra.settings import Settings, SettingsWrong

serial = count(1)
SERVICES = tuple(SCHEMAS)
OTHERS = [(a, b) for a in kinds(SERVICES) for b in SERVICES if a != b]


def settings_for(dsn, **other):
    return Settings(
        postgres_dsn=SecretStr(dsn),
        kafka_bootstrap="unused:1",
        registry_url="http://unused",
        jwt_issuer="unused",
        jwt_audience="unused",
        jwt_keys="unused",
        archive_root="unused",
        **other,
    )


@pytest.fixture(scope="module")
def house(postgres_server):
    """A database with every schema and login; the tests only try the doors."""
    name = f"roles_{next(serial)}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(SQL("create database {}").format(Identifier(name)))
    dsn = psycopg.conninfo.make_conninfo(postgres_server, dbname=name)
    settings = settings_for(dsn, postgres_user=f"{name}_{{kind}}")
    bring_up(settings, with_logins=True)
    yield settings
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(SQL("drop database {} with (force)").format(Identifier(name)))


@pytest.fixture(scope="module")
def owner(house):
    with psycopg.connect(house.postgres_dsn.get_secret_value(), autocommit=True) as owner:
        yield owner


def tables(owner, schema):
    query = "select table_name from information_schema.tables where table_schema = %s"
    return {name for (name,) in owner.execute(query, [schema]).fetchall()}


def may(owner, user, privilege, schema, table):
    query = (
        "select has_schema_privilege(%s, %s, 'usage') and has_table_privilege(%s, %s, %s)"
    )
    row = owner.execute(query, [user, schema, user, f"{schema}.{table}", privilege])
    return row.fetchone()[0]


def refused(house, kind, statement):
    with (
        psycopg.connect(dsn_of(house, kind)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("kind", kinds(SERVICES))
def test_every_kind_of_connection_logs_in_as_itself(house, kind):
    with psycopg.connect(dsn_of(house, kind)) as connection:
        assert connection.execute("select current_user").fetchone() == (
            house.user_of(kind),
        )


@pytest.mark.parametrize("kind", SERVICES)
def test_a_service_reads_and_writes_its_own_schema(house, owner, kind):
    user = house.user_of(kind)
    for table in tables(owner, kind) - {"migrations"}:
        for privilege in ("select", "insert"):
            assert may(owner, user, privilege, kind, table), (table, privilege)


@pytest.mark.parametrize("kind", SERVICES)
def test_the_past_cannot_be_changed_even_by_who_wrote_it(house, owner, kind):
    user = house.user_of(kind)
    for table in APPEND_ONLY & tables(owner, kind):
        for privilege in ("update", "delete", "truncate", "trigger", "references"):
            assert not may(owner, user, privilege, kind, table), (table, privilege)
    refused(house, kind, f"update {kind}.events set version = 2")
    refused(house, kind, f"delete from {kind}.events")


@pytest.mark.parametrize(("kind", "schema"), OTHERS)
def test_nobody_touches_a_schema_that_is_not_theirs(house, owner, kind, schema):
    user = house.user_of(kind)
    for table in tables(owner, schema):
        for privilege in ("insert", "update", "delete", "truncate"):
            assert not may(owner, user, privilege, schema, table), (table, privilege)
    seen = {t for t in tables(owner, schema) if may(owner, user, "select", schema, t)}
    if (kind, schema) in {(READER, "projections"), (READER, "audit")}:
        assert {"projections": "escrows", "audit": "entries"}[schema] in seen
        assert not seen & {*RUNTIME, "migrations"}
    else:
        assert seen == ({"offsets"} if kind == WATCHER else set())


def test_the_gateway_cannot_read_payments_tables(house):
    refused(house, "gateway", "select * from payments.journal")
    refused(house, READER, "select * from payments.journal")


def test_the_gateways_view_of_projections_cannot_write(house):
    kind = connection_kind("gateway", "projections")
    refused(house, kind, "delete from projections.escrows")
    with psycopg.connect(dsn_of(house, kind)) as connection:
        connection.execute("select * from projections.escrows")


@pytest.mark.parametrize("kind", kinds(SERVICES))
def test_nobody_makes_anything_new(house, kind):
    refused(house, kind, "create table public.mine (id int)")
    refused(house, kind, "create schema mine")
    refused(house, kind, "create temp table mine (id int)")
    refused(house, kind, "create role mine")


def test_making_them_again_changes_nothing(house):
    bring_up(house, with_logins=True)
    refused(house, "escrow", "delete from escrow.events")


def test_a_password_is_kept_as_a_proof_and_never_in_clear(house):
    words = {"reader": SecretStr("correct horse")}
    bring_up(house.model_copy(update={"postgres_passwords": words}), with_logins=True)
    with psycopg.connect(house.postgres_dsn.get_secret_value()) as owner:
        query = "select rolpassword from pg_authid where rolname = %s"
        (kept,) = owner.execute(query, [house.user_of("reader")]).fetchone()
    assert kept.startswith("SCRAM-SHA-256$")


def test_grants_to_logins_that_are_not_there_say_what_to_do(postgres_dsn):
    settings = settings_for(postgres_dsn, postgres_user="nobody_made_{kind}")
    with pytest.raises(RolesRefused, match="migrate --roles"):
        bring_up(settings)


def test_logins_need_a_rule_for_their_names(postgres_dsn):
    with pytest.raises(SettingsWrong, match="ESCROW_POSTGRES_USER"):
        bring_up(settings_for(postgres_dsn), with_logins=True)
    with pytest.raises(ValueError, match="kind"):
        settings_for(postgres_dsn, postgres_user="everybody")
