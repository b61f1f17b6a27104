"""A reference interpreter of regions: which tasks a run has, who came before each, and their paths.

It runs a program's blocks as `ir.region` defines them, with a callback for every choice, and
knows nothing of wiring. What it finds is what each engine must do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc import contract
from flowc.ir.graph import Choose, simple_transitions
from flowc.ir.region import (
    Again,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Pred,
    Run,
    SwitchRegion,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.ir.program import Program
    from flowc.ir.region import Block, Region


class Task(NamedTuple):
    step: str
    path: str


class Visit(NamedTuple):
    """A task that ran, the tasks before it (a join has several, in order), and the key it chose."""

    task: Task
    before: tuple[Task, ...]
    key: str | None


class TooLong(Exception):  # noqa: N818
    """The run has more tasks than it may."""


class _End(NamedTuple):
    """Where a block's control is: the way taken last, or a tail; and the tasks that come before the next."""

    way: Pred | Again | Leave
    tasks: tuple[Task, ...]


class Interpreter:
    """Runs a program. `choose(n)` gives a number below `n`: an arm, or items beyond the first."""

    def __init__(self, program: Program, choose: Callable[[int], int], most_tasks: int = 400) -> None:
        self._steps = program.graph.steps
        self._choose = choose
        self._most_tasks = most_tasks
        self.visits: list[Visit] = []
        self.items: dict[Task, int] = {}  # what each foreach or gang split into
        self._block(program.body, contract.ROOT, ())

    def _block(self, block: Block, path: str, before: tuple[Task, ...]) -> _End:
        end = _End(Pred("", None), before)
        for region in block.items:
            end = self._region(region, path, end)
        return end

    def _region(self, region: Region, path: str, end: _End) -> _End:
        match region:
            case Run(step=step):
                return self._task(step, path, end.tasks)
            case ForkRegion(arms=arms):
                ends = [self._block(arm, path, end.tasks) for arm in arms]
                return _End(end.way, tuple(task for each in ends for task in each.tasks))
            case ForeachRegion() | GangRegion():
                return self._many(region, path, end)
            case LoopRegion():
                return self._loop(region, path, end)
            case SwitchRegion():
                return self._switch(region, path, end)
            case Again() | Leave():
                return _End(region, end.tasks)

    def _task(self, step: str, path: str, before: tuple[Task, ...]) -> _End:
        if len(self.visits) >= self._most_tasks:
            raise TooLong
        transition = self._steps[step].transition
        keys = [key for key, _ in simple_transitions(transition)]
        key = keys[self._choose(len(keys))] if isinstance(transition, Choose) else None
        task = Task(step, path)
        self.visits.append(Visit(task, before, key))
        return _End(Pred(step, key), (task,))

    def _many(self, region: ForeachRegion | GangRegion, path: str, end: _End) -> _End:
        count = 1 + self._choose(3)
        self.items[end.tasks[0]] = count
        ends = [self._block(region.body, contract.item_path(path, i), end.tasks) for i in range(count)]
        return _End(end.way, tuple(task for each in ends for task in each.tasks))

    def _loop(self, region: LoopRegion, path: str, end: _End) -> _End:
        visit = 0
        while True:
            end = self._block(region.body, contract.visit_path(path, visit), end.tasks)
            if isinstance(end.way, Leave):
                assert end.way.loop == region.head
                assert end.way.key in region.exits
                key = end.way.key if len(region.exits) > 1 else None
                return _End(Pred(region.head, key, loop=True), end.tasks)
            assert end.way == Again(region.head)
            visit += 1

    def _switch(self, region: SwitchRegion, path: str, end: _End) -> _End:
        ways = {pred: arm for arm in region.arms for pred in arm.preds}
        while isinstance(end.way, Pred) and end.way not in region.merge_preds:
            end = self._block(ways[end.way].block, path, end.tasks)
        return end
