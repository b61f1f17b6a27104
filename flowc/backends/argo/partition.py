"""Cutting a large flow so that no DAG has more tasks than the engine handles well.

A block is a sequence of units: a step or loop with the regions that follow it. All units but the
last can move, in groups, into DAGs of their own, one after the other; the last one stays, since
what follows the block (a join, a choice, the next visit of a loop) looks at its tasks. A fork with
many tasks becomes a DAG of its own.

Invariant: what stands outside a block never names a task that was moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.region import ForkRegion, Leave, LoopRegion, Run, SwitchRegion, inside_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.ir.region import Block, Region

MAX_TASKS = 200  # of one DAG
_SCOPE = 180  # tasks of a whole scope, with room for what the cuts add
_ARM = 20  # tasks of an arm that stands among others
_FORK = 60  # tasks of a fork inside a larger DAG


def partition(body: Block, steps: int) -> tuple[dict[Block, tuple[int, ...]], set[tuple[str, str]]]:
    """Where to cut: how many leading items of a block go into each part, and the forks to set apart.

    Nothing is cut in a flow with few steps.
    """
    parts: dict[Block, tuple[int, ...]] = {}
    forks: set[tuple[str, str]] = set()
    if steps <= _SCOPE:
        return parts, forks
    arms = _arm_blocks(body)
    weights: dict[Block, int] = {}
    for block in inside_out(body):
        for region in block.items:
            if isinstance(region, ForkRegion) and sum(weights[arm] for arm in region.arms) > _FORK:
                forks.add((region.head, region.key))
        sizes = [_weight(region, weights, forks) for region in block.items]
        limit = _ARM if block in arms else _SCOPE
        if sum(sizes) > limit:
            parts[block], sizes = _cut(block, sizes)
        weights[block] = sum(sizes)
    return parts, forks


def _arm_blocks(body: Block) -> set[Block]:
    found: set[Block] = set()
    for block in inside_out(body):
        for region in block.items:
            if isinstance(region, ForkRegion):
                found.update(region.arms)
            elif isinstance(region, SwitchRegion):
                found.update(arm.block for arm in region.arms)
    return found


def _weight(region: Region, weights: dict[Block, int], forks: set[tuple[str, str]]) -> int:
    """The tasks that a region adds to the DAG around it."""
    if isinstance(region, ForkRegion):
        return 1 if (region.head, region.key) in forks else sum(weights[arm] for arm in region.arms)
    if isinstance(region, SwitchRegion):
        return sum(weights[arm.block] for arm in region.arms)
    return 0 if isinstance(region, Leave) else 1


def _cut(block: Block, sizes: list[int]) -> tuple[tuple[int, ...], list[int]]:
    """The numbers of items in each part, and the sizes that remain."""
    units = list(_units(block))
    groups: list[int] = []
    filled = _SCOPE
    for first, end in units[:-1]:
        size = sum(sizes[first:end])
        if filled + size > _SCOPE:
            groups.append(0)
            filled = 0
        groups[-1] += end - first
        filled += size
    return tuple(groups), [1] * len(groups) + sizes[units[-1][0] :]


def _units(block: Block) -> Iterator[tuple[int, int]]:
    """Ranges of items that belong together: what begins after a step needs its outputs."""
    first = 0
    for index, region in enumerate(block.items):
        if index > first and isinstance(region, Run | LoopRegion):
            yield first, index
            first = index
    yield first, len(block.items)
