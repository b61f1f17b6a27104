"""The places of a run: at most `max_workers` tasks at once, handed out in the order asked for."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Places:
    """A counting semaphore whose takers may ask for several places at once.

    First come, first served: one who asks for many is not passed over by those who ask for few.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def take(self, count: int) -> AsyncIterator[None]:
        """Hold `count` places, which must not be more than there are in all. None is had at once."""
        if not count:
            # Who has places already may not wait behind those who wait for them.
            yield
            return
        await self._acquire(count)
        try:
            yield
        finally:
            self._release(count)

    async def _acquire(self, count: int) -> None:
        if not self._waiting and count <= self._free:
            self._free -= count
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((count, turn))
        try:
            await turn
        except asyncio.CancelledError:
            # The turn may have come meanwhile; if not, those behind may be content with fewer.
            self._release(count if turn.done() and not turn.cancelled() else 0)
            raise

    def _release(self, count: int) -> None:
        self._free += count
        while self._waiting:
            asked, turn = self._waiting[0]
            if not turn.done():
                if asked > self._free:
                    return
                self._free -= asked
                turn.set_result(None)
            self._waiting.popleft()
