"""Which splits must keep to the shares that were fixed for them, on a target with one pool of tasks.

A pool counts the tasks that run and holds the run's limit by itself, so a split needs no share of
its own. Two kinds of step escape or upset it: one that is tried again (the next attempt is not
counted) and a gang (which holds its workers while it waits for more). Where such a step can run,
every split that can run beside it keeps to its share, so that the shares add up.

Invariant: what runs at the same time as an attempt that is not counted is a share of one budget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.region import ForeachRegion, ForkRegion, GangRegion, Run, inner_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.ir.region import Block

SplitKey = tuple[str, str]  # a split's head and its key in `contract`


def kept_splits(body: Block, is_tried_again: Callable[[str], bool]) -> frozenset[SplitKey]:
    """The splits that keep to their shares: all inside an outermost split with such a step in it."""
    members: dict[SplitKey, list[SplitKey]] = {}
    upset: set[SplitKey] = set()
    open_blocks: list[tuple[Block, SplitKey | None]] = [(body, None)]
    while open_blocks:
        block, outermost = open_blocks.pop()
        for region in block.items:
            inside = outermost
            if isinstance(region, ForkRegion | ForeachRegion | GangRegion):
                key = (region.head, region.key)
                inside = outermost or key
                members.setdefault(inside, []).append(key)
            if inside is not None and _upsets(region, is_tried_again):
                upset.add(inside)
            open_blocks.extend((inner, inside) for inner in inner_blocks(region))
    return frozenset(key for outermost in upset for key in members[outermost])


def _upsets(region: object, is_tried_again: Callable[[str], bool]) -> bool:
    return isinstance(region, GangRegion) or (isinstance(region, Run) and is_tried_again(region.step))
