"""Views made anew from the record of truth: some of them, or all while the service goes on.

All of them are built in a table beside. Each batch of escrows is read and written in a
short transaction of its own, and a trigger notes which views the consumer writes meanwhile;
those are told again. At last the consumer waits for a moment, the rest is told again, and
the new table takes the place of the old one, in one transaction. Readers do not wait for
the work.

Why nothing is missed: what the consumer has heard was in the record before. If it wrote the
view before the trigger was there, the batch that reads its history comes later and finds
it; if after, the view is noted. What it has not heard yet it will hear, and a view learns
nothing from what it knows. This holds where consumer and rebuild fold alike: so first the
new code runs, then the past is made anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import psycopg
from psycopg.sql import SQL, Identifier

from toolkit.core.errors import Conflict, Declined
from toolkit.projections.evolve import folded
from toolkit.projections.service import HEARD
from toolkit.projections.store import ESCROWS, Connection, Decode, write

BESIDE = "escrows_beside"
BATCH = 1_000
SWAPS_MAX = 12  # tries to find a moment at which the consumer's batch has ended

ALONE = "select pg_try_advisory_lock(hashtextextended('rebuild of the views', 0))"
NOT_ALONE = "select pg_advisory_unlock(hashtextextended('rebuild of the views', 0))"
POLICIES = "select relrowsecurity from pg_class where oid = 'escrows'::regclass"

TIDY = (
    "drop trigger if exists note_touched on escrows",
    "drop function if exists note_touched()",
    "drop table if exists escrows_beside, touched",
)
# The consumer may not write to `touched` itself; the trigger may.
BUILD = (
    *TIDY,
    "create table escrows_beside (like escrows including all)",
    "create table touched (escrow_id text primary key)",
    """
    create function note_touched() returns trigger language plpgsql
    security definer set search_path from current as $$
    begin
      insert into touched values (coalesce(new.escrow_id, old.escrow_id))
      on conflict do nothing;
      return null;
    end $$
    """,
    """
    create trigger note_touched after insert or update or delete on escrows
    for each row execute function note_touched()
    """,
)

# An exclusive lock leaves readers alone; writers wait, and then find what is new.
TAKE = (
    "set local statement_timeout = 0",
    "set local idle_in_transaction_session_timeout = 0",
    "lock table escrows in exclusive mode",
)
REPLACE = (
    "lock table escrows in access exclusive mode",
    "drop table escrows",
    "alter table escrows_beside rename to escrows",
    "drop table touched",
    "drop function note_touched()",
)

SHOWN = 5  # so many escrows are named to whoever asked for one that is not there
KNOWN = """
    select aggregate_id from (
      (select distinct aggregate_id from escrow.events
       where topic = 'escrow.events.v1' and aggregate_id > %(after)s
       order by 1 limit %(limit)s)
      union
      (select distinct aggregate_id from payments.events
       where topic = 'payments.events.v1' and aggregate_id > %(after)s
       order by 1 limit %(limit)s)
    ) as known order by 1 limit %(limit)s
"""
HISTORY = """
    select topic, value, headers from (
      select topic, aggregate_id, version, value, headers from escrow.events
      where topic = 'escrow.events.v1' and aggregate_id = any(%(ids)s)
      union all
      select topic, aggregate_id, version, value, headers from payments.events
      where topic = 'payments.events.v1' and aggregate_id = any(%(ids)s)
    ) as history
    order by aggregate_id, topic, version
"""
UNTOLD = """
    select asked.id from unnest(%s::text[]) with ordinality as asked (id, position)
    where not exists (select from escrow.events where aggregate_id = asked.id)
      and not exists (select from payments.events where aggregate_id = asked.id)
    order by position
"""
TOUCHED = """
    delete from touched where escrow_id in (select escrow_id from touched limit %s)
    returning escrow_id
"""
CLEAR = "delete from {table} where escrow_id = any(%s)"

GRANTS = """
    select coalesce(quote_ident(rolname), 'public'), privilege_type
    from pg_class, aclexplode(relacl) left join pg_roles on pg_roles.oid = grantee
    where pg_class.oid = 'escrows'::regclass
"""
# What an index is, apart from its name and its table's.
INDEXES = """
    select regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', ''), relname
    from pg_index join pg_class on pg_class.oid = indexrelid
    where indrelid = %s::regclass
