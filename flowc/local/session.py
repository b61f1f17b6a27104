"""One local run from its begin to its end: the place where tasks run, the signals, the report.

Ctrl-C, SIGTERM and a closed terminal end the tasks in an orderly way; a second one does not wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from flowc.launch.base import LaunchFault
from flowc.launch.forked import start_forked
from flowc.launch.spawned import Spawned
from flowc.local.hooks import call_hooks
from flowc.local.run import TaskFailed, begin, end, step_environments
from flowc.local.scheduler import Scheduler
from flowc.runtime.store import open_store

if TYPE_CHECKING:
    from flowc.launch.base import Launcher
    from flowc.local.report import Report
    from flowc.local.run import LocalRun
    from flowc.runtime.store import Store

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):  # noqa: N818 - what happened
    """The run was ended from outside, by the signal of this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"interrupted by {signal.Signals(number).name}")
        self.number = number


def run_locally(run: LocalRun, report: Report) -> None:
    """Run the whole flow. Raises TaskFailed, Interrupted, StoreError, OriginFault, LaunchFault."""
    store = open_store(run.datastore, "scheduler")
    begin(run, store)
    failed: TaskFailed | None = None
    try:
        asyncio.run(_session(run, store, report))
    except TaskFailed as error:
        failed = error
    end(run, store, failed)
    call_hooks(run, failed, report.tell)
    if failed is not None:
        raise failed


async def _session(run: LocalRun, store: Store, report: Report) -> None:
    launcher = await _launcher(run, store)
    clock = asyncio.ensure_future(_tick(report))
    work = asyncio.ensure_future(Scheduler(run, store, launcher, report.tell).carry_out())
    received: list[int] = []
    _listen(work, received)
    try:
        await work
    except asyncio.CancelledError:
        raise Interrupted(received[0]) if received else LaunchFault("the run was cancelled") from None
    finally:
        clock.cancel()
        await launcher.close()


async def _launcher(run: LocalRun, store: Store) -> Launcher:
    steps = step_environments(run)
    # macOS's own libraries are not safe to use after a fork.
    if run.isolate == "spawn" or not sys.platform.startswith("linux"):
        return Spawned(run.root, steps)
    entry = os.path.join(run.root, *run.program.graph.file.split("/"))
    return await start_forked(
        root=run.root, entry=entry, steps=steps, preload=run.preload, store=store, local=run.is_local
    )


def _listen(work: asyncio.Future[None], received: list[int]) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        received.append(number)
        if len(received) > 1:
            # Closed connections end the tasks, at once.
            os._exit(128 + number)
        work.cancel()

    for number in _SIGNALS:
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(number, stop, number)


async def _tick(report: Report) -> None:
    while True:
        await asyncio.sleep(report.interval)
        report.tick()
