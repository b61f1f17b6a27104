"""Worker budgets: how many tasks each region of a flow may run at once.

One rule for every target. A region receives w, the run itself W = max-workers, and needs g, the
largest gang in it (1 without one). A foreach of n items runs m = min(n, ⌊w/g⌋, its own limit)
bodies at once, each with ⌊w/m⌋. A split of k arms runs all of them at once, each with ⌊w/k⌋, where
k·g fits the smallest budget it can ever receive, otherwise m = min(k, ⌊w/g⌋) at a time, each with
⌊w/m⌋. A gang of N runs all of its N bodies at once, each with ⌊w/N⌋. Regions in sequence, the arms
of a switch and the visits of a loop each receive the whole of what is around them.

A target that can compute while it runs applies the rule to the number of items that it meets
(`static=False`: the answer holds the worst that can happen). One that cannot (`static=True`) fixes
every share beforehand: a foreach of unknown length with another split inside takes
m = min(⌈√w⌉, ⌊w/g⌋, its limits), so that neither level starves the other.

Invariant: as long as no gang is larger than W, the tasks that run at once under these shares are
never more than W, and no gang is given less than its size. The static shares add up only if every
region that can run at the same time keeps to its own.
"""

from __future__ import annotations

from enum import Enum
from math import isqrt
from typing import TYPE_CHECKING, TypeAlias

from flowc.ir.region import ForeachRegion, ForkRegion, GangRegion, inner_blocks
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.program import Fanouts
    from flowc.ir.region import Block

    Split: TypeAlias = ForkRegion | ForeachRegion | GangRegion

ALL = 0  # the need of a region whose gang has no static size: whatever it receives


class Lowering(Enum):
    """How a target holds the run's limit of tasks at once."""

    STATIC = "static"  # one pool of tasks for the run, and shares fixed beforehand where that does not hold
    DYNAMIC = "dynamic"  # shares computed while the run goes, by the rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The share of one split.

    `workers` is the smallest number it can receive, `at_once` the most bodies or arms that run
    side by side, `inner` the smallest share of one of them. `need` is what one body or arm must
    receive (of a gang: all of its bodies together), `ALL` where that is not static.
    `side_by_side` tells a fork whose arms all run at once, whatever it receives.
    """

    workers: int
    need: int
    at_once: int
    inner: int
    side_by_side: bool


def bodies_at_once(count: int, workers: int, need: int, limit: int | None = None) -> int:
    """The rule itself: how many of `count` bodies run at once, each with `workers // answer`; at least 1."""
    fitting = workers // (need or workers)
    return max(1, min(count, fitting, limit or count))


def budgets(
    body: Block, fanouts: Mapping[tuple[str, str], Fanouts], max_workers: int, *, static: bool
) -> Mapping[tuple[str, str], Budget]:
    """The budget of every split in `body`, by the step that splits and the contract's key of its split."""
    return {share.key: _budget(share) for share in shares(body, fanouts, max_workers, static=static)}


def shares(
    body: Block, fanouts: Mapping[tuple[str, str], Fanouts], max_workers: int, *, static: bool
) -> list[Share]:
    """Every share that each split can come to, each split after the one around it."""
    found = _splits(body)
    _measure(found, fanouts)
    _share(found, fanouts, max_workers, static=static)
    return found


class Share:
    """A split, the innermost one around it, and what the two walks over the flow find out about it.

    `counts` are, for each number of workers that the split can receive, the numbers of bodies or
    arms that it may run at once: for each share of a body, the most.
    """

    __slots__ = ("counts", "inner", "key", "need", "nests", "outer", "received", "region", "together")

    def __init__(self, region: Split, outer: Share | None) -> None:
        self.region = region
        self.outer = outer
        self.key = (region.head, region.key)
        self.need = 1  # of one body or arm, at first
        self.nests = False  # whether another split is inside
        self.together = False
        # Every number it may receive and hand on: a larger budget can mean a smaller share
        # (three for each of two bodies out of 6, five for the only one out of 5).
        self.received: frozenset[int] = frozenset()
        self.inner: frozenset[int] = frozenset()
        self.counts: dict[int, list[int]] = {}


