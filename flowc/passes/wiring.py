"""How each step's tasks find their inputs, in the words of `contract` (ENV_INPUTS, ENV_TELLS).

A task that can have only one predecessor, at a path that follows from its own, looks there. In
every other case the predecessor tells it: where several steps may come before, or where one
leaves a loop, whose last visit nobody after it can know.

A step's place is the innermost level of its path; a level knows the one outside it, so that the way
of an edge through the levels is found by climbing and no path is ever built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.contract import escape_name
from flowc.ir.program import Wiring
from flowc.ir.region import ForeachRegion, ForkRegion, GangRegion, LoopRegion, Run, inner_blocks
from flowc.passes.structure.edges import Edges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.ir.graph import FlowGraph
    from flowc.ir.region import Block, Region
    from flowc.passes.structure.edges import Edge


def wire(graph: FlowGraph, body: Block) -> Mapping[str, Wiring]:
    """The wiring of every step. `body` is the graph's structure."""
    edges = Edges(graph)
    places = _Places(body)
    inputs: dict[str, str] = {}
    told: dict[Edge, str] = {}
    for step in graph.steps:
        inputs[step] = _inputs(step, edges.into[step], places, told)
    return {
        step: Wiring(
            inputs=inputs[step],
            tells=",".join(told[edge] for edge in edges.out[step] if edge in told),
            depth=places.level[step].depth,
            in_foreach=places.level[step].in_foreach,
        )
        for step in graph.steps
    }


class _Level:
    """A level of a path: of a `loop`, or of a foreach or gang; the outermost is neither."""

    __slots__ = ("depth", "in_foreach", "loop", "outer")

    def __init__(self, outer: _Level | None, *, loop: bool = False) -> None:
        self.outer = outer
        self.loop = loop
        self.depth: int = outer.depth + 1 if outer else 0
        self.in_foreach: bool = outer is not None and (outer.in_foreach or not loop)


class _Places:
    """The `level` of each step, the level of each loop by head, and how joins and forks meet.

    `arm` is the first step of the innermost fork's arm around a step; `closes` the region that a
    join ends.
    """

    __slots__ = ("arm", "closes", "level", "loops")

    def __init__(self, body: Block) -> None:
        self.level: dict[str, _Level] = {}
        self.loops: dict[str, _Level] = {}
        self.arm: dict[str, str] = {}
        self.closes: dict[str, ForkRegion | ForeachRegion | GangRegion] = {}
        pending = [(body, _Level(None), "")]
        while pending:
            block, level, arm = pending.pop()
            for region in block.items:
                pending.extend(self._inside(region, level, arm))

    def _inside(self, region: Region, level: _Level, arm: str) -> list[tuple[Block, _Level, str]]:
        """Note where a region's step or join stands; the blocks inside it, with their places."""
        match region:
            case Run(step=step):
                self.level[step] = level
                self.arm[step] = arm
            case ForkRegion(arms=arms, join=join, key=key):
                self.closes[join] = region
                return [(block, level, first) for block, first in zip(arms, key.split("+"), strict=True)]
            case ForeachRegion(body=body, join=join) | GangRegion(body=body, join=join):
                self.closes[join] = region
                return [(body, _Level(level), "")]
            case LoopRegion(head=head, body=body):
                self.loops[head] = _Level(level, loop=True)
                return [(body, self.loops[head], arm)]
            case _:
                pass
        return [(block, level, arm) for block in inner_blocks(region)]

    def route(self, edge: Edge) -> tuple[str, bool]:
        """How the path changes along an edge: operations on loops, and whether an item ends.

        An edge that opens a branch ends nothing: its target looks at its own path.
        """
        if edge.branch is not None:
            return "", False
        level = self.level[edge.source]
        target = self.level[edge.target]
        loop = self.loops.get(edge.target)
        around = target.outer if loop else target  # where the edge arrives from outside
        operations = ""
        while level is not around and level is not loop and level.loop and level.outer:
            operations += contract.LEAVE
            level = level.outer
        if level is loop:
            return operations + contract.AGAIN, False
        if loop is not None:
            operations += contract.ENTER
        return operations, level is not around


def _inputs(step: str, into: Sequence[Edge], places: _Places, told: dict[Edge, str]) -> str:
    """The step's FLOWC_INPUTS; the edges along which it is told go to `told` with their words."""
    region = places.closes.get(step)
    if region is None:
        return _of_plain_step(step, into, places, told)
    head = escape_name(region.head)
    if not isinstance(region, ForkRegion):
        return f"{_source(step, into, places, told)}@{head}"
    by_arm: dict[str, list[Edge]] = {first: [] for first in region.key.split("+")}
    for edge in into:
        by_arm[places.arm[edge.source]].append(edge)
    return ",".join(_source(step, arm, places, told, first) for first, arm in by_arm.items())


def _source(
    step: str, into: Sequence[Edge], places: _Places, told: dict[Edge, str], arm: str | None = None
) -> str:
    """Who comes before a join in one arm or item: the one step that may, or who tells."""
    if len(into) == 1 and not places.route(into[0])[0]:
        return escape_name(into[0].source)
    mark = "" if arm is None else f":{arm}"
    _tell(step, into, places, told, mark)
    return contract.FROM + mark


def _of_plain_step(step: str, into: Sequence[Edge], places: _Places, told: dict[Edge, str]) -> str:
    loop = places.loops.get(step)
    back = [edge for edge in into if loop and places.route(edge)[0].endswith(contract.AGAIN)]
    entries = [edge for edge in into if edge not in back]
    if not into:
        return ""
    if len(entries) != 1 or contract.LEAVE in places.route(entries[0])[0]:
        _tell(step, into, places, told)
        return contract.FROM
    entry = entries[0]
    outside = "../" if entry.branch and entry.branch.split.many else ""
    word = outside + escape_name(entry.source)
    if not back:
        return word
    _tell(step, back, places, told)
    return f"{word}~{contract.FROM}"


def _tell(step: str, into: Sequence[Edge], places: _Places, told: dict[Edge, str], mark: str = "") -> None:
    """Note that `step` is told along these edges: `[../]STEP[:ARM][~OPERATIONS]`."""
    for edge in into:
        operations, ends_item = places.route(edge)
        word = ("../" if ends_item else "") + escape_name(step) + mark
        told[edge] = f"{word}~{operations}" if operations else word
