"""Many single questions at the same time become few plural ones.

A statement or a flush costs nearly the same for one item as for a hundred. Whoever comes
while one is under way is in the next: nobody waits for a clock, and the busier it is, the
more come at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Reply = TypeVar("Reply")

AT_ONCE_MAX = 500


@dataclass(slots=True)
class Together(Generic[Item, Reply]):
    """Asks for many at once. Replies come in the order of the items."""

    ask_all: Callable[[Sequence[Item]], Awaitable[Sequence[Reply]]]
    waiting: list[tuple[Item, asyncio.Future[Reply]]] = field(default_factory=list)
    asking: asyncio.Task[None] | None = None

    async def ask(self, item: Item) -> Reply:
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.waiting.append((item, reply))
        if self.asking is None:
            self.asking = asyncio.create_task(self._run())
        return await reply

    async def _run(self) -> None:
        try:
            while self.waiting:
                batch = self.waiting[:AT_ONCE_MAX]
                del self.waiting[:AT_ONCE_MAX]
                await self._ask(batch)
        finally:
            self.asking = None
            for _, reply in self.waiting:  # only where the process is stopping
                reply.cancel()

    async def _ask(self, batch: list[tuple[Item, asyncio.Future[Reply]]]) -> None:
        try:
            replies = await self.ask_all([item for item, _ in batch])
        except Exception as failure:  # noqa: BLE001 - it is handed to those who asked
            for _, reply in batch:
                if not reply.done():
                    reply.set_exception(failure)
            return
        except BaseException:
            for _, reply in batch:
                reply.cancel()
            raise
        for (_, reply), answer in zip(batch, replies, strict=True):
            if not reply.done():  # whoever asked may have gone
                reply.set_result(answer)
