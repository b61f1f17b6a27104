"""The tasks of a local run: when each may run, its attempts, and what becomes of the run when one fails.

At most `max_workers` tasks run at once. A task that fails for good ends its siblings; what has
finished stays in the datastore, from where another run takes it over.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from flowc import contract
from flowc.ir.graph import Choose, Finish, Foreach, Fork, Gang, Goto, successors
from flowc.launch.base import LaunchFault, Order, blocking
from flowc.local.events import (
    Adopted,
    Anew,
    AttemptFailed,
    Finished,
    Line,
    Split,
    Started,
    Stopped,
    Task,
    Why,
)
from flowc.local.interpret import Interpreter
from flowc.local.lines import Lines
from flowc.local.places import Places
from flowc.local.run import TaskFailed, step_environments
from flowc.records import replace
from flowc.runtime.edges import tell_successors
from flowc.runtime.ending import without_result
from flowc.runtime.origin import gang_finished
from flowc.runtime.records import Run
from flowc.runtime.settings import settings_of_step

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from flowc.ir.graph import Step
    from flowc.launch.base import Launcher
    from flowc.local.events import Event
    from flowc.local.interpret import Record
    from flowc.local.run import LocalRun
    from flowc.runtime.store import Store


class Scheduler:
    """Runs tasks by a launcher, or takes them over, and reads their records."""

    def __init__(
        self, run: LocalRun, store: Store, launcher: Launcher, tell: Callable[[Event], None]
    ) -> None:
        self._run = run
        self._launcher = launcher
        self._tell = tell
        self._store = store
        name = run.program.graph.name
        self._records = Run(self._store, name, run.run_id)
        self._origin = None if run.origin is None else Run(self._store, name, run.origin)
        self._gangs: dict[tuple[str, str], bool] = {}  # whether those of the origin finished
        self._places = Places(run.settings.max_workers)
        self._settings = {
            step: settings_of_step(told, run.root) for step, told in step_environments(run).items()
        }

    async def carry_out(self) -> None:
        """Run the whole flow. Raises TaskFailed for the first task that fails for good."""
        await Interpreter(self._run.program, self._task, self._take_places).run()

    def _take_places(self, count: int) -> AbstractAsyncContextManager[None]:
        """Places for a gang. One that was split by a run with more workers would wait for ever."""
        most = self._run.settings.max_workers
        if count > most:
            raise LaunchFault(
                f"a gang has {count:,} tasks that run at once, and the run {most:,} workers; "
                f"resume it with `--max-workers {count}`"
            )
        return self._places.take(count)

    async def _task(self, step: str, path: str, placed: bool, fresh: bool) -> tuple[Record, bool]:
        """One task with its attempts: its record, and whether it ran. Raises TaskFailed."""
        task = Task(step, path)
        record = await self._taken_over(task, fresh)
        ran = record is None
        if record is None:
            record = await self._attempts(task, placed)
            self._tell(Finished(task))
        splits = record.get("splits")
        if isinstance(splits, int):
            self._tell(Split(step, path, splits))
        return record, ran

    # ------------------------------------------------------------------ taking over
    async def _taken_over(self, task: Task, fresh: bool) -> Record | None:
        """The record of a task that the origin finished; None where it must run."""
        if self._origin is None:
            return None
        record, why = None, Why.FOLLOWS
        if task.step == self._run.from_step:
            why = Why.ASKED
        elif not fresh:
            record = await blocking(self._run.is_local, self._adopt, task, self._origin)
            why = Why.UNFINISHED
        self._tell(Anew(task, why) if record is None else Adopted(task))
        return record

    def _adopt(self, task: Task, origin: Run) -> Record | None:
        """Take the task over; None where the origin did not finish it.

        The record may hold less than was written: what a plain step left is its successors' concern.
        """
        step = self._run.program.graph.steps[task.step]
        if step.spec.parallel is not None and not self._gang_finished(task, origin):
            return None
        if not self._records.take_over(origin, task.step, task.path):
            return None
        record: Record = {}
        chosen = successors(step.transition)
        if not _goes_one_way(step):
            record = self._records.finished(task.step, task.path)
            if not _leads_on(step, record):
                raise LaunchFault(
                    f"what {origin.run_id} recorded of {task} does not lead on as `{task.step}` does now: its self.next "
                    f"was changed, or the record was damaged. Run it anew: `flowc resume FILE {task.step}`"
                )
            if isinstance(step.transition, Choose):
                chosen = record["targets"]
        tells = self._run.program.wiring[task.step].tells
        if tells:
            tell_successors(self._records, task.step, task.path, tuple(tells.split(",")), chosen)
        return record

    def _gang_finished(self, task: Task, origin: Run) -> bool:
        """Whether the task's whole gang finished, which is asked once for all of its ranks."""
        gang = task.step, contract.last_level(task.path)[0]
        if gang not in self._gangs:
            self._gangs[gang] = gang_finished(origin, task.step, task.path)
        return self._gangs[gang]

    # ------------------------------------------------------------------ attempts
    async def _attempts(self, task: Task, placed: bool) -> Record:
        spec = self._run.program.graph.steps[task.step].spec
        retry = spec.retry
        # A task with `@catch` that was killed is completed by one attempt more, without user code.
        attempts = 1 + (retry.times if retry else 0) + (spec.catch is not None)
        for attempt in range(1, attempts + 1):
            listener = _Listener(task, self._tell)
            async with self._places.take(0 if placed else 1):
                code, record = await self._attempt(task, attempt, listener)
            if record is not None:
                return record
            last = attempt == attempts or code == contract.EXIT_FINAL
            delay = None if last else float(retry.delay_seconds if retry else 0)
            self._tell(AttemptFailed(task, listener.where, attempt, attempts, code, delay))
            if delay is None:
                raise TaskFailed(task, attempt, attempts, code)
            await asyncio.sleep(delay)
        raise AssertionError(task)

    async def _attempt(self, task: Task, attempt: int, listener: _Listener) -> tuple[int, Record | None]:
        order = self._order(task, attempt)
        try:
            ending = await self._launcher.run(order, listener)
        except asyncio.CancelledError:
            listener.finish()
            self._tell(Stopped(task))
            raise
        record = None
        if ending.code == contract.EXIT_OK:
            record = await blocking(self._run.is_local, self._records.winner, task.step, task.path)
            if record is None:
                ending = await blocking(self._run.is_local, without_result, order.settings, self._store)
        listener.finish(ending.why)
        return ending.code, record

    def _order(self, task: Task, attempt: int) -> Order:
        name = f"local-{os.getpid()}-{attempt}"
        return Order(
            settings=replace(self._settings[task.step], path=task.path, attempt=name),
            environment={contract.ENV_PATH: task.path, contract.ENV_ATTEMPT_ID: name},
        )


