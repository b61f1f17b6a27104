"""The scheduler with tasks that are thrown dice: it comes to an end, whatever fails, and nothing exceeds its limit."""

from __future__ import annotations

import asyncio
import random
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.ir.graph import Foreach, Gang, key_of, simple_transitions, targets
from flowc.local.run import LocalRun, TaskFailed, begin
from flowc.local.scheduler import Scheduler
from flowc.runtime.commit import commit
from flowc.runtime.ending import Ending
from flowc.runtime.records import Run
from flowc.runtime.store.files import FileStore
from flowc.source import Sources
from flowc.target.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flowc.ir.program import Program
    from flowc.launch.base import Listener, Order

SPLITS = 2
GANG = 2

# Gangs in foreaches in a foreach beside another arm, all of which may be tried again.
FLOW = """\
from flowc import FlowSpec, fanout, parallel, retry, step


class F(FlowSpec):
    @step
    def start(self):
        self.next(self.left, self.right)

    @fanout(max_workers={outer})
    @step
    def left(self):
        self.xs = list(range(2))
        self.next(self.mid, foreach="xs")

    @fanout(max_workers={inner})
    @retry(times=1, minutes_between_retries=0)
    @step
    def mid(self):
        self.ys = list(range(2))
        self.next(self.head, foreach="ys")

    @step
    def head(self):
        self.next(self.rank, num_parallel=2)

    @parallel
    @retry(times=2, minutes_between_retries=0)
    @step
    def rank(self):
        self.next(self.ranks)

    @step
    def ranks(self, inputs):
        self.next(self.near)

    @step
    def near(self, inputs):
        self.next(self.far)

    @step
    def far(self, inputs):
        self.next(self.end)

    @step
    def right(self):
        self.zs = list(range(2))
        self.next(self.other, foreach="zs")

    @retry(times=1, minutes_between_retries=0)
    @step
    def other(self):
        self.next(self.others)

    @step
    def others(self, inputs):
        self.next(self.end)

    @step
    def end(self, inputs):
        pass
"""
TASKS = 1 + (1 + 2 + 4 + 8 + 4 + 2 + 1) + (1 + 2 + 1) + 1


class Dice:
    """A place to run tasks where each takes some turns, and fails with a certain chance."""

    def __init__(self, program: Program, store: FileStore, chance: random.Random, share: float) -> None:
        self._program = program
        self._store = store
        self._chance = chance
        self._share = share
        self._now: dict[str, int] = {}
        self.most = 0

    async def run(self, order: Order, listener: Listener) -> Ending:
        del listener
        settings = order.settings
        self._now[settings.prefix] = 1
        self.most = max(self.most, len(self._now))
        try:
            for _ in range(self._chance.randrange(4)):
                await asyncio.sleep(0)
            if self._chance.random() < self._share:
                return Ending(1)
            run = Run(self._store, settings.flow, settings.run_id)
            commit(settings, run, self._record(settings.step, settings.path))
            return Ending(0)
        finally:
            del self._now[settings.prefix]

    def _record(self, step: str, path: str) -> dict[str, object]:
        simple = next(
            (simple for _, simple in simple_transitions(self._program.graph.steps[step].transition)), None
        )
        count = {Foreach: SPLITS, Gang: GANG}.get(type(simple))
        return {
            "step": step,
            "path": path,
            "artifacts": {},
            "stack": [{"count": GANG}] if step == "rank" else [],
            "targets": [target.value for target in targets(simple)] if simple else [],
            "next": key_of(simple) if simple else None,
            **({"splits": count} if count else {}),
        }

    def kill(self) -> None:
        """Nothing runs."""

    async def close(self) -> None:
        """Nothing is held."""


class Machine:
    """A datastore, and runs in it of the flow with these limits."""

    def __init__(self, folder: str, workers: int, outer: int, inner: int) -> None:
        self.folder = folder
        self.settings = Settings(max_workers=workers)
        self.store = FileStore(folder)
        sink = Sink()
        source = FLOW.format(outer=outer, inner=inner)
        program = analyze("flow.py", Sources(None, {"flow.py": source}), self.settings, sink)
        assert program is not None, list(sink)
        self.program = program

    def carry_out(self, run_id: str, origin: str | None, chance: random.Random, share: float) -> None:
        """Raises TaskFailed."""
        dice = Dice(self.program, self.store, chance, share)
        run = LocalRun(
            program=self.program,
            settings=self.settings,
            datastore=f"file://{self.folder}",
            run_id=run_id,
            root="/",
            origin=origin,
        )
        begin(run, self.store)
        if origin is None:
            Run(self.store, "F", run_id).create({"uid": run_id, "parameters": {}})
        scheduler = Scheduler(run, self.store, dice, lambda _: None)
        try:
            asyncio.run(asyncio.wait_for(scheduler.carry_out(), 60))
        finally:
            assert dice.most <= self.settings.max_workers

    def finished(self, run_id: str) -> int:
        """How many tasks of a run have a result."""
        run = Run(self.store, "F", run_id)
        tasks = [
            (step, path)
            for step in self.program.graph.steps
            for path in self.store.names(f"F/{run_id}/{step}")
        ]
        return sum(run.is_finished(*task) for task in tasks)


@given(
    workers=st.integers(2, 7),
    outer=st.integers(1, 4),
    inner=st.integers(1, 4),
    share=st.sampled_from([0.0, 0.05, 0.3]),
    chance=st.randoms(use_true_random=True),
)
def test_it_comes_to_an_end(
    workers: int, outer: int, inner: int, share: float, chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(folder, workers, outer, inner)
        try:
            machine.carry_out("first", None, chance, share)
        except TaskFailed:
            assert machine.finished("first") < TASKS
            machine.carry_out("second", "first", chance, 0.0)
            assert machine.finished("second") == TASKS
        else:
            assert machine.finished("first") == TASKS


def test_one_task_that_fails_for_good_ends_it(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path), 4, 2, 2)
    with pytest.raises(TaskFailed):
        machine.carry_out("run", None, random.Random(1), 1.0)  # noqa: S311 - dice