def _splits(body: Block) -> list[Share]:
    """All splits, each after the one around it."""
    found: list[Share] = []
    open_blocks: list[tuple[Block, Share | None]] = [(body, None)]
    while open_blocks:
        block, outer = open_blocks.pop()
        for region in block.items:
            split = outer
            if isinstance(region, ForkRegion | ForeachRegion | GangRegion):
                split = Share(region, outer)
                found.append(split)
            open_blocks.extend((inner, split) for inner in inner_blocks(region))
    return found


def _measure(splits: list[Share], fanouts: Mapping[tuple[str, str], Fanouts]) -> None:
    """Find each split's need, from the innermost outwards."""
    for split in reversed(splits):
        if isinstance(split.region, GangRegion):
            size = _length(fanouts.get(split.key))
            split.need = ALL if size is None else max(1, size) * split.need
        if split.outer is not None:
            split.outer.nests = True
            known = ALL not in (split.need, split.outer.need)
            split.outer.need = max(split.need, split.outer.need) if known else ALL


def _share(
    splits: list[Share], fanouts: Mapping[tuple[str, str], Fanouts], max_workers: int, *, static: bool
) -> None:
    """Hand the run's workers down, from the outermost split inwards."""
    run = frozenset((max(1, max_workers),))
    for split in splits:
        split.received = split.outer.inner if split.outer is not None else run
        split.together = _together(split)
        fanout = fanouts.get(split.key)
        split.counts = {workers: _counts(split, workers, fanout, static=static) for workers in split.received}
        split.inner = frozenset(
            max(1, workers // count) for workers, counts in split.counts.items() for count in counts
        )


def _together(split: Share) -> bool:
    if not isinstance(split.region, ForkRegion):
        return False
    smallest = min(split.received)
    return len(split.region.arms) * (split.need or smallest) <= smallest


def _counts(split: Share, workers: int, fanout: Fanouts | None, *, static: bool) -> list[int]:
    """Every number of bodies that may run at once when the split receives `workers`.

    Only those with different shares are listed, the most for each share.
    """
    match split.region:
        case ForkRegion(arms=arms):
            return [len(arms) if split.together else bodies_at_once(len(arms), workers, split.need)]
        case GangRegion():
            size = _length(fanout)
            if size is not None:
                return [max(1, size)]
            return [workers] if static else _distinct(workers, workers)
        case ForeachRegion():
            limit = None if fanout is None else fanout.max_workers
            most = bodies_at_once(_longest(fanout), workers, split.need, limit)
            if _length(fanout) is not None:
                return [most]
            if static:
                return [min(most, _ceil_sqrt(workers)) if split.nests else most]
            return _distinct(workers, most)


def _distinct(workers: int, most: int) -> list[int]:
    """Of the counts 1 to `most`, the largest of each share `workers // count`: about 2·√w of them."""
    found = []
    count = 1
    while count <= most:
        count = min(workers // max(1, workers // count), most)
        found.append(count)
        count += 1
    return found


def _length(fanout: Fanouts | None) -> int | None:
    return None if fanout is None else fanout.length


def _longest(fanout: Fanouts | None) -> int:
    """The most items a foreach can have: its length, or its limit; more than any budget where nothing is known."""
    if fanout is None:
        return 1 << 62
    return fanout.max_num_splits if fanout.length is None else fanout.length


def _ceil_sqrt(number: int) -> int:
    return isqrt(number - 1) + 1


def _budget(split: Share) -> Budget:
    return Budget(
        workers=min(split.received),
        need=split.need,
        at_once=max(count for counts in split.counts.values() for count in counts),
        inner=min(split.inner),
        side_by_side=split.together,
    )
