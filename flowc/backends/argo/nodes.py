"""How many nodes a run has in the engine's books, and how deep they nest.

A node is a pod, a DAG, a group of tasks made by a sequence, or all attempts of a pod together.
Node ids are 32 bits, so that among many nodes two may share one, and then a sibling vanishes.

Invariant: `known` never exceeds what a run that takes every way once really has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.region import (
    ForeachRegion,
    ForkRegion,
    GangRegion,
    LoopRegion,
    Run,
    inner_blocks,
    inside_out,
    outside_in,
)
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.ir.program import Program
    from flowc.ir.region import Block, Region
    from flowc.target.settings import Settings

MAX_NODES = 5_000
_COUNTLESS = 10**12  # nested splits multiply beyond what is worth telling apart
MAX_DEPTH = 90  # the engine nests 100 templates


Nodes = tuple[int, int]  # those that are known, and the most that the limits allow


@dataclass(frozen=True, slots=True)
class Depth:
    """The deepest nesting: loops on the way to it, outermost first, and the levels that are no loop's."""

    loops: tuple[str, ...]
    levels: int
    head: str

    def total(self, max_visits: int) -> int:
        """Templates nested in one another, when every loop makes all its visits."""
        return self.levels + max_visits * len(self.loops)


def count_nodes(
    program: Program, settings: Settings, is_tried: Callable[[str], bool]
) -> tuple[int, int, str]:
    """The nodes of a run, known and at most, and the step whose split makes most of them."""
    found: dict[Block, Nodes] = {}
    widest, head = (0, 0), program.graph.start
    for block in inside_out(program.body):
        known = most = 0
        for region in block.items:
            nodes = _region(region, found, program, settings, is_tried)
            known += nodes[0]
            most += nodes[1]
            if isinstance(region, ForeachRegion | GangRegion | LoopRegion) and nodes >= widest:
                widest, head = nodes, region.head
        found[block] = (min(known, _COUNTLESS), min(most, _COUNTLESS))
    known, most = found[program.body]
    return known + 1, most + 1, head


def _region(
    region: Region,
    found: dict[Block, Nodes],
    program: Program,
    settings: Settings,
    is_tried: Callable[[str], bool],
) -> Nodes:
    inner = [found[block] for block in inner_blocks(region)]
    known, most = sum(n for n, _ in inner), sum(n for _, n in inner)
    match region:
        case Run(step=step):
            # A DAG, the node of all attempts, and the attempts.
            return (3, 4) if is_tried(step) else (1, 1)
        case ForkRegion():
            return known, most
        case ForeachRegion(head=head, key=key) | GangRegion(head=head, key=key):
            fanout = program.fanouts.get((head, key))
            length = None if fanout is None else fanout.length
            limit = settings.max_num_splits if fanout is None else fanout.max_num_splits
            body = 0 if len(region.body.items) == 1 else 1
            items = limit if length is None else length
            return 2 + (length or 1) * (known + body), 2 + items * (most + body)
        case LoopRegion():
            return 1 + known, settings.max_visits * (1 + most)
        case _:
            # Of a choice's arms one is taken.
            return min((n for n, _ in inner), default=0), most


def deepest(program: Program, is_tried: Callable[[str], bool], max_visits: int) -> Depth:
    """The deepest nesting of templates."""
    depths: dict[Block, Depth] = {program.body: Depth((), 1, program.graph.start)}
    found = depths[program.body]
    for block in outside_in(program.body):
        here = depths[block]
        for region in block.items:
            levels = here.levels + 1 + (isinstance(region, Run) and is_tried(region.step))
            reached = Depth(here.loops, levels, here.head)
            for inner in inner_blocks(region):
                depths[inner] = _inside(region, here)
            if reached.total(max_visits) > found.total(max_visits):
                found = reached
    return found


def _inside(region: Region, here: Depth) -> Depth:
    match region:
        case LoopRegion(head=head):
            return Depth((*here.loops, head), here.levels, head)
        case ForeachRegion(head=head) | GangRegion(head=head):
            body = 1 if len(region.body.items) == 1 else 2
            return Depth(here.loops, here.levels + body, head)
        case _:
            return here
