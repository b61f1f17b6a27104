"""One forked task as it is seen from the scheduler's process: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

from flowc import contract
from flowc.launch.base import blocking
from flowc.runtime.limits import GANG_SECONDS, clock_of, gang_lost, gang_of, patience, timed_out
from flowc.runtime.log import Log
from flowc.runtime.store import StoreError
from flowc.runtime.supervise import kill_group

if TYPE_CHECKING:
    from flowc.launch.base import Listener
    from flowc.runtime.clock import Clock
    from flowc.runtime.gang import Gang
    from flowc.runtime.limits import Stop
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store

_CHUNK = 1 << 16
_LONGEST_WAIT = 3600.0  # seconds between looks at a clock that does not count


class ForkedTask:
    """The serial number is the order's; `ended` is set when nothing more will be heard of it."""

    def __init__(
        self, serial: int, settings: TaskSettings, store: Store, listener: Listener, *, local: bool
    ) -> None:
        self.serial = serial
        self.settings = settings
        self.status: int | None = None
        self.fault = ""  # why there is no process
        self.ended = asyncio.Event()
        self.log_turn = asyncio.Lock()
        self.log = Log(store, f"{settings.attempt_prefix}/{contract.LOG_OBJECT}")
        self._store = store
        self._local = local
        self._listener = listener
        self._pid: int | None = None
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reader, self._read)
        self._clock = clock_of(settings)
        self._told = asyncio.Event()
        if self._clock is not None:
            self._loop.add_reader(self._clock.reader, self._hear_clock, self._clock)

    def descriptors(self) -> list[int]:
        """What the task's process is given: the writing end for its output, and that of its clock, if it has one."""
        return [self.writer] if self._clock is None else [self.writer, self._clock.writer]

    def sent(self) -> None:
        """The server has the writing ends."""
        os.close(self.writer)
        self.writer = -1
        if self._clock is not None:
            self._clock.give_away()

    def hear(self, word: str, value: str) -> None:
        """Take what the server says of it."""
        if word == "pid":
            self._pid = int(value)
            self._listener.started(f"pid {self._pid}")
            return
        if word == "status":
            self.status = int(value)
        else:
            self.fault = value
        self.ended.set()

    def lose(self) -> None:
        """The server is gone: nobody would learn of the task's end."""
        if self._pid is not None and not self.ended.is_set():
            kill_group(self._pid, signal.SIGKILL)
        self.ended.set()

    async def until_end(self) -> Stop | None:
        """Wait for the task's own end; or the reason for which it must be ended now."""
        if self.settings.timeout is None and not self.settings.gang:
            await self.ended.wait()
            return None
        watch = asyncio.ensure_future(self._reason())
        end = asyncio.ensure_future(self.ended.wait())
        try:
            await asyncio.wait((watch, end), return_when=asyncio.FIRST_COMPLETED)
            return None if self.ended.is_set() else watch.result()
        finally:
            for waiting in (watch, end):
                waiting.cancel()

    async def _reason(self) -> Stop:
        """Come back when the task must be ended, and say why."""
        gang = await blocking(self._local, self._gang)
        while True:
            stop = timed_out(self._clock)
            if stop is None and gang is not None:
                stop = await blocking(self._local, gang_lost, gang)
            if stop is not None:
                return stop
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience(self._clock, GANG_SECONDS if gang else _LONGEST_WAIT)):
                    await self._told.wait()
            self._told.clear()

    def _gang(self) -> Gang | None:
        """The task's gang, if it has one. Without a count of attempts its failures cannot be told apart."""
        try:
            return gang_of(self.settings, self._store)
        except StoreError:
            return None  # the task itself will meet the same trouble, and say it

    def _hear_clock(self, clock: Clock) -> None:
        if not clock.hear():
            self._loop.remove_reader(clock.reader)
        self._told.set()

    def _read(self) -> None:
        try:
            chunk = os.read(self._reader, _CHUNK)
        except BlockingIOError:
            return
        if chunk:
            self._listener.output(chunk)
            self.log.write(chunk)
        else:
            self._loop.remove_reader(self._reader)

    def drain(self) -> None:
        """Take what is still in the pipe. A process that the task left behind may hold it open."""
        while True:
            try:
                chunk = os.read(self._reader, _CHUNK)
            except BlockingIOError:
                return
            if not chunk:
                return
            self._listener.output(chunk)
            self.log.write(chunk)

    def close(self) -> None:
        """Give the pipe back."""
        self._loop.remove_reader(self._reader)
        os.close(self._reader)
        if self.writer >= 0:
            os.close(self.writer)
        if self._clock is not None:
            self._loop.remove_reader(self._clock.reader)
            self._clock.close()