"""


async def rebuild(connection: Connection, decode: Decode, escrow_ids: Sequence[str]) -> int:
    """Make these views anew where they stand, and answer how many there are.

    Raises Declined, with nothing done, where one of them is an escrow that nobody told of.
    """
    await _refuse_untold(connection, escrow_ids)
    async with connection.transaction():
        for statement in TAKE:
            await connection.execute(statement)
        return await _tell(connection, decode, escrow_ids, ESCROWS)


async def rebuild_all(connection: Connection, decode: Decode, batch: int = BATCH) -> int:
    """Make all views anew beside, while the service goes on, and answer how many there are.

    Raises Conflict while another rebuild is under way.
    """
    async with _alone(connection):
        async with connection.transaction():
            for statement in BUILD:
                await connection.execute(statement)
        try:
            count = await _build(connection, decode, batch)
            await connection.execute(SQL("analyze {}").format(Identifier(BESIDE)))
            await _swap(connection, decode, batch)
        except BaseException:
            with suppress(psycopg.Error):  # else the next rebuild clears it away
                await _tidy(connection)
            raise
    return count


@asynccontextmanager
async def _alone(connection: Connection) -> AsyncIterator[None]:
    (is_ours,) = await _row(connection, ALONE)
    if not is_ours:
        raise Conflict("another rebuild is under way: wait until it has ended")
    try:
        (has_policies,) = await _row(connection, POLICIES)
        if has_policies:
            raise Declined(
                "the table of views has row policies, which a new table would not have: "
                "rebuild escrows by their ids, or teach the rebuild to copy them"
            )
        yield
    finally:
        with suppress(psycopg.Error):
            await connection.execute(NOT_ALONE)


async def _refuse_untold(connection: Connection, escrow_ids: Sequence[str]) -> None:
    """Say which of the escrows do not exist, and name some that do."""
    untold = await (await connection.execute(UNTOLD, [list(escrow_ids)])).fetchall()
    if not untold:
        return
    found = await connection.execute(KNOWN, {"after": "", "limit": SHOWN + 1})
    known = [id for (id,) in await found.fetchall()]
    shown = ", ".join(known[:SHOWN]) + (" and others" if len(known) > SHOWN else "")
    raise Declined(
        f"nothing ever happened to {', '.join(id for (id,) in untold)}, and nothing was "
        f"rebuilt: there are {shown or 'no escrows at all'}"
    )


async def _build(connection: Connection, decode: Decode, batch: int) -> int:
    """Tell every escrow there is a record of, in order of id, so many at a time."""
    count, after = 0, ""
    while True:
        values = {"after": after, "limit": batch}
        found = await (await connection.execute(KNOWN, values)).fetchall()
        ids = [escrow_id for (escrow_id,) in found]
        if not ids:
            return count
        async with connection.transaction():
            count += await _tell(connection, decode, ids, BESIDE)
        after = ids[-1]


async def _swap(connection: Connection, decode: Decode, batch: int) -> None:
    """Catch up while the consumer goes on, and then for good while it waits."""
    for number in range(1, SWAPS_MAX + 1):
        while await _catch_up(connection, decode, batch) == batch:
            pass
        try:
            async with connection.transaction():
                for statement in TAKE:
                    await connection.execute(statement)
                while await _catch_up(connection, decode, batch) == batch:
                    pass
                await _replace(connection)
        except psycopg.errors.LockNotAvailable:
            if number == SWAPS_MAX:
                raise
        else:
            return


async def _catch_up(connection: Connection, decode: Decode, limit: int) -> int:
    """Tell again what the consumer has written, and answer how many views that were."""
    async with connection.transaction():
        touched = await (await connection.execute(TOUCHED, [limit])).fetchall()
        ids = [escrow_id for (escrow_id,) in touched]
        if ids:
            await _tell(connection, decode, ids, BESIDE)
    return len(ids)


async def _tell(
    connection: Connection, decode: Decode, ids: Sequence[str], table: str
) -> int:
    """Make the views of these escrows in a table from nothing but their events."""
    clear = SQL(CLEAR).format(table=Identifier(table))
    await connection.execute(clear, [list(ids)])
    history = await connection.execute(HISTORY, {"ids": list(ids)})
    envelopes = [decode(*row) for row in await history.fetchall()]
    views = folded(envelopes, HEARD)
    return await write(connection, views, dict.fromkeys(views, 0), table)


async def _replace(connection: Connection) -> None:
    """Put the new table in the place of the old one, with its grants and names."""
    grants = await (await connection.execute(GRANTS)).fetchall()
    old = await _indexes(connection, ESCROWS)
    new = await _indexes(connection, BESIDE)
    for statement in REPLACE:
        await connection.execute(statement)
    for what, name in new.items():
        rename = SQL("alter index {} rename to {}")
        await connection.execute(rename.format(Identifier(name), Identifier(old[what])))
    for whom, right in grants:
        await connection.execute(SQL(f"grant {right} on escrows to {whom}"))


async def _indexes(connection: Connection, table: str) -> dict[str, str]:
    """Name the indexes of a table by what they are."""
    found = await (await connection.execute(INDEXES, [table])).fetchall()
    return {str(what): str(name) for what, name in found}


async def _tidy(connection: Connection) -> None:
    async with connection.transaction():
        for statement in TIDY:
            await connection.execute(statement)


async def _row(connection: Connection, query: str) -> tuple[bool]:
    row = await (await connection.execute(query)).fetchone()
    assert row, "such a question has one answer"
    return (bool(row[0]),)
