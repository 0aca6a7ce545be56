"""People's details at rest: sealed field by field, each person by a key of their own.

A person's key is stored wrapped by the key service. Erasing a person deletes that key, so
the sealed values in any backup of `details` are lost with it. A new master key takes over
person by person (`rewrap`), and no value has to be sealed again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from toolkit.core.details import Detail
from toolkit.core.errors import Unavailable
from toolkit.core.ports import Clock
from toolkit.core.sealing import KeyService, WrappedKey
from toolkit.infra.sealing import new_key, seal, unseal

Connection = AsyncConnection[tuple[Any, ...]]
REWRAPPED_AT_ONCE = 500

KEY = "select master, wrapped from detail_keys where person_id = %s"
LOCKED_KEY = f"{KEY} for share"
NEW_KEY = """
    insert into detail_keys (person_id, master, wrapped) values (%s, %s, %s)
    on conflict (person_id) do nothing
"""
VALUES = "select field, sealed, changed_at from details where person_id = %s order by field"
SET = """
    insert into details (person_id, field, sealed, changed_at) values (%s, %s, %s, %s)
    on conflict (person_id, field)
    do update set sealed = excluded.sealed, changed_at = excluded.changed_at
"""
UNSET = "delete from details where person_id = %s and field = any(%s)"
ERASE_KEY = "delete from detail_keys where person_id = %s"
ERASE = "delete from details where person_id = %s"
LOG = """
    insert into details_log (person_id, step, fields, actor_id, at)
    values (%s, %s, %s, %s, %s)
"""
OUTDATED = """
    select person_id, master, wrapped from detail_keys where master <> %s
    order by person_id limit %s for update
"""
REWRAP = "update detail_keys set master = %s, wrapped = %s where person_id = %s"


@dataclass(frozen=True, slots=True)
class Vault:
    """Keeps details in the gateway's own schema."""

    pool: AsyncConnectionPool[Connection]
    keys: KeyService
    clock: Clock

    async def of(
        self, person_id: str, *, revealed_to: str | None = None
    ) -> Mapping[str, Detail]:
        """Read all, by field."""
        async with self._transaction() as connection:
            found = await self._read(connection, person_id)
            if revealed_to is not None and found:
                await self._note(connection, person_id, "REVEALED", found, revealed_to)
        return found

    async def set(
        self, person_id: str, values: Mapping[str, str | None], *, actor_id: str
    ) -> None:
        """Set values, and forget those that are None."""
        async with self._transaction() as connection:
            key = await self._key_for_writing(connection, person_id)
            known = await self._read(connection, person_id)
            held = {field: detail.value for field, detail in known.items()}
            changed = {f: v for f, v in values.items() if held.get(f) != v}
            now = self.clock.now()
            for field, value in changed.items():
                if value is not None:
                    sealed = seal(key, _place(person_id, field), value)
                    await connection.execute(SET, (person_id, field, sealed, now))
            gone = [field for field, value in changed.items() if value is None]
            await connection.execute(UNSET, (person_id, gone))
            if changed:
                await self._note(connection, person_id, "SET", changed, actor_id)

    async def erase(self, person_id: str, *, actor_id: str) -> None:
        """Forget the person's key, and what it sealed."""
        async with self._transaction() as connection:
            gone = await connection.execute(ERASE_KEY, (person_id,))
            await connection.execute(ERASE, (person_id,))
            if gone.rowcount:
                await self._note(connection, person_id, "ERASED", (), actor_id)

    async def rewrap(self) -> int:
        """Wrap keys of older master keys with the newest; say of how many people.

        Call it until it answers 0: then no older key is needed any more. It waits for
        whoever changes a person's details. Raises KeyGone where an older key is missing.
        """
        async with self._transaction() as connection:
            outdated = (self.keys.master, REWRAPPED_AT_ONCE)
            rows = await (await connection.execute(OUTDATED, outdated)).fetchall()
            for person_id, master, wrapped in rows:
                old = WrappedKey(master=master, wrapped=bytes(wrapped))
                key = await self.keys.unwrap(old, person_id)
                new = await self.keys.wrap(key, person_id)
                await connection.execute(REWRAP, (new.master, new.wrapped, person_id))
        return len(rows)

    async def _read(self, connection: Connection, person_id: str) -> dict[str, Detail]:
        key = await self._key(connection, KEY, person_id)
        if key is None:
            return {}
        rows = await (await connection.execute(VALUES, (person_id,))).fetchall()
        return {
            field: Detail(
                value=unseal(key, _place(person_id, field), sealed), changed_at=changed_at
            )
            for field, sealed, changed_at in rows
        }

    async def _key_for_writing(self, connection: Connection, person_id: str) -> bytes:
        """Find the person's key, or make it. It cannot be erased before we are done."""
        key = await self._key(connection, LOCKED_KEY, person_id)
        if key is not None:
            return key
        new = await self.keys.wrap(new_key(), person_id)
        await connection.execute(NEW_KEY, (person_id, new.master, new.wrapped))
        key = await self._key(connection, LOCKED_KEY, person_id)
        if key is None:
            raise Unavailable(f"the details of {person_id} are being erased: try again")
        return key

    async def _key(
        self, connection: Connection, query: str, person_id: str
    ) -> bytes | None:
        row = await (await connection.execute(query, (person_id,))).fetchone()
        if row is None:
            return None
        wrapped = WrappedKey(master=row[0], wrapped=bytes(row[1]))
        return await self.keys.unwrap(wrapped, person_id)

    async def _note(
        self,
        connection: Connection,
        person_id: str,
        step: str,
        fields: Iterable[str],
        actor_id: str,
    ) -> None:
        told = (person_id, step, sorted(fields), actor_id, self.clock.now())
        await connection.execute(LOG, told)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        try:
            async with self.pool.connection() as connection, connection.transaction():
                yield connection
        except psycopg.OperationalError as failure:
            raise Unavailable(f"the details do not answer: {failure}") from failure


def _place(person_id: str, field: str) -> str:
    return f"details/{person_id}/{field}"
