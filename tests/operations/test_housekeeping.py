"""What is old enough is forgotten, in small steps; what may still come again is not."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from toolkit.assembly import SCHEMAS
from toolkit.infra.postgres.housekeeping import (
    INBOX_FOR,
    KEYS_FOR,
    LOCK,
    Busy,
    keep_house,
)
from toolkit.infra.postgres.migrations import migrate
from toolkit.messages.topics import ALL_TOPICS

HOUR = timedelta(hours=1)


@pytest.fixture
def database(postgres_dsn):
    migrate(postgres_dsn, {name: SCHEMAS[name][0] for name in ("gateway", "escrow")})
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        yield connection, postgres_dsn


def claimed(connection, *ages):
    for number, age in enumerate(ages):
        connection.execute(
            "insert into escrow.inbox values (%s, now() - %s)", [UUID(int=number), age]
        )
        connection.execute(
            "insert into gateway.idempotency_keys values"
            " ('ada', %s, 'f', now() - %s, now(), null, null)",
            [str(number), age],
        )


def left(connection, query):
    return sorted(row[0] for row in connection.execute(query).fetchall())


def test_an_id_is_remembered_longer_than_any_topic_keeps_a_record():
    assert max(topic.retention for topic in ALL_TOPICS) < INBOX_FOR < KEYS_FOR


@pytest.mark.embedded
def test_what_may_still_come_again_is_remembered(database):
    connection, dsn = database
    claimed(connection, INBOX_FOR - HOUR, INBOX_FOR + HOUR, KEYS_FOR + HOUR)
    gone = keep_house(dsn, ("gateway", "escrow"))
    assert gone == {"gateway.inbox": 0, "gateway.idempotency_keys": 1, "escrow.inbox": 2}
    assert left(connection, "select id from escrow.inbox") == [UUID(int=0)]
    assert left(connection, "select key from gateway.idempotency_keys") == ["0", "1"]
    assert not any(keep_house(dsn, ("gateway", "escrow")).values())


@pytest.mark.embedded
def test_many_rows_go_in_small_steps(database):
    connection, dsn = database
    claimed(connection, *[KEYS_FOR + HOUR] * 25)
    gone = keep_house(dsn, ("gateway", "escrow"), rows_max=10)
    assert gone["escrow.inbox"] == gone["gateway.idempotency_keys"] == 25


@pytest.mark.embedded
def test_only_one_keeps_house_at_a_time(database):
    connection, dsn = database
    connection.execute(LOCK)
    with pytest.raises(Busy, match="runs already"):
        keep_house(dsn, ("escrow",))
