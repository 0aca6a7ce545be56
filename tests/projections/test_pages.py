"""A list of escrows is whole, in order and one's own, in memory and in PostgreSQL alike."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.projections.histories import CREATE, DELIVER, NOW, PAID, history
from tests.projections.test_store import EVERYBODY, emptied
from tests.projections.test_store import dsn as dsn  # noqa: PLC0414 - a fixture
from toolkit.core.message import derived, first
from toolkit.core.ports import Versioned
from toolkit.infra.postgres import open_pool
from toolkit.messages.escrow import Rail
from toolkit.projections.evolve import folded
from toolkit.projections.model import State
from toolkit.projections.queries import MemoryQueries, Reader, Wanted, summary_of
from toolkit.projections.service import HEARD
from toolkit.projections.store import PostgresQueries, ViewStore

STORIES = ((CREATE,), (CREATE, PAID), (CREATE, PAID, DELIVER))


@st.composite
def houses(draw):
    """A few escrows of a few people, some of them of the very same moment."""
    views = {}
    for number in range(draw(st.integers(0, 12))):
        # A capital, a digit and a small letter: an order that depends on no language.
        id = draw(st.sampled_from("Ea1")) + f"-{number}"
        people = {
            "buyer_id": draw(st.sampled_from(["ada", "eve"])),
            "seller_id": draw(st.sampled_from(["bob", "ada"])),
        }
        story = draw(st.sampled_from(STORIES))
        said = history(story)
        later = timedelta(seconds=draw(st.integers(0, 3)))
        told = [*said.escrow, *said.payments]
        envelopes = [
            first(_of(event, id, people), derived(id, str(n)), at + later)
            for n, (event, at) in enumerate(told)
        ]
        views |= folded(envelopes, HEARD)
    return views


def _of(event, id, people):
    """The same event of another escrow, between other people."""
    mine = {"escrow_id": id}
    if hasattr(event, "buyer_id"):
        mine |= {"contract_id": f"C-{id}", **people}
    return replace(event, **mine)


readers = st.sampled_from(
    [
        EVERYBODY,
        Reader(buyer_id="ada"),
        Reader(seller_id="ada"),
        Reader(buyer_id="ada", seller_id="ada"),
        Reader(buyer_id="mallory"),
        Reader(),
    ]
)
moments = st.none() | st.integers(0, 3).map(lambda s: NOW + timedelta(seconds=s))
filters = st.builds(
    Wanted,
    limit=st.integers(1, 5),
    states=st.frozensets(st.sampled_from([State.AWAIT_FUNDS, State.DELIVERED])),
    rail=st.sampled_from([None, Rail.STRIPE, Rail.CUSTODIAN]),
    buyer_id=st.sampled_from([None, "ada", "mallory"]),
    seller_id=st.sampled_from([None, "bob"]),
    created_from=moments,
    created_until=moments,
)


async def walked(queries, wanted, reader):
    """Turn all pages, each from where the last one ended."""
    pages, after = [], None
    while page := await queries.page(replace(wanted, after=after), reader):
        assert len(page) <= wanted.limit
        pages += page
        after = page[-1].mark
    return pages


def asked_by_hand(views, wanted, reader):
    """The plain meaning of a list: look at everything, and keep what fits."""
    every = [summary_of(versioned.state) for versioned in views.values()]
    return sorted(
        (
            s
            for s in every
            if (
                reader.sees_all
                or reader.buyer_id == s.terms.buyer_id
                or reader.seller_id == s.terms.seller_id
            )
            and (not wanted.states or s.state in wanted.states)
            and wanted.rail in (None, s.terms.rail)
            and wanted.buyer_id in (None, s.terms.buyer_id)
            and wanted.seller_id in (None, s.terms.seller_id)
            and (wanted.created_from is None or wanted.created_from <= s.created_at)
            and (wanted.created_until is None or s.created_at < wanted.created_until)
        ),
        key=lambda s: (s.created_at, s.escrow_id),
        reverse=True,
    )


@given(houses(), filters, readers)
async def test_all_pages_together_are_the_list_in_memory(views, wanted, reader):
    shown = await walked(MemoryQueries(views), wanted, reader)
    assert shown == asked_by_hand(views, wanted, reader)


@pytest.mark.embedded
@given(st.data(), houses())
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_all_pages_together_are_the_list_in_postgres(dsn, data, views):
    async def compare():
        async with open_pool(dsn, "projections") as pool:
            await emptied(pool)
            await saved(pool, views)
            for _ in range(6):
                wanted, reader = data.draw(filters), data.draw(readers)
                shown = await walked(PostgresQueries(pool), wanted, reader)
                assert shown == asked_by_hand(views, wanted, reader)

    asyncio.run(compare())


async def saved(pool, views):
    found = dict.fromkeys(views, 0)
    async with pool.connection() as connection:
        fresh = {id: Versioned(versioned.state, 1) for id, versioned in views.items()}
        await ViewStore().save(connection, fresh, found, [])


@given(houses(), houses(), st.integers(1, 4))
async def test_what_is_new_meanwhile_neither_repeats_nor_hides_a_line(old, new, limit):
    """The next page begins behind the last line seen, however many come before it."""
    newer = {f"z{id}": _later(versioned) for id, versioned in new.items()}
    first_page = await MemoryQueries(old).page(Wanted(limit=limit), EVERYBODY)
    after = first_page[-1].mark if first_page else None
    rest = await MemoryQueries({**old, **newer}).page(
        Wanted(limit=1_000, after=after), EVERYBODY
    )
    if first_page:
        assert [*first_page, *rest] == asked_by_hand(old, Wanted(limit=1), EVERYBODY)


def _later(versioned):
    view = versioned.state
    agreement = replace(view.agreement, created_at=NOW + timedelta(days=1))
    return Versioned(replace(view, escrow_id=f"z{view.escrow_id}", agreement=agreement), 1)


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("reader", "wanted", "index"),
    [
        (EVERYBODY, Wanted(limit=20), "escrows_created"),
        (Reader(buyer_id="p7"), Wanted(limit=20), "escrows_buyer_created"),
    ],
)
async def test_a_page_reads_an_index_and_not_the_table(dsn, reader, wanted, index):
    async with open_pool(dsn, "projections", size_max=1) as pool:
        async with pool.connection() as connection:
            await connection.execute(GROWTH)
            await connection.execute("analyze escrows")
        await PostgresQueries(pool).page(wanted, reader)
        async with pool.connection() as connection:
            await connection.execute("select pg_stat_force_next_flush()")
            answer = await connection.execute(
                "select idx_scan from pg_stat_user_indexes where schemaname = 'projections'"
                " and indexrelname = %s",
                [index],
            )
            (scans,) = await answer.fetchone()
    assert scans == 1


GROWTH = """
    insert into escrows (escrow_id, version, contract_id, buyer_id, seller_id, amount_minor,
      currency, rail, state, payment_status, in_minor, out_minor, refunded_minor, agreement,
      payment, created_at)
    select 'E' || n, 1, 'C' || n, 'p' || n % 500, 'p' || n % 700, 100, 'USD', 'STRIPE',
      'DELIVERED', 'SUCCEEDED', 100, 0, 0, '{}', '{}',
      timestamptz '2026-01-01' + n * interval '1 minute'
    from generate_series(1, 5000) n
"""
