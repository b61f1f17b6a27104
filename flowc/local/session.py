"""One local run from its begin to its end: the place where tasks run, the signals, the report.

Whatever ends it early, the tasks are ended before this returns: see `early`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

from flowc.launch.base import LaunchFault, no_process
from flowc.local.early import EarlyEnd, Interrupted
from flowc.local.hooks import call_hooks
from flowc.local.launchers import start_launcher
from flowc.local.run import TaskFailed, begin, end
from flowc.local.scheduler import Scheduler
from flowc.runtime.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.local.events import Event
    from flowc.local.report import Report
    from flowc.local.run import LocalRun
    from flowc.runtime.store import Store


def run_locally(run: LocalRun, report: Report) -> None:
    """Run the whole flow. Raises TaskFailed, Interrupted, StoreError, OriginFault, LaunchFault."""
    store = open_store(run.datastore, "scheduler")
    begin(run, store)
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else no process's end could be asked for
    failed: TaskFailed | None = None
    try:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(_session(run, store, report))
    except TaskFailed as error:
        failed = error
    end(run, store, failed)
    call_hooks(run, failed, report.tell)
    if failed is not None:
        raise failed


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        # One that gets some of its descriptors and not all leaves a traceback behind.
        for descriptor in (*os.pipe(), *os.pipe()):
            os.close(descriptor)
        return asyncio.new_event_loop()
    except OSError as error:
        raise no_process(error.strerror) from error


async def _session(run: LocalRun, store: Store, report: Report) -> None:
    ending = EarlyEnd()
    tell = ending.guarded(report.tell)
    clock = asyncio.ensure_future(_tick(ending.guarded(report.tick), report.interval))
    work = asyncio.ensure_future(_work(run, store, tell, ending))
    ending.listen(work)
    try:
        await work
    except asyncio.CancelledError:
        raise ending.reason or _cancelled() from None
    finally:
        clock.cancel()


def _cancelled() -> Exception:
    """Why the session was cancelled, if by none of the reasons that it listens to.

    Until it listens, asyncio's own runner answers to Ctrl-C, and cancels all there is.
    """
    session = asyncio.current_task()
    if session is not None and session.cancelling():
        return Interrupted(signal.SIGINT)
    return LaunchFault("the run was cancelled")


async def _work(run: LocalRun, store: Store, tell: Callable[[Event], None], ending: EarlyEnd) -> None:
    launcher = await start_launcher(run, store)
    ending.hurry = launcher.kill
    try:
        await Scheduler(run, store, launcher, tell).carry_out()
    finally:
        await launcher.close()


async def _tick(tick: Callable[[], None], interval: float) -> None:
    while True:
        await asyncio.sleep(interval)
        tick()
