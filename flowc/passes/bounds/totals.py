"""The most tasks of one run, counted from the innermost block outwards.

A foreach of unknown length counts with its limit, a gang of unknown size with the run's workers, a
loop with its visits; of a choice, only the longest way through its arms runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.region import (
    Again,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Run,
    SwitchRegion,
    ends,
    inside_out,
)

if TYPE_CHECKING:
    from flowc.ir.program import Program
    from flowc.ir.region import Block, Region
    from flowc.target.settings import Settings


def total_tasks(program: Program, settings: Settings) -> tuple[int, bool]:
    """The number, and whether it is a bound: whether a run can have fewer."""
    totals: dict[Block, int] = {}
    exact = True
    for block in inside_out(program.body):
        total = 0
        for region in block.items:
            count, known = _total(region, totals, program, settings)
            total += count
            exact = exact and known
        totals[block] = total
    return totals[program.body], not exact


def most_items(region: ForeachRegion | GangRegion, program: Program, settings: Settings) -> tuple[int, bool]:
    """The most bodies of a fan-out, and whether there are always that many."""
    fanout = program.fanouts.get((region.head, region.key))
    if fanout is None:
        gang = isinstance(region, GangRegion)
        return (settings.max_workers if gang else settings.max_num_splits), False
    if fanout.length is None:
        return fanout.max_num_splits, False
    return max(1, fanout.length), True


def _total(
    region: Region, totals: dict[Block, int], program: Program, settings: Settings
) -> tuple[int, bool]:
    match region:
        case Run():
            return 1, True
        case Again() | Leave():
            return 0, True
        case ForkRegion(arms=arms):
            return sum(totals[arm] for arm in arms), True
        case ForeachRegion(body=body) | GangRegion(body=body):
            items, known = most_items(region, program, settings)
            return items * totals[body], known
        case LoopRegion(body=body):
            return settings.max_visits * totals[body], False
        case SwitchRegion():
            return _longest_way(region, totals), False


def _longest_way(region: SwitchRegion, totals: dict[Block, int]) -> int:
    """The most tasks on one way through the arms, which come in topological order."""
    until: dict[str, int] = {region.head: 0}  # tasks up to and with the arm that ends with a node
    everything = sum(totals[arm.block] for arm in region.arms)
    longest = 0
    for arm in region.arms:
        before = max((until.get(pred.node, everything) for pred in arm.preds), default=0)
        so_far = min(everything, before + totals[arm.block])
        longest = max(longest, so_far)
        for end in ends(arm.block):
            until[end.node] = so_far
    return longest
