"""A container's task: one child process runs the attempt, this one watches it.

The parent tees the child's output to the attempt's log, ends it at its time limit or when it is
asked to stop, and says how it ended where the child could not.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

from flowc import contract
from flowc.runtime.attempt import run_attempt
from flowc.runtime.clock import tell_by
from flowc.runtime.ending import conclude, without_result
from flowc.runtime.leave import forget_exit, leave
from flowc.runtime.limits import (
    GANG_SECONDS,
    GRACE_SECONDS,
    abandoned,
    asked_to_stop,
    clock_of,
    gang_lost,
    gang_of,
    patience,
    timed_out,
)
from flowc.runtime.log import Log
from flowc.runtime.output import take_output
from flowc.runtime.records import Run
from flowc.runtime.say import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, NoReturn

    from flowc.runtime.clock import Clock
    from flowc.runtime.limits import Stop
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store

_LONGEST_WAIT = 1.0  # seconds between looks at the clock, the log and the gang


def supervise(settings: TaskSettings, store: Store) -> int:
    """Run one attempt; the exit code of the container. Raises StoreError for what it cannot note."""
    log = Log(store, f"{settings.attempt_prefix}/{contract.LOG_OBJECT}")
    try:
        clock = clock_of(settings)
        watch = _Watch(settings, store, log, clock)  # what it may raise comes before there is a child
        watch.listen()
        child = start(lambda: _attempt(settings, store, clock))
    except OSError as error:
        say(f"{settings.task}: no process can be started for it: {error.strerror}")
        return contract.EXIT_INFRASTRUCTURE
    status, stop = watch.until_end(*child)
    ending = conclude(settings, store, status, stop)
    if ending.code == contract.EXIT_OK and not _has_result(settings, store):
        ending = without_result(settings, store)
    if ending.why:
        message = f"{settings.task} {ending.why}"
        say(message)
        log.write(f"flowc: {message}\n".encode())
    log.store()
    return settings.final_exit if ending.code == contract.EXIT_FINAL else ending.code


def _attempt(settings: TaskSettings, store: Store, clock: Clock | None) -> int:
    if clock is not None:
        tell_by(clock.writer)
    return run_attempt(settings, Run(store, settings.flow, settings.run_id))


def _has_result(settings: TaskSettings, store: Store) -> bool:
    return Run(store, settings.flow, settings.run_id).is_finished(settings.step, settings.path)


def start(work: Callable[[], int]) -> tuple[int, int]:
    """Do `work` in a child with a process group of its own; its pid and the reading end of its output."""
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        forget_exit()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        become_task(writer, work)
    os.close(writer)
    return pid, reader


def become_task(output: int, work: Callable[[], int]) -> NoReturn:
    """Make this forked process a task's: `work` decides its exit code, `output` takes what it prints."""
    code = contract.EXIT_INFRASTRUCTURE
    try:
        os.setpgid(0, 0)
        take_output(output)
        code = work()
    finally:
        # `finally` blocks of the parent are not this process's to run.
        leave(code)


def kill_group(pid: int, number: int) -> None:
    """Signal a task's process group, or what is left of it."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


class _Watch:
    """Waits for the child's end, with its output passed on."""

    def __init__(self, settings: TaskSettings, store: Store, log: Log, clock: Clock | None) -> None:
        self._log = log
        self._clock = clock
        self._silent = clock is None  # nothing (more) will be told of the step's own code
        self._stop: Stop | None = None
        self._hurry = False
        self._parent = os.getppid()
        self._killing_since: float | None = None
        self._gang = gang_of(settings, store)
        self._look_at_gang = time.monotonic() + GANG_SECONDS

    def listen(self) -> None:
        """From now on SIGTERM ends the task, not this process: a child that is just forked is not left alone."""
        self._before = signal.signal(signal.SIGTERM, self._on_sigterm)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored no process's end can be asked for

    def until_end(self, pid: int, reader: int) -> tuple[int, Stop | None]:
        """(the child's wait status, why it was ended or None)."""
        if self._clock is not None:
            self._clock.give_away()
        output: list[int] = [reader]
        try:
            while True:
                self._pass_on(output, self._patience(bool(output)))
                found, status = os.waitpid(pid, os.WNOHANG)
                if found:
                    if self._stop is not None:
                        # Whatever the task started and would not end is to leave nothing behind.
                        kill_group(pid, signal.SIGKILL)
                    while output and self._pass_on(output, 0):
                        pass
                    return status, self._stop
                self._judge()
                if self._stop is not None:
                    self._end(pid)
                if self._log.is_due():
                    self._log.store()
        except BaseException:
            kill_group(pid, signal.SIGKILL)  # nobody would keep its limits
            raise
        finally:
            signal.signal(signal.SIGTERM, self._before)
            for descriptor in output:
                os.close(descriptor)
            if self._clock is not None:
                self._clock.close()

    def _on_sigterm(self, _signal: int, _frame: object) -> None:
        """Asked a second time, the task gets no more time for its end."""
        self._hurry = self._stop is not None
        self._stop = self._stop or asked_to_stop()

    def _patience(self, has_output: bool) -> float:
        """How long to wait for output. Without any to come only the child's end is awaited, by looking."""
        if not has_output or self._stop is not None:
            return 0.005
        return patience(self._clock, _LONGEST_WAIT)

    def _judge(self) -> None:
        """Decide whether the child must be ended now."""
        if self._stop is not None:
            return
        self._stop = abandoned() if os.getppid() != self._parent else timed_out(self._clock)
        now = time.monotonic()
        if self._stop is None and now > self._look_at_gang:
            self._look_at_gang = now + GANG_SECONDS
            self._stop = gang_lost(self._gang)

    def _end(self, pid: int) -> None:
        """SIGTERM to the child's group at first, SIGKILL after the grace."""
        now = time.monotonic()
        if self._killing_since is None:
            self._killing_since = now
            kill_group(pid, signal.SIGTERM)
        elif self._hurry or now - self._killing_since > GRACE_SECONDS:
            kill_group(pid, signal.SIGKILL)

    def _pass_on(self, output: list[int], patience: float) -> bool:
        """Pass on what the child prints within `patience` seconds; whether there was anything."""
        clock = [] if self._silent or self._clock is None else [self._clock.reader]
        ready, _, _ = select.select([*output, *clock], [], [], patience)
        if self._clock is not None and self._clock.reader in ready:
            self._silent = not self._clock.hear()
        if not output or output[0] not in ready:
            return False
        chunk = os.read(output[0], 1 << 16)
        if not chunk:
            os.close(output.pop())
            return False
        self._log.write(chunk)
        try:
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
        except OSError:
            # Nobody reads on: the log has it all.
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return True