def _goes_one_way(step: Step) -> bool:
    """Whether a step's record says nothing of where it goes that the flow does not say."""
    return isinstance(step.transition, Goto | Fork | Finish)


def _leads_on(step: Step, record: Record) -> bool:
    """Whether a record, which code of another time may have left, says how to go on from a step as it is now."""
    key, split = str(record.get("next")), isinstance(record.get("splits"), int)
    if isinstance(step.transition, Choose):
        ways = {arm.key: isinstance(arm.then, Foreach | Gang) for arm in step.transition.arms}
        return ways.get(key) is split
    kind = contract.foreach_key("") if isinstance(step.transition, Foreach) else contract.gang_key("")
    return split and key.startswith(kind)


class _Listener:
    """What an attempt does, as events."""

    def __init__(self, task: Task, tell: Callable[[Event], None]) -> None:
        self._task = task
        self._tell = tell
        self._lines = Lines()
        self.where = ""

    def started(self, where: str) -> None:
        """See `Listener`."""
        self.where = where
        self._tell(Started(self._task, where))

    def output(self, chunk: bytes) -> None:
        """See `Listener`."""
        for line in self._lines.feed(chunk):
            self._tell(Line(self._task, self.where, line))

    def finish(self, why: str = "") -> None:
        """Show what is left, and why the attempt ended where it could not say so itself."""
        for line in self._lines.flush():
            self._tell(Line(self._task, self.where, line))
        if why:
            self._tell(Line(self._task, self.where, f"flowc: step `{self._task.step}` {why}"))
