"""Tasks as processes forked from a warm server: the scheduler's end of it.

The server forks and reaps; here each task is watched as the shim watches its child in a container:
its output becomes the attempt's log, it is ended at its time limit or when its gang is lost, and a
violent end is explained.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from flowc import contract
from flowc.launch.base import LaunchFault, blocking, module_path
from flowc.runtime.ending import (
    GANG_SECONDS,
    GRACE_SECONDS,
    asked_to_stop,
    conclude,
    gang_lost,
    timed_out,
)
from flowc.runtime.gang import Gang
from flowc.runtime.log import Log
from flowc.runtime.records import Run, earlier_attempts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.launch.base import Listener, Order
    from flowc.runtime.ending import Ending, Stop
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store

# flowc is found where this process has it; the folder is of no concern to the flow.
_START = (
    "import sys; sys.path[0] = sys.argv[1]; from flowc.launch.forkserver import main; main(int(sys.argv[2]))"
)
_OWN_FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

_CHUNK = 1 << 16
_PACKET = 1 << 16


class Forked:
    """Forks a task for each attempt. Made by `start_forked`."""

    def __init__(
        self, server: subprocess.Popen[bytes], connection: socket.socket, store: Store, local: bool
    ) -> None:
        self._server = server
        self._connection = connection
        self._store = store
        self._local = local
        self._tasks: dict[int, _Task] = {}
        self._serials = itertools.count()
        connection.setblocking(False)
        asyncio.get_running_loop().add_reader(connection, self._hear)

    async def run(self, order: Order, listener: Listener) -> Ending:
        """See `Launcher`."""
        serial = next(self._serials)
        task = self._tasks[serial] = _Task(order.settings, self._store, listener)
        try:
            await self._send(serial, order, task)
            return await self._watch(task)
        finally:
            task.close()
            del self._tasks[serial]

    async def close(self) -> None:
        """End the server, which is told by the closed connection."""
        asyncio.get_running_loop().remove_reader(self._connection)
        self._connection.close()
        await asyncio.to_thread(self._server.wait)

    async def _send(self, serial: int, order: Order, task: _Task) -> None:
        task_of = order.settings
        content = {"id": serial, "step": task_of.step, "path": task_of.path, "attempt": task_of.attempt}
        packet = json.dumps(content).encode()
        try:
            while True:
                try:
                    socket.send_fds(self._connection, [packet], [task.writer])
                except BlockingIOError:
                    await asyncio.sleep(0.001)  # the server is behind with forking
                else:
                    break
        except OSError as error:
            raise LaunchFault("the process that starts tasks is gone") from error
        task.sent()

    def _hear(self) -> None:
        """Take what the server says; a server that is gone takes its tasks with it."""
        while True:
            try:
                packet = self._connection.recv(_PACKET)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                asyncio.get_running_loop().remove_reader(self._connection)
                for lost in self._tasks.values():
                    lost.lose()
                return
            message = json.loads(packet)
            task = self._tasks.get(message["id"])
            if task is not None:
                task.hear(message)

    async def _watch(self, task: _Task) -> Ending:
        stop: Stop | None = None
        try:
            stop = await task.until_end()
        except asyncio.CancelledError:
            await task.end(asked_to_stop())
            await self._conclude(task, asked_to_stop())
            raise
        if stop is not None:
            await task.end(stop)
        return await self._conclude(task, stop)

    async def _conclude(self, task: _Task, stop: Stop | None) -> Ending:
        status = task.status
        if status is None:
            raise LaunchFault("the process that starts tasks is gone")
        task.drain()
        ending = await blocking(self._local, conclude, task.settings, self._store, status, stop)
        if ending.why:
            task.log.write(f"flowc: {task.settings.task} {ending.why}\n".encode())
        await blocking(self._local, task.log.store)
        return ending


class _Task:
    """One forked task as it is seen from here."""

    def __init__(self, settings: TaskSettings, store: Store, listener: Listener) -> None:
        self.settings = settings
        self.status: int | None = None
        self.log = Log(store, f"{settings.attempt_prefix}/{contract.LOG_OBJECT}")
        self._store = store
        self._listener = listener
        self._pid: int | None = None
        self._ended = asyncio.Event()
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reader, self._read)

    def sent(self) -> None:
        """The server has the writing end."""
        os.close(self.writer)
        self.writer = -1

    def hear(self, message: Mapping[str, int]) -> None:
        if "pid" in message:
            self._pid = message["pid"]
            self._listener.started(f"pid {self._pid}")
        else:
            self.status = message["status"]
            self._ended.set()

    def lose(self) -> None:
        """The server is gone: nobody would learn of the task's end."""
        self._signal(signal.SIGKILL)
        self._ended.set()

    async def until_end(self) -> Stop | None:
        """Wait for the task's own end; or the reason for which it must be ended now."""
        if self.settings.timeout is None and not self.settings.gang:
            await self._ended.wait()
            return None
        watch = asyncio.ensure_future(self._reason())
        end = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait((watch, end), return_when=asyncio.FIRST_COMPLETED)
            return None if self._ended.is_set() else watch.result()
        finally:
            for waiting in (watch, end):
                waiting.cancel()

    async def _reason(self) -> Stop:
        """Come back when the task must be ended, and say why."""
        limit = self.settings.timeout
        deadline = None if limit is None else self._loop.time() + limit
        gang = None
        if self.settings.gang:
            run = Run(self._store, self.settings.flow, self.settings.run_id)
            gang = Gang(self.settings, run, earlier_attempts(self.settings, self._store))
        while True:
            left = None if deadline is None else deadline - self._loop.time()
            if limit is not None and left is not None and left <= 0:
                return timed_out(limit)
            lost = None if gang is None else gang.failed()
            if lost is not None:
                return gang_lost(lost)
            await asyncio.sleep(min(GANG_SECONDS if gang else 3600.0, 3600.0 if left is None else left))

    async def end(self, stop: Stop) -> None:
        """SIGTERM to the task's group, SIGKILL after the grace."""
        del stop  # the reason is told by whoever concludes
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await self._ended.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._ended.wait()

    def _signal(self, number: int) -> None:
        if self._pid is not None and self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, number)

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


