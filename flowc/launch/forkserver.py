"""The process that a local run's tasks are forked from: warm, small, with one thread.

`main` is given the number of an inherited `SOCK_SEQPACKET` socket. The plan comes on standard input, one
JSON object: `root`, `entry`, `steps` (what each step is told), `common` (what all are), `modules` and `preload`
(to import beforehand).
Then, each a JSON object in a packet of its own:

    scheduler → server   {"id", "step", "path", "attempt"}, with the descriptor that takes the output
                         {"id", "signal"}: for the task's process group
    server → scheduler   {"ready", "threads"}: the module that started threads, "" if none did
                         {"id", "pid"} by the task itself, then {"id", "status"}: the wait status; or
                         {"id", "fault"}

A forked task imports the flow file itself, so that module state is one task's, as in a container.
When the scheduler is gone the tasks are killed: nobody is left to keep their limits. When this process is
killed, the kernel ends them: see `_tie_to`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys

from flowc.dsl import EXPORTS
from flowc.launch.preload import preload, reseed
from flowc.records import replace
from flowc.runtime.api.modules import install_metaflow
from flowc.runtime.attempt import run_attempt
from flowc.runtime.clock import tell_by
from flowc.runtime.load import extend_path, remember_code
from flowc.runtime.settings import settings_of_step
from flowc.runtime.store import StoreError, open_store
from flowc.runtime.store.s3client import client
from flowc.runtime.supervise import become_task, kill_group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowc.runtime.settings import TaskSettings

_PACKET = 1 << 16

# What a task imports when it needs it, and every forked one would import anew.
_USUAL = (
    "flowc.runtime.artifacts.frame",
    "flowc.runtime.artifacts.mapped",
    "flowc.runtime.execute",
    "flowc.runtime.store.digest",
    "flowc.runtime.store.mapping",
    "hashlib",
    "pickle",
)


class _Server:
    def __init__(self, scheduler: socket.socket, plan: dict[str, Any]) -> None:
        self._scheduler = scheduler
        self._settings = {step: settings_of_step(told, plan["root"]) for step, told in plan["steps"].items()}
        self._environments = {step: _own_variables(told) for step, told in plan["steps"].items()}
        first = next(iter(self._settings.values()))
        self._store = open_store(first.datastore)
        self._tasks: dict[int, int] = {}  # pid → the order's id
        self._ended_from_outside: set[int] = set()  # pids
        self._lifeline, self._held = os.pipe()
        self._dead, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._dead, False)

    def serve(self) -> None:
        """Fork a task for each order, until the scheduler closes its end."""
        signal.signal(signal.SIGCHLD, _wake_only)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self._scheduler, select.POLLIN)
        poll.register(self._dead, select.POLLIN)
        try:
            while True:
                for descriptor, _ in poll.poll():
                    if descriptor == self._dead:
                        self._reap()
                    elif not self._take_packet():
                        return
        finally:
            self._kill_all()

    def _take_packet(self) -> bool:
        packet, descriptors, flags, _ = socket.recv_fds(self._scheduler, _PACKET, 2)
        if not packet:
            return False
        order = json.loads(packet)
        if "signal" in order:
            self._signal(order["id"], order["signal"])
            return True
        try:
            if flags & socket.MSG_CTRUNC:
                # Descriptors came, and this process has no room for them.
                self._tell({"id": order["id"], "fault": os.strerror(errno.EMFILE)})
            else:
                self._start(order, descriptors)
        except OSError as error:  # no process more can be had
            self._tell({"id": order["id"], "fault": str(error.strerror)})
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def _start(self, order: dict[str, Any], descriptors: list[int]) -> None:
        # What can be done before the fork is cheaper there: it copies no page of memory anew for each task.
        settings = replace(self._settings[order["step"]], path=order["path"], attempt=order["attempt"])
        pid = os.fork()
        if pid == 0:
            # Told by the task itself: it must not run unknown where this process dies right after the fork.
            _set_group(0)
            self._tell({"id": order["id"], "pid": os.getpid()})
            self._become_task(settings, *descriptors)
        _set_group(pid)
        self._tasks[pid] = order["id"]

    def _signal(self, order: int, number: int) -> None:
        for pid in [pid for pid, known in self._tasks.items() if known == order]:
            self._ended_from_outside.add(pid)
            kill_group(pid, number)

    def _become_task(self, settings: TaskSettings, output: int, clock: int | None = None) -> None:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for descriptor in (self._dead, self._wake, self._held):
            os.close(descriptor)
        _tie_to(self._lifeline)
        self._scheduler.close()

        def work() -> int:
            gc.enable()
            reseed()
            os.environ.update(self._environments[settings.step])
            if clock is not None:
                tell_by(clock)
            return run_attempt(settings, self._store)

        become_task(output, work)

    def _reap(self) -> None:
        os.read(self._dead, 1 << 16)
        while self._tasks:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid in self._ended_from_outside:
                # Whatever it started and would not end is to leave nothing behind.
                self._ended_from_outside.remove(pid)
                kill_group(pid, signal.SIGKILL)
            order = self._tasks.pop(pid, None)
            if order is not None:
                self._tell({"id": order, "status": status})

    def _tell(self, message: dict[str, Any]) -> None:
        # A scheduler that is gone is noticed at the next order.
        try:
            self._scheduler.send(json.dumps(message).encode())
        except OSError:
            return

    def _kill_all(self) -> None:
        for pid in self._tasks:
            kill_group(pid, signal.SIGKILL)


def _tie_to(lifeline: int) -> None:
    """End this task's group when nobody holds the other end of the pipe any more, whatever its processes do then.

    The kernel tells whoever owns an end that waits for input, here by a SIGIO that nobody handles. The
    owner is of an open file, so each task opens the pipe anew.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    with contextlib.suppress(OSError):  # a system without /proc: the scheduler's eye is all there is
        own = os.open(f"/proc/self/fd/{lifeline}", os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(own, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(own, fcntl.F_SETFL, os.O_ASYNC)
    os.close(lifeline)


def _own_variables(told: dict[str, str]) -> dict[str, str]:
    """The variables of the flow's own, `@environment`'s: the settings are passed on as they are."""
    return {name: value for name, value in told.items() if not name.startswith("FLOWC_")}


def _wake_only(_signal: int, _frame: object) -> None:
    """The wakeup descriptor has the news."""


def _set_group(pid: int) -> None:
    """Make a process the first of a group of its own. Both sides do so, since either may come first."""
    try:
        os.setpgid(pid, 0)
    except OSError:
        return  # it has gone


def _prepare(plan: dict[str, Any]) -> None:
    """Do once what every task would do alike."""
    os.environ.update(plan["common"])
    extend_path(plan["entry"], plan["root"])
    remember_code(plan["entry"])
    install_metaflow()
    if "flowc.runtime.store.s3" in plan["modules"]:
        with contextlib.suppress(StoreError):  # a task will say it, in its own log
            client()  # what boto3 reads for it, tasks need not read again
    for api in ("flowc", "metaflow"):
        for name in EXPORTS:
            getattr(sys.modules[api], name)


def main(descriptor: int) -> None:
    """Serve the scheduler at the other end of `descriptor`."""
    scheduler = socket.socket(fileno=descriptor)
    try:
        plan = json.load(sys.stdin)
    except ValueError:
        return  # the scheduler ended before it had written all
    os.chdir(plan["root"])
    # What stood here found flowc, which is found by now; tasks look for the flow's modules.
    sys.path[0] = plan["root"]
    for name in (*_USUAL, *plan["modules"]):
        importlib.import_module(name)
    threads = preload(plan["preload"])
    try:
        scheduler.send(json.dumps({"ready": not threads, "threads": threads}).encode())
    except OSError:
        return  # the scheduler ended meanwhile
    if threads:
        return
    _prepare(plan)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)  # `sys.stdin` stays open, and at its end, as in a container
    # Objects that live as long as the server are left alone by tasks' collectors, so their pages stay shared.
    gc.collect()
    gc.freeze()
    gc.disable()
    _Server(scheduler, plan).serve()
