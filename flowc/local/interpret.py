"""A program's regions, carried out: which task runs when, and with which path.

The interpreter knows no processes: it asks `run_task` for a task's record and follows what the
record says, as an engine follows the control outputs of a container.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias, assert_never

from flowc import contract
from flowc.ir.region import (
    Again,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Run,
    SwitchRegion,
)
from flowc.local.places import Places
from flowc.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from contextlib import AbstractAsyncContextManager

    from flowc.ir.program import Program
    from flowc.ir.region import (
        Block,
        Pred,
        SwitchArm,
    )

    Record: TypeAlias = Mapping[str, object]
    RunTask: TypeAlias = Callable[[str, str, bool, bool], Awaitable[tuple[Record, bool]]]
    TakePlaces: TypeAlias = Callable[[int], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How a block is entered: see `Interpreter` for both words."""

    placed: bool
    fresh: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a block ended: the node that came last, a step or a loop's head if `loop`, and the key it chose.

    `fresh`: something in it, or before it, ran in this run, so that what follows must run too. `tail` is
    how it goes on or leaves the loop around it, if it ended so.
    """

    node: str
    key: str | None
    fresh: bool
    loop: bool = False
    tail: Again | Leave | None = None


class Interpreter:
    """Carries out one run. `run_task(step, path, placed, fresh)` gives a finished task's record, and whether it ran.

    `places(n)` is a context in which n tasks may run at once. A task takes its own, unless it is
    `placed`: a gang takes the places of all its tasks before one of them starts, so that two gangs
    cannot wait for each other. A task that is not `fresh` may be taken over from an earlier run.
    """

    def __init__(self, program: Program, run_task: RunTask, places: TakePlaces) -> None:
        self._program = program
        self._run_task = run_task
        self._places = places
        self._splits: dict[tuple[str, str], int] = {}

    async def run(self) -> None:
        """Run the whole flow. What `run_task` raises ends it."""
        await self._block(self._program.body, contract.ROOT, _Way(placed=False, fresh=False))

    async def _block(self, block: Block, path: str, way: _Way) -> Outcome:
        outcome = Outcome("", None, way.fresh)
        for region in block.items:
            way = replace(way, fresh=outcome.fresh)
            match region:
                case Run(step=step):
                    outcome = await self._step(step, path, way)
                case ForkRegion(arms=arms):
                    ends = await _all([self._block(arm, path, way) for arm in arms])
                    outcome = replace(outcome, fresh=ends)
                case ForeachRegion():
                    outcome = replace(outcome, fresh=await self._foreach(region, path, way))
                case GangRegion():
                    outcome = replace(outcome, fresh=await self._gang(region, path, way))
                case LoopRegion():
                    outcome = await self._loop(region, path, way)
                case SwitchRegion():
                    outcome = await self._switch(region, outcome, path, way)
                case Again() | Leave():
                    return replace(outcome, loop=False, tail=region)
                case _:
                    assert_never(region)
            if outcome.tail is not None:
                return outcome
        return outcome

    async def _step(self, step: str, path: str, way: _Way) -> Outcome:
        record, ran = await self._run_task(step, path, way.placed, way.fresh)
        splits = record.get("splits")
        if isinstance(splits, int):
            self._splits[step, path] = splits
        key = record.get("next")
        return Outcome(step, key if isinstance(key, str) else None, way.fresh or ran)

    async def _foreach(self, region: ForeachRegion, path: str, way: _Way) -> bool:
        paths = self._item_paths(region.head, path)
        known = self._program.fanouts.get((region.head, region.key))
        own = known.max_workers if known else None
        if own is None or own >= len(paths):
            return await _all([self._block(region.body, item, way) for item in paths])
        bodies = Places(own)

        async def body(item: str) -> Outcome:
            async with bodies.take(1):
                return await self._block(region.body, item, way)

        return await _all([body(item) for item in paths])

    async def _gang(self, region: GangRegion, path: str, way: _Way) -> bool:
        paths = self._item_paths(region.head, path)
        together = replace(way, placed=True)
        async with self._places(len(paths)):
            return await _all([self._block(region.body, item, together) for item in paths])

    def _item_paths(self, head: str, path: str) -> list[str]:
        return [contract.item_path(path, index) for index in range(self._splits.pop((head, path)))]

    async def _loop(self, loop: LoopRegion, path: str, way: _Way) -> Outcome:
        visit = 0
        while True:
            outcome = await self._block(loop.body, contract.visit_path(path, visit), way)
            if isinstance(outcome.tail, Leave):
                return Outcome(loop.head, outcome.tail.key, outcome.fresh, loop=True)
            way = replace(way, fresh=outcome.fresh)
            visit += 1

    async def _switch(self, switch: SwitchRegion, outcome: Outcome, path: str, way: _Way) -> Outcome:
        while True:
            if _comes_by(switch.merge_preds, outcome):
                return outcome
            arm = _chosen(switch, outcome)
            outcome = await self._arm(arm, outcome, path, replace(way, fresh=outcome.fresh))
            if outcome.tail is not None:
                return outcome

    async def _arm(self, arm: SwitchArm, before: Outcome, path: str, way: _Way) -> Outcome:
        outcome = await self._block(arm.block, path, way)
        # An arm that is only the tail of a loop has no node of its own.
        return outcome if outcome.node else replace(before, loop=False, tail=outcome.tail)


def _comes_by(preds: tuple[Pred, ...], outcome: Outcome) -> bool:
    return any(
        pred.node == outcome.node and pred.loop == outcome.loop and pred.key in (None, outcome.key)
        for pred in preds
    )


def _chosen(switch: SwitchRegion, outcome: Outcome) -> SwitchArm:
    for arm in switch.arms:
        if _comes_by(arm.preds, outcome):
            return arm
    raise AssertionError(f"no arm of the choice at {switch.head} is entered from {outcome}")


async def _all(bodies: list[Coroutine[None, None, Outcome]]) -> bool:
    """Run all side by side; whether any ran anew. When one fails, the others are cancelled and waited for."""
    tasks = [asyncio.ensure_future(body) for body in bodies]
    try:
        ends = await asyncio.gather(*tasks)
        return any(outcome.fresh for outcome in ends)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