async def start_forked(
    *,
    root: str,
    entry: str,
    steps: Mapping[str, Mapping[str, str]],
    preload: Sequence[str],
    store: Store,
    local: bool,
) -> Forked:
    """A server that is ready to fork. Modules that start threads are left out, one server after the other."""
    wanted = list(preload)
    while True:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            server = subprocess.Popen(  # noqa: ASYNC220 - a few milliseconds, and nothing else runs yet
                [sys.executable, "-c", _START, _OWN_FOLDER, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.PIPE,
                env={**os.environ, **module_path()},
                start_new_session=True,
            )
        plan = {"root": root, "entry": entry, "steps": steps, "common": _common(steps)}
        plan |= {"preload": wanted, "modules": _stores(local)}
        answer = await asyncio.to_thread(_introduce, server, ours, json.dumps(plan).encode())
        if answer.get("ready"):
            return Forked(server, ours, store, local)
        ours.close()
        await asyncio.to_thread(server.wait)
        if answer.get("threads") not in wanted:
            raise LaunchFault(f"the process that starts tasks ended with {server.returncode}")
        wanted.remove(answer["threads"])


def _introduce(server: subprocess.Popen[bytes], connection: socket.socket, plan: bytes) -> dict[str, str]:
    if server.stdin is not None:
        with contextlib.suppress(BrokenPipeError), server.stdin:
            server.stdin.write(plan)
    packet = connection.recv(_PACKET)
    return json.loads(packet) if packet else {}


def _common(steps: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What all steps are told alike."""
    told = list(steps.values())
    return {name: value for name, value in told[0].items() if all(t.get(name) == value for t in told)}


def _stores(local: bool) -> list[str]:
    """The modules of the datastore, imported before the forks; boto3 alone takes half a second."""
    return ["flowc.runtime.store.files"] if local else ["flowc.runtime.store.s3"]
