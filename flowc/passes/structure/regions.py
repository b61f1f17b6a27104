"""From a flow graph to nested regions (`ir.region` says what they mean).

The steps are cut into scopes (`scopes`), innermost scopes become blocks first, and each block
then stands in a region of the scope around it. In one scope, `layout` says which choices
are regions and what stands in them; the blocks are then laid from the end: nodes are taken
in reverse topological order, so that what follows a node is always built.

Everything is near-linear, no path is enumerated and nothing recurses. What cannot be structured
has been reported by the checks before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.graph import Foreach, Fork, Gang
from flowc.ir.region import (
    Block,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    LoopRegion,
    Pred,
    Run,
    SwitchArm,
    SwitchRegion,
)
from flowc.passes.structure.edges import Edges
from flowc.passes.structure.layout import Layout
from flowc.passes.structure.loop_checks import check_exits, check_heads
from flowc.passes.structure.loops import Loops, goes_back
from flowc.passes.structure.misnested import check_nesting
from flowc.passes.structure.nesting import Nesting
from flowc.passes.structure.scopes import Scopes
from flowc.passes.structure.search import DepthFirst, reachable, reversed_edges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph
    from flowc.ir.region import Region
    from flowc.passes.structure.edges import Branch, Split
    from flowc.passes.structure.loops import Loop
    from flowc.passes.structure.scopes import Node, Scope, Way


def structure(graph: FlowGraph, sink: Sink) -> Block | None:
    """The flow's regions; None where it has none, which is reported, or where a step of it is broken.

    `graph` is as `check_reachability` gives it. What that reported of the flow's first step, of
    splits without a body and of steps that never come to the end leaves no regions either.
    """
    edges = Edges(graph)
    tree = DepthFirst(edges.successors, graph.start)
    ending = reachable(reversed_edges(edges.successors), [graph.end])
    nesting = Nesting(graph, edges, tree)
    back = [edge for step in tree.order for edge in edges.out[step] if goes_back(edge, tree)]
    well_nested = check_nesting(graph, edges, nesting, back, sink)
    if not check_heads(graph, edges, nesting, back, sink) or not well_nested:
        return None
    if graph.broken or edges.into[graph.start] or not ending.issuperset(tree.order):
        return None
    loops = Loops(edges, tree, back)
    if not check_exits(graph, edges, nesting, loops, sink):
        return None
    return _flow_block(Scopes(graph, edges, nesting, loops))


def _flow_block(scopes: Scopes) -> Block:
    """The block of the whole flow, after those of all scopes inside it."""
    inner: dict[Branch | Loop | None, Block] = {}
    for scope in reversed(list(scopes)):
        inner[scope.branch or scope.loop] = _Laying(scope, inner).block()
    return inner[None]


class _Laying:
    """The block of one scope, laid from its end.

    `_items` holds what follows from each node that is done, last first, until it is taken by
    the node before; `_arms` the arms found for each region, with their places in its order.
    """

    __slots__ = ("_arms", "_inner", "_items", "_layout", "_preds", "_ways_out")

    def __init__(self, scope: Scope, inner: Mapping[Branch | Loop | None, Block]) -> None:
        self._inner = inner
        self._layout = Layout(scope.nodes)
        self._items: dict[Node, list[Region]] = {}
        self._arms: dict[Node | None, list[tuple[int, int, SwitchArm]]] = {}
        self._preds: dict[Node, list[Pred]] = {}
        self._ways_out: list[Pred] = []
        for node in self._layout.order:
            self._note_ways(node)

    def block(self) -> Block:
        """Lay every node, the last first; the entry is then the whole."""
        for node in reversed(self._layout.order):
            self._lay(node)
        return self._taken(self._layout.order[0])

    def _note_ways(self, node: Node) -> None:
        for way in node.out:
            pred = Pred(node.name, way.key if node.chooses else None, loop=node.loop is not None)
            if way.to is None and way.tail is None:
                self._ways_out.append(pred)
            elif way.to is not None and way.split is None:
                self._preds.setdefault(way.to, []).append(pred)

    def _lay(self, node: Node) -> None:
        items: list[Region] = []
        if node.chooses:
            self._add_arms_without_node(node)
            if node in self._layout.merge:
                items = self._with_switch(node)
        elif node.out:
            items = self._following(node.out[0])
        items.append(self._region_of(node))
        self._items[node] = items
        if node in self._layout.begins_arm:
            arm = SwitchArm(node.name, tuple(self._preds[node]), self._taken(node))
            self._add_arm(self._layout.region[node], self._layout.position[node], 0, arm)

    def _following(self, way: Way) -> list[Region]:
        """What comes after a node by the only `way`, last first."""
        if way.tail is not None:
            return [way.tail]
        if way.to is None or (way.split is None and way.to.entries > 1):
            return []
        items = self._items.pop(way.to)
        if way.split is not None:
            items.append(self._split_region(way.split, way.to.name))
        return items

    def _with_switch(self, choice: Node) -> list[Region]:
        """The region of a choice and what follows where its arms meet, last first."""
        merge = self._layout.merge[choice]
        arms = sorted(self._arms.pop(choice, []), key=lambda arm: arm[:2])
        switch = SwitchRegion(
            head=choice.name,
            arms=tuple(arm for _, _, arm in arms),
            merge=merge.name if merge else None,
            merge_preds=tuple(self._preds[merge] if merge else self._ways_out),
            loop=choice.loop is not None,
        )
        return [*(self._items.pop(merge) if merge else ()), switch]

    def _add_arms_without_node(self, choice: Node) -> None:
        """The arms of a choice that begin with a split or are a tail alone."""
        region = choice if choice in self._layout.merge else self._layout.region[choice]
        for number, way in enumerate(choice.out, 1):
            if way.split is None and way.tail is None:
                continue
            name = f"{choice.name}{'~' if choice.loop else ''}:{way.key}"
            pred = Pred(choice.name, way.key, loop=choice.loop is not None)
            arm = SwitchArm(name, (pred,), Block(tuple(reversed(self._following(way)))))
            self._add_arm(region, self._layout.position[choice], number, arm)

    def _add_arm(self, region: Node | None, position: int, number: int, arm: SwitchArm) -> None:
        self._arms.setdefault(region, []).append((position, number, arm))

    def _taken(self, node: Node) -> Block:
        return Block(tuple(reversed(self._items.pop(node))))

    def _region_of(self, node: Node) -> Region:
        if node.loop is None:
            return Run(node.name)
        exits = tuple(way.key for way in node.out if way.key is not None)
        return LoopRegion(node.name, self._inner[node.loop], exits)

    def _split_region(self, split: Split, join: str) -> Region:
        arms = tuple(self._inner[branch] for branch in split.branches)
        match split.transition:
            case Fork():
                return ForkRegion(split.head, arms, join, split.key)
            case Foreach():
                return ForeachRegion(split.head, arms[0], join, split.key)
            case Gang():
                return GangRegion(split.head, arms[0], join, split.key)
