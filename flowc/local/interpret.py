"""A program's regions, carried out: which task runs when, and with which path.

The interpreter knows no processes: it asks `run_task` for a task's record and follows what the
record says, as an engine follows the control outputs of a container.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
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

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from flowc.ir.program import Program
    from flowc.ir.region import (
        Block,
        Pred,
        SwitchArm,
    )

    Record: TypeAlias = Mapping[str, object]
    RunTask: TypeAlias = Callable[[str, str, bool], Awaitable[Record]]
    Places: TypeAlias = Callable[[int], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a block ended: the node that came last and the key it chose; `tail` where that was a loop's."""

    node: str
    key: str | None
    loop: bool = False
    tail: Again | Leave | None = None


class Interpreter:
    """Carries out one run. `run_task(step, path, placed)` gives the record of a finished task.

    `places(n)` is a context in which n tasks may run at once. A task takes its own, unless it is
    `placed`: a gang takes the places of all its tasks before one of them starts, so that two gangs
    cannot wait for each other.
    """

    def __init__(self, program: Program, run_task: RunTask, places: Places) -> None:
        self._program = program
        self._run_task = run_task
        self._places = places
        self._splits: dict[tuple[str, str], int] = {}

    async def run(self) -> None:
        """Run the whole flow. What `run_task` raises ends it."""
        await self._block(self._program.body, contract.ROOT, placed=False)

    async def _block(self, block: Block, path: str, *, placed: bool) -> Outcome:
        outcome = Outcome("", None)
        for region in block.items:
            match region:
                case Run(step=step):
                    outcome = await self._step(step, path, placed=placed)
                case ForkRegion(arms=arms):
                    await _all([self._block(arm, path, placed=placed) for arm in arms])
                case ForeachRegion(head=head, body=body):
                    paths = self._item_paths(head, path)
                    await _all([self._block(body, item, placed=placed) for item in paths])
                case GangRegion(head=head, body=body):
                    paths = self._item_paths(head, path)
                    async with self._places(len(paths)):
                        await _all([self._block(body, item, placed=True) for item in paths])
                case LoopRegion():
                    outcome = await self._loop(region, path, placed=placed)
                case SwitchRegion():
                    outcome = await self._switch(region, outcome, path, placed=placed)
                case Again() | Leave():
                    return Outcome(outcome.node, outcome.key, tail=region)
                case _:
                    assert_never(region)
            if outcome.tail is not None:
                return outcome
        return outcome

    async def _step(self, step: str, path: str, *, placed: bool) -> Outcome:
        record = await self._run_task(step, path, placed)
        splits = record.get("splits")
        if isinstance(splits, int):
            self._splits[step, path] = splits
        key = record.get("next")
        return Outcome(step, key if isinstance(key, str) else None)

    def _item_paths(self, head: str, path: str) -> list[str]:
        return [contract.item_path(path, index) for index in range(self._splits.pop((head, path)))]

    async def _loop(self, loop: LoopRegion, path: str, *, placed: bool) -> Outcome:
        visit = 0
        while True:
            outcome = await self._block(loop.body, contract.visit_path(path, visit), placed=placed)
            if isinstance(outcome.tail, Leave):
                return Outcome(loop.head, outcome.tail.key, loop=True)
            visit += 1

    async def _switch(self, switch: SwitchRegion, outcome: Outcome, path: str, *, placed: bool) -> Outcome:
        while True:
            if _comes_by(switch.merge_preds, outcome):
                return outcome
            arm = _chosen(switch, outcome)
            outcome = await self._arm(arm, outcome, path, placed=placed)
            if outcome.tail is not None:
                return outcome

    async def _arm(self, arm: SwitchArm, before: Outcome, path: str, *, placed: bool) -> Outcome:
        outcome = await self._block(arm.block, path, placed=placed)
        # An arm that is only the tail of a loop has no node of its own.
        return outcome if outcome.node else Outcome(before.node, before.key, tail=outcome.tail)


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


async def _all(bodies: list[Awaitable[Outcome]]) -> None:
    """Run all side by side; when one fails, the others are cancelled and waited for."""
    tasks = [asyncio.ensure_future(body) for body in bodies]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
