"""Which foreaches run as executions of their own, so that no history bursts.

An execution may write 25,000 events. The events of a block are counted from the inside out: a job
writes 6 (4 more for each attempt that fails), a read 5, a choice 2, a Map or Parallel 4 and each
iteration 2. A foreach whose iterations would write more than 20,000 in their own execution, or of
which more than 40 must run at once, becomes a distributed Map, whose iterations are executions
with histories of their own; where several foreaches burst one history together, the largest of
them do first.

Invariant: a block of a loop counts as often as it may be visited, an unknown number of items as
the limit on it: what is said to fit, fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.ir.graph import Choose, Foreach, Gang
from flowc.ir.region import (
    Again,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Run,
    SwitchRegion,
    inner_blocks,
    inside_out,
)
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.ir.program import Program
    from flowc.ir.region import Block, Region
    from flowc.target.budget import Budget

MAX_EVENTS = 25_000  # of one execution
_BUDGET = 20_000  # the rest is for throttled calls and redrives
_MAX_INLINE_AT_ONCE = 40

_JOB, _FAILED_ATTEMPT, _CAUGHT, _READ, _CHOICE, _PASS = 6, 4, 7, 5, 2, 2
_MAP, _DISTRIBUTED_MAP, _PARALLEL, _ITERATION = 4, 6, 4, 2
_RUN = 12  # the execution's own, and the write of its input


@dataclass(frozen=True, slots=True)
class Histories:
    """`distributed` are the bodies that are executions of their own; `events` the most in the run's own history."""

    distributed: frozenset[Block]
    events: int


def histories(program: Program, budgets: Mapping[tuple[str, str], Budget], max_visits: int) -> Histories:
    """Decide for every foreach and gang of a program."""
    return _Count(program, budgets, max_visits).decide()


class _Count:
    """The running count: `events` of the blocks seen, `distributed` the bodies chosen so far."""

    def __init__(self, program: Program, budgets: Mapping[tuple[str, str], Budget], max_visits: int) -> None:
        self._program = program
        self._budgets = budgets
        self._visits = max_visits
        self._events: dict[Block, int] = {}
        self._distributed: set[Block] = set()
        self._bodies = {
            region.body: region
            for block in inside_out(program.body)
            for region in block.items
            if isinstance(region, ForeachRegion | GangRegion)
        }

    def decide(self) -> Histories:
        for block in inside_out(self._program.body):
            self._events[block] = self._block(block)
            region = self._bodies.get(block)
            if region is not None:
                self._fit(block)
                if self._must_leave(block, region):
                    self._distributed.add(block)
        events = self._fit(self._program.body)
        return Histories(frozenset(self._distributed), events + _RUN)

    def _must_leave(self, body: Block, region: ForeachRegion | GangRegion) -> bool:
        at_once = self._budgets[region.head, region.key].at_once
        return at_once > _MAX_INLINE_AT_ONCE or self._region(region) > _BUDGET or self._events[body] > _BUDGET

    def _fit(self, body: Block) -> int:
        """Send the largest foreaches of an execution away until it fits or none is left."""
        while self._events[body] > _BUDGET:
            inline = sorted(self._inline(body), key=lambda pair: -pair[0])
            if not inline:
                break
            excess = self._events[body] - _BUDGET
            for events, inner in inline:
                self._distributed.add(inner)
                excess -= events
                if excess <= 0:
                    break
            self._recount(body)
        return self._events[body]

    def _inline(self, body: Block) -> Iterator[tuple[int, Block]]:
        """The outermost inline foreaches of an execution, each with the events it adds to it."""
        pending = [(body, 1)]
        while pending:
            block, times = pending.pop()
            for region in block.items:
                if isinstance(region, ForeachRegion | GangRegion):
                    if region.body not in self._distributed:
                        yield times * self._region(region), region.body
                    continue
                again = times * self._visits if isinstance(region, LoopRegion) else times
                pending.extend((inner, again) for inner in inner_blocks(region))

    def _recount(self, body: Block) -> None:
        """Count the blocks of one execution again; inside a foreach's body nothing has changed."""
        pending = [body]
        own = []
        while pending:
            block = pending.pop()
            own.append(block)
            for region in block.items:
                if not isinstance(region, ForeachRegion | GangRegion):
                    pending.extend(inner_blocks(region))
        for block in reversed(own):
            self._events[block] = self._block(block)

    def _block(self, block: Block) -> int:
        return sum(self._region(region) for region in block.items)

    def _region(self, region: Region) -> int:
        match region:
            case Run(step=step):
                return self._step(step)
            case Again():
                return _CHOICE
            case Leave():
                return 0
            case ForkRegion(arms=arms):
                arm = _ITERATION + _CHOICE
                return _PARALLEL + sum(self._events[block] + arm for block in arms)
            case LoopRegion(body=body):
                return _PASS + self._visits * self._events[body]
            case SwitchRegion():
                return self._switch(region)
            case ForeachRegion(body=body) | GangRegion(body=body):
                if body in self._distributed:
                    return _CHOICE + _DISTRIBUTED_MAP
                each = _ITERATION + _PASS + self._events[body]
                return _CHOICE + _MAP + self._items(region) * each

    def _step(self, name: str) -> int:
        step = self._program.graph.steps[name]
        events = _JOB
        if step.spec.retry is not None:
            events += _FAILED_ATTEMPT * step.spec.retry.times
        if step.spec.catch is not None:
            events += _CAUGHT
        match step.transition:
            case Choose():
                events += _READ + _CHOICE
            case Foreach() | Gang():
                events += _READ
            case _:
                pass
        return events

    def _items(self, region: ForeachRegion | GangRegion) -> int:
        """The most items there can be."""
        fanout = self._program.fanouts.get((region.head, region.key))
        if fanout is None:
            return contract.MAX_NUM_SPLITS
        return fanout.max_num_splits if fanout.length is None else min(fanout.length, fanout.max_num_splits)

    def _switch(self, region: SwitchRegion) -> int:
        """The longest way through the arms, which are in topological order."""
        arm_of: dict[str, int] = {}
        longest: list[int] = []
        for number, arm in enumerate(region.arms):
            before = (longest[arm_of[pred.node]] for pred in arm.preds if pred.node in arm_of)
            longest.append(max(before, default=0) + self._events[arm.block])
            for inner in arm.block.items:
                if isinstance(inner, Run):
                    arm_of[inner.step] = number
                elif isinstance(inner, LoopRegion):
                    arm_of[inner.head] = number
        return max(longest, default=0)
