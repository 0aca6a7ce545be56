"""What is kept in PostgreSQL is what was known, and each outcome is kept once."""

from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.contracts.worlds import StandingClock
from tests.notifications.office import ADA, CREATED, delivered, held, wish
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.messages.notifications import Channel, RecordOutcome
from toolkit.messages.wire import WireFormat
from toolkit.notifications.preferences import PreferenceDesk
from toolkit.notifications.service import wire
from toolkit.notifications.store import NotificationStore
from toolkit.runtime.handler import BatchHandler

SCHEMA = "notifications"
FOLDER = Path(__file__).parents[2] / "toolkit" / "notifications"
OUTCOME = RecordOutcome(
    recipient_id="ada",
    notification_id="00000000-0000-5000-8000-000000000001",
    channel=Channel.DISCORD,
    address=ADA,
    template="EscrowFundsHeld",
    cause="00000000-0000-5000-8000-000000000002",
    attempts=2,
    place="17",
)
pytestmark = pytest.mark.embedded


@asynccontextmanager
async def opened(dsn):
    migrate(dsn, {SCHEMA: FOLDER})
    wires = WireFormat()
    async with open_pool(dsn, SCHEMA, size_max=4) as pool:
        yield PostgresDatabase(
            pool, SCHEMA, NotificationStore(), wires.encode, wires.decode
        )


async def rows(database, query):
    async with database.pool.connection() as connection:
        return await (await connection.execute(query)).fetchall()


async def test_a_person_is_told_where_they_asked_to_be(postgres_dsn):
    async with opened(postgres_dsn) as database:
        desk = PreferenceDesk(database, StandingClock())
        await desk.set(wish("ada", ADA, muted=("EscrowReleased",)))
        (found,) = await desk.of("ada")
        assert (found.address, found.muted) == (ADA, ("EscrowReleased",))
        assert await desk.of("bob") == ()


async def test_news_becomes_letters_and_outcomes_through_the_database(postgres_dsn):
    async with opened(postgres_dsn) as database:
        clock = StandingClock()
        handler = BatchHandler(SCHEMA, database, clock, wire())
        await PreferenceDesk(database, clock).set(wish("ada", ADA))
        await handler.handle([delivered(CREATED, "created"), held()])
        planned = await database.lease(clock.now(), clock.now(), 10)
        assert [e.envelope.type for e in planned] == ["Announce"]
        assert planned[0].envelope.message.parties.buyer_id == "ada"

        for _ in range(2):
            await handler.handle([delivered(OUTCOME, "outcome")])
        (wished,) = await PreferenceDesk(database, clock).of("ada")
        assert wished.place == "17"
        found = await rows(
            database, "select recipient_id, channel, attempts, reason from deliveries"
        )
        assert found == [("ada", "DISCORD", 2, None)]
        events = await rows(
            database, "select version, type from events where aggregate_id = 'ada'"
        )
        assert sorted(events) == [(1, "PreferenceChanged"), (2, "NotificationSent")]


async def test_an_address_that_was_taken_away_is_nowhere_in_the_database(postgres_dsn):
    async with opened(postgres_dsn) as database:
        desk = PreferenceDesk(database, StandingClock())
        await desk.set(wish("ada", ADA))
        await desk.set(wish("ada", None))
        for table in ("subjects", "events", "outbox", "inbox", "agenda"):
            found = await rows(database, f"select {table}::text from {table}")
            assert ADA not in repr(found)
