"""One local run from its begin to its end: the place where tasks run, the signals, the report.

Whatever ends it early, the tasks are ended before this returns: see `early`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flowc.launch.base import LaunchFault
from flowc.local.early import EarlyEnd
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
    ending = EarlyEnd()
    tell = ending.guarded(report.tell)
    clock = asyncio.ensure_future(_tick(ending.guarded(report.tick), report.interval))
    work = asyncio.ensure_future(_work(run, store, tell, ending))
    ending.listen(work)
    try:
        await work
    except asyncio.CancelledError:
        raise ending.reason or LaunchFault("the run was cancelled") from None
    finally:
        clock.cancel()


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
