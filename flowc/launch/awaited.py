"""A task that runs elsewhere, as its run sees it: the newest that is known of it, and what its user is told.

Whoever watches the platform tells it (`take`, `lose`), and its launcher waits for it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from flowc import contract
from flowc.runtime.ending import Ending

if TYPE_CHECKING:
    from flowc.launch.base import Listener

REPEAT_SECONDS = 60.0  # between two lines about the same waiting
_LEAVING_SECONDS = 60.0  # for a task that was asked to end to have ended
_LOST = Ending(contract.EXIT_TERMINATED, "was lost: nothing is known of it any more")


class Seen(NamedTuple):
    """A pod or job at one moment.

    `waits` is why it does not run yet, `urgent` where that asks for somebody's attention, `asks` what it
    wants of a machine; `begun`: it has a log; `leaving`: it was asked to end; `lost` is its ending should
    it be gone, `ending` the one that it has come to.
    """

    waits: str = ""
    urgent: bool = False
    asks: str = ""
    begun: bool = False
    leaving: bool = False
    lost: Ending = _LOST
    ending: Ending | None = None


class Awaited:
    """One attempt: `name` is what its platform calls it, a `what` (pod, job).

    `made` is set once the platform has it; `gone` where it has it no more.
    """

    def __init__(self, what: str, name: str, listener: Listener) -> None:
        self.name = name
        self.seen = Seen()
        self.made = False
        self.gone = False
        self._what = what
        self._listener = listener
        self._fault: Exception | None = None
        self._loop = asyncio.get_running_loop()
        self._changed, self._begun, self._over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._since = self._loop.time()
        self._leaving_since: float | None = None
        self._told = ""
        self._tell_at = self._since + REPEAT_SECONDS

    # ------------------------------------------------------------------ told
    def take(self, seen: Seen) -> None:
        """This is how it is now."""
        self.seen = seen
        if seen.leaving and self._leaving_since is None:
            self._leaving_since = self._loop.time()
        self._hear()

    def lose(self, fault: Exception | None = None) -> None:
        """It is no more; or, for a `fault`, nothing more will be heard of it."""
        self.gone = fault is None
        self._fault = fault
        self._hear()

    def _hear(self) -> None:
        self._changed.set()
        if self.over():
            self._over.set()
        if self.seen.begun or self.over():
            self._begun.set()

    # ------------------------------------------------------------------ waited for
    async def until_end(self) -> Ending:
        """Wait for its end, and tell the user why it waits. Raises what keeps it from being watched."""
        while True:
            ending = self._ending()
            if ending is not None:
                return ending
            try:
                async with asyncio.timeout_at(self._next_look()):
                    await self._changed.wait()
            except TimeoutError:
                pass
            self._changed.clear()
            self._tell_waiting()

    async def begun(self) -> bool:
        """Wait until there is something to read from it, or its end; whether there is something to read."""
        await self._begun.wait()
        return self.seen.begun

    async def ended_within(self, seconds: float) -> bool:
        """Whether its end is known, or comes to be within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            return False
        return True

    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.seen.ending is not None or self.gone or self._fault is not None

    def say(self, text: str) -> None:
        """Tell the user something of it, on a line of its own."""
        self._listener.output(f"flowc: {text}\n".encode())

    def _ending(self) -> Ending | None:
        if self._fault is not None:
            raise self._fault
        left = self._leaving_since
        overdue = left is not None and self._loop.time() - left >= _LEAVING_SECONDS
        return self.seen.ending or (self.seen.lost if self.gone or overdue else None)

    def _next_look(self) -> float | None:
        if self._leaving_since is not None:
            return self._leaving_since + _LEAVING_SECONDS
        return self._tell_at if self.seen.waits else None

    def _tell_waiting(self) -> None:
        """Say why it waits: at once where that is for somebody to mend, else after a minute; then every minute."""
        now, seen = self._loop.time(), self.seen
        news = seen.urgent and seen.waits != self._told
        if not seen.waits or self.over() or (now < self._tell_at and not news):
            return
        passed = now - self._since
        since = f", for {passed / 60:.0f} min" if passed >= REPEAT_SECONDS else ""
        asks = f" (it asks for {seen.asks})" if seen.urgent and seen.asks else ""
        self.say(f"the {self._what} waits{since}: {seen.waits}{asks}")
        self._told, self._tell_at = seen.waits, now + REPEAT_SECONDS
