"""One pod as its run sees it: the newest that is known of it, and what its user is told while it waits.

The watch tells it; the launcher waits for it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flowc.launch.kubernetes.state import Seen, asks_for, gone, read_pod, unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from flowc.launch.base import Listener
    from flowc.runtime.ending import Ending

REPEAT_SECONDS = 60.0  # between two lines about the same waiting
_QUIET_SECONDS = 2.0  # a pod that waits shorter is not worth a line
_LEAVING_SECONDS = 60.0  # for a node to say that a pod which was asked to end has ended


class PodTask:
    """The pod `name`. `created` is set when the cluster has it, `fault` when nobody watches it any more."""

    def __init__(self, namespace: str, name: str, listener: Listener) -> None:
        self.namespace = namespace
        self.name = name
        self.seen = Seen()
        self.created = False
        self.fault: Exception | None = None
        self.deleted = False
        self._listener = listener
        self._asked = ""
        self._changed = asyncio.Event()
        self._begun = asyncio.Event()
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._waiting_since = self._loop.time()
        self._leaving_since: float | None = None
        self._told = ""
        self._tell_at = self._waiting_since + _QUIET_SECONDS

    # ------------------------------------------------------------------ told by the watch
    def take(self, pod: Mapping[str, Any]) -> None:
        """The pod is now as `pod` says."""
        self.seen = read_pod(pod)
        self._asked = self._asked or asks_for(pod)
        if self.seen.leaving and self._leaving_since is None:
            self._leaving_since = self._loop.time()
        self._hear()

    def lose(self, fault: Exception | None = None) -> None:
        """The pod is no more, or nothing more will be heard of it."""
        self.deleted = fault is None
        self.fault = fault
        self._hear()

    def _hear(self) -> None:
        self._changed.set()
        if self.ending_known():
            self._over.set()
        if self.seen.begun or self.ending_known():
            self._begun.set()

    # ------------------------------------------------------------------ waited for by the launcher
    def ending(self) -> Ending | None:
        """How it ended; None while it has not. Raises what keeps the pods from being watched."""
        if self.fault is not None:
            raise self.fault
        if self.deleted:
            return gone(self.seen)
        if self.seen.ending is None and self._overdue():
            return unreachable(self.seen)
        return self.seen.ending

    async def news(self) -> None:
        """Wait until there is something new of it, or something to say of its waiting."""
        try:
            async with asyncio.timeout_at(self._next_look()):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._changed.clear()
        self._tell_waiting()

    async def begun(self) -> None:
        """Wait until there is something to read from it, or its end."""
        await self._begun.wait()

    async def ended(self) -> None:
        """Wait until it has ended."""
        await self._over.wait()

    async def ended_within(self, seconds: float) -> bool:
        """Whether the pod's end is known, or comes to be within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self.ended()
        except TimeoutError:
            return False
        return True

    def say(self, text: str) -> None:
        """Tell the user something of this pod, on a line of its own."""
        self._listener.output(f"flowc: {text}\n".encode())

    def _overdue(self) -> bool:
        since = self._leaving_since
        return since is not None and self._loop.time() - since >= _LEAVING_SECONDS

    def _next_look(self) -> float | None:
        if self._leaving_since is not None:
            return self._leaving_since + _LEAVING_SECONDS
        return self._tell_at if self.seen.waits else None

    def _tell_waiting(self) -> None:
        """Say why it waits: soon where that is for the user to mend, else after a minute; then every minute."""
        now, waits = self._loop.time(), self.seen.waits
        if not waits or self.ending_known():
            return
        news = self.seen.urgent and waits != self._told
        if not news and now < self._tell_at:
            return
        if not self.seen.urgent and not self._told and now - self._waiting_since < REPEAT_SECONDS:
            self._tell_at = self._waiting_since + REPEAT_SECONDS
            return
        asks = f" (it asks for {self._asked})" if self.seen.urgent and self._asked else ""
        passed = now - self._waiting_since
        since = f", for {passed / 60:.0f} min" if passed >= REPEAT_SECONDS else ""
        self.say(f"the pod waits{since}: {waits}{asks}")
        self._told = waits
        self._tell_at = now + REPEAT_SECONDS

    def ending_known(self) -> bool:
        """Whether waiting is over."""
        return self.seen.ending is not None or self.deleted or self.fault is not None
