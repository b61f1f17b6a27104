"""The process that a local run's tasks are forked from: warm, small, with one thread.

`main` is given the number of an inherited `SOCK_SEQPACKET` socket. The plan comes on standard input, one
JSON object: `root`, `entry`, `steps` (what each step is told), `common` (what all are), `modules` and `preload`
(to import beforehand). It is answered by another one: `ready`, and `threads`, the module that started
threads, "" if none did. Then, in packets of lines:

    scheduler → server   id, step, path, attempt; with the descriptor that takes the output
                         id, signal: for the task's process group
    server → scheduler   id, "pid", its number: by the task itself; then
                         id, "status", the wait status; or id, "fault", why there is no process

A forked task imports the flow file itself, so that module state is one task's, as in a container.
When the scheduler is gone the tasks are killed: nobody is left to keep their limits. When this process is
killed, the kernel ends them: see `_tie_to`.

A page of memory that a task writes to is copied for it, and so is one that this process writes to after
a fork. Counting a reference is writing: each function, constant and module that is touched costs a page,
so that the path from an order to the step's own code is short rather than general.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found,unused-ignore]  # what `signal` is made of
import _socket  # and `socket`, whose enums and helpers each fork would copy
import contextlib
import errno
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import struct
import sys

from flowc.dsl import EXPORTS
from flowc.launch.preload import preload, reseed
from flowc.launch.rehearsal import rehearse
from flowc.records import overwriter
from flowc.runtime.api.modules import install_metaflow
from flowc.runtime.attempt import run_attempt
from flowc.runtime.clock import tell_by
from flowc.runtime.edges import read_ahead
from flowc.runtime.leave import forget_exit
from flowc.runtime.load import prepare_flow
from flowc.runtime.output import ready_streams
from flowc.runtime.records import Run
from flowc.runtime.settings import TaskSettings, settings_of_step
from flowc.runtime.store import StoreError, open_store
from flowc.runtime.supervise import become_task, kill_group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PACKET = 1 << 16
# Plain numbers, and `_signal`, since every use of an enum's member runs a dozen functions.
_SIGCHLD, _SIG_DFL = int(signal.SIGCHLD), int(signal.SIG_DFL)
_TRUNCATED = _socket.MSG_CTRUNC
_SET_OWNER, _SET_FLAGS, _ASYNC = fcntl.F_SETOWN, fcntl.F_SETFL, os.O_ASYNC
_ROOM_FOR_TWO = _socket.CMSG_LEN(2 * struct.calcsize("i"))  # descriptors

# What a task imports when it needs it, and every forked one would import anew.
_USUAL = (
    "flowc.runtime.artifacts.frame",
    "flowc.runtime.begin",
    "flowc.runtime.store.digest",
)


# Each task has a copy of its own.
_place = overwriter(TaskSettings, "path", "attempt")


class _Server:
    def __init__(self, scheduler: _socket.socket, plan: dict[str, Any]) -> None:
        self._scheduler = scheduler
        self._settings = {step: settings_of_step(told, plan["root"]) for step, told in plan["steps"].items()}
        self._environments = {step: _own_variables(told) for step, told in plan["steps"].items()}
        first = next(iter(self._settings.values()))
        self._run = Run(open_store(first.datastore), first.flow, first.run_id)
        self._ahead_of = ("", "")  # the step and the outer path of the tasks whose inputs were read last
        self._tasks: dict[int, str] = {}  # pid → the order's id
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
        packet, passed, flags, _ = self._scheduler.recvmsg(_PACKET, _ROOM_FOR_TWO)
        if not packet:
            return False
        descriptors = memoryview(passed[0][2]).cast("i").tolist() if passed else []
        order, *told = packet.decode().split("\n")
        if len(told) == 1:
            self._signal(order, int(told[0]))
            return True
        try:
            if flags & _TRUNCATED:
                # Descriptors came, and this process has no room for them.
                self._tell(order, "fault", os.strerror(errno.EMFILE))
            else:
                step, path, attempt = told
                self._start(order, step, path, attempt, descriptors)
        except OSError as error:  # no process more can be had
            self._tell(order, "fault", error.strerror)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def _start(self, order: str, step: str, path: str, attempt: str, descriptors: list[int]) -> None:
        siblings = step, path.rpartition(".")[0]
        if siblings != self._ahead_of and self._run.store.maps:  # a folder, where no task waits meanwhile
            self._ahead_of = siblings
            read_ahead(self._run, path, self._settings[step].inputs)
        lifeline = _opened_anew(self._lifeline)
        pid = os.fork()
        if pid == 0:
            settings = self._settings[step]
            _place(settings, path, attempt)
            self._become_task(order, settings, lifeline, *descriptors)
        if lifeline is not None:
            os.close(lifeline)
        _set_group(pid)
        self._tasks[pid] = order

    def _signal(self, order: str, number: int) -> None:
        for pid in [pid for pid, known in self._tasks.items() if known == order]:
            self._ended_from_outside.add(pid)
            kill_group(pid, number)

    def _become_task(
        self, order: str, settings: TaskSettings, lifeline: int | None, output: int, clock: int | None = None
    ) -> None:
        def work() -> int:
            # Told by the task itself: it must not run unknown where the server dies right after the fork.
            self._tell(order, "pid", os.getpid())
            self._forget_serving()
            if lifeline is not None:
                _tie_to(lifeline)
            gc.enable()
            reseed()
            own = self._environments[settings.step]
            if own:
                os.environ.update(own)
            if clock is not None:
                tell_by(clock)
            return run_attempt(settings, self._run)

        become_task(output, work)

    def _forget_serving(self) -> None:
        signal.set_wakeup_fd(-1)
        _signal.signal(_SIGCHLD, _SIG_DFL)
        os.close(self._dead)
        os.close(self._wake)
        os.close(self._held)
        os.close(self._lifeline)
        os.close(self._scheduler.fileno())

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
                self._tell(order, "status", status)

    def _tell(self, order: str, word: str, value: object) -> None:
        # A scheduler that is gone is noticed at the next order.
        try:
            self._scheduler.send(f"{order}\n{word}\n{value}".encode())
        except OSError:
            return

    def _kill_all(self) -> None:
        for pid in self._tasks:
            kill_group(pid, signal.SIGKILL)


def _tie_to(lifeline: int) -> None:
    """End this task's group when nobody holds the other end of the pipe any more, whatever its processes do then.

    The kernel tells whoever owns an end that waits for input, here by a SIGIO that nobody handles.
    """
    try:
        fcntl.fcntl(lifeline, _SET_OWNER, -os.getpid())
        fcntl.fcntl(lifeline, _SET_FLAGS, _ASYNC)
    except OSError:  # a system that tells no owner: the scheduler's eye is all there is
        return


def _opened_anew(lifeline: int) -> int | None:
    """The pipe's reading end as an open file of its own, since that is what has an owner.

    None on a system without /proc. It is found faster here than in a new process, whose folder in /proc is
    yet to be made.
    """
    try:
        return os.open(f"/proc/self/fd/{lifeline}", os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None


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


def _warm_up() -> None:
    """Do once what the tasks of any run would do alike."""
    for name in _USUAL:
        importlib.import_module(name)
    install_metaflow()
    for api in ("flowc", "metaflow"):
        for name in EXPORTS:
            getattr(sys.modules[api], name)
    rehearse()


def _prepare(plan: dict[str, Any]) -> None:
    """Do once what all tasks of this run would do alike."""
    os.environ.update(plan["common"])
    prepare_flow(plan["entry"], plan["root"])
    if "flowc.runtime.store.s3" in plan["modules"]:
        from flowc.runtime.store.s3client import client

        with contextlib.suppress(StoreError):  # a task will say it, in its own log
            client()  # what boto3 reads for it, tasks need not read again


def _be_as_new() -> None:
    """What signals mean, and what is done at the exit, as in a process that has just begun: tasks inherit it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    forget_exit()
    with contextlib.suppress(OSError):  # a stream that is closed here is made in each task
        ready_streams()


def main(descriptor: int) -> None:
    """Serve the scheduler at the other end of `descriptor`."""
    scheduler = _socket.socket(fileno=descriptor)
    _warm_up()
    try:
        plan = json.load(sys.stdin)
    except ValueError:
        return  # the scheduler ended before it had written all
    os.chdir(plan["root"])
    # What stood here found flowc, which is found by now; tasks look for the flow's modules.
    sys.path[0] = plan["root"]
    for name in plan["modules"]:
        importlib.import_module(name)
    threads = preload(plan["preload"])
    try:
        scheduler.send(json.dumps({"ready": not threads, "threads": threads}).encode())
    except OSError:
        return  # the scheduler ended meanwhile
    if threads:
        return
    _prepare(plan)
    _be_as_new()
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)  # `sys.stdin` stays open, and at its end, as in a container
    # Objects that live as long as the server are left alone by tasks' collectors, so their pages stay shared.
    gc.collect()
    gc.freeze()
    gc.disable()
    _Server(scheduler, plan).serve()
    os._exit(0)  # there is nothing to do at the exit, and taking all apart would take long
