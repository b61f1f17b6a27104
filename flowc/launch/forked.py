"""Tasks as processes forked from a warm server: the scheduler's end of it.

The server forks and reaps; here each task is watched as the shim watches its child in a container:
its output becomes the attempt's log, it is ended at its time limit or when its gang is lost, and a
violent end is explained.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import socket
from typing import TYPE_CHECKING

from flowc.launch.base import LaunchFault, blocking, no_process
from flowc.launch.forked_task import ForkedTask
from flowc.runtime.ending import conclude
from flowc.runtime.limits import GRACE_SECONDS, asked_to_stop
from flowc.runtime.log import UPLOAD_SECONDS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

    from flowc.launch.base import Listener, Order
    from flowc.runtime.ending import Ending
    from flowc.runtime.limits import Stop
    from flowc.runtime.store import Store

_GONE = "the process that starts tasks is gone (was it killed?)"
PACKET = 1 << 16


async def ended(process: subprocess.Popen[bytes]) -> None:
    """Come back when the process has ended, and no sooner than a signal is heard that was meant for both."""
    await asyncio.sleep(0.002)
    while process.poll() is None:  # noqa: ASYNC110 - it tells nobody, and a thread may not be had
        await asyncio.sleep(0.002)


class Forked:
    """Forks a task for each attempt. Made by `warm.start_forked`."""

    def __init__(
        self, server: subprocess.Popen[bytes], connection: socket.socket, store: Store, local: bool
    ) -> None:
        self._server = server
        self._connection = connection
        self._store = store
        self._local = local
        self._tasks: dict[int, ForkedTask] = {}
        self._serials = itertools.count()
        self._hurry = asyncio.Event()
        asyncio.get_running_loop().add_reader(connection, self._hear)
        self._logs = asyncio.ensure_future(self._keep_logs())

    async def run(self, order: Order, listener: Listener) -> Ending:
        """See `Launcher`."""
        serial = next(self._serials)
        try:
            task = ForkedTask(serial, order.settings, self._store, listener, local=self._local)
        except OSError as error:
            raise no_process(error.strerror) from error
        self._tasks[serial] = task
        try:
            await self._order(order, task)
            return await self._watch(task)
        finally:
            task.close()
            del self._tasks[serial]

    def kill(self) -> None:
        """See `Launcher`."""
        self._hurry.set()

    async def close(self) -> None:
        """End the server, which is told by the closed connection."""
        self._logs.cancel()
        asyncio.get_running_loop().remove_reader(self._connection)
        self._connection.close()
        await ended(self._server)

    async def _order(self, order: Order, task: ForkedTask) -> None:
        told = order.settings
        lines = (str(task.serial), told.step, told.path, told.attempt)
        await self._send(lines, task.descriptors())
        task.sent()

    async def _send(self, lines: Sequence[str], descriptors: Sequence[int] = ()) -> None:
        packet = "\n".join(lines).encode()
        while True:
            try:
                socket.send_fds(self._connection, [packet], descriptors)
            except BlockingIOError:
                await asyncio.sleep(0.001)  # the server is behind with forking
            except OSError as error:
                raise LaunchFault(_GONE) from error
            else:
                return

    async def _keep_logs(self) -> None:
        """Store now and then what tasks print, for whoever looks at them, or in case all of this is killed."""
        while True:
            await asyncio.sleep(UPLOAD_SECONDS)
            for task in list(self._tasks.values()):
                if task.log.is_due():
                    await self._store_log(task)

    async def _store_log(self, task: ForkedTask) -> None:
        async with task.log_turn:
            await blocking(self._local, task.log.store)

    def _hear(self) -> None:
        """Take what the server says; a server that is gone takes its tasks with it."""
        while True:
            try:
                packet = self._connection.recv(PACKET)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                asyncio.get_running_loop().remove_reader(self._connection)
                for lost in self._tasks.values():
                    lost.lose()
                return
            serial, word, value = packet.decode().split("\n", 2)
            task = self._tasks.get(int(serial))
            if task is not None:
                task.hear(word, value)

    async def _watch(self, task: ForkedTask) -> Ending:
        stop: Stop | None = None
        try:
            stop = await task.until_end()
        except asyncio.CancelledError:
            await self._end(task)
            await self._conclude(task, asked_to_stop())
            raise
        if stop is not None:
            await self._end(task)
        return await self._conclude(task, stop)

    async def _end(self, task: ForkedTask) -> None:
        """SIGTERM to the task's group, SIGKILL after the grace."""
        await self._signal(task, signal.SIGTERM)
        ends = [asyncio.ensure_future(event.wait()) for event in (task.ended, self._hurry)]
        try:
            await asyncio.wait(ends, timeout=GRACE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        if not task.ended.is_set():
            await self._signal(task, signal.SIGKILL)
            await task.ended.wait()

    async def _signal(self, task: ForkedTask, number: signal.Signals) -> None:
        await self._send((str(task.serial), str(int(number))))

    async def _conclude(self, task: ForkedTask, stop: Stop | None) -> Ending:
        status = task.status
        if status is None:
            raise no_process(task.fault) if task.fault else LaunchFault(_GONE)
        task.drain()
        ending = await blocking(self._local, conclude, task.settings, self._store, status, stop)
        if ending.why:
            task.log.write(f"flowc: {task.settings.task} {ending.why}\n".encode())
        await self._store_log(task)
        return ending
