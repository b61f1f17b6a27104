"""Loops that regions cannot say: entered in the middle (FC315), or left by a split (FC318)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.passes import explain
from flowc.passes.dominance import dominator_tree
from flowc.passes.search import components

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph
    from flowc.passes.edges import Edge, Edges
    from flowc.passes.loops import Loops
    from flowc.passes.nesting import Nesting


def check_heads(graph: FlowGraph, edges: Edges, nesting: Nesting, back: Sequence[Edge], sink: Sink) -> bool:
    """Whether every loop is entered at its head alone. Edges that disagree with `nesting` are passed over."""
    if not back:
        return True
    dominators = dominator_tree(edges.successors, graph.start)
    wrong = [edge for edge in back if not dominators.dominates(edge.target, edge.source)]
    component: dict[str, int] = {}
    if wrong:
        for number, part in enumerate(components(edges.successors, list(nesting.around))):
            component.update(dict.fromkeys(part, number))
    # A loop around the first step is a fault of its own, reported with single edges.
    explained = {component.get(graph.start)}
    for edge in wrong:
        if nesting.agrees(edge) and component[edge.target] not in explained:
            explained.add(component[edge.target])
            explain.entered_in_the_middle(graph, edge, _second_entry(edge, edges, component), sink)
    return not wrong


def _second_entry(back: Edge, edges: Edges, component: Mapping[str, int]) -> Edge:
    """An edge into the loop from outside that leads to the source of `back` past its head.

    There is one: as the head does not dominate the source, a path from the start comes to it
    past the head, and where it enters the strong component of both is such an edge.
    """
    here = component[back.target]
    found = {back.source: None}
    for step in (pending := list(found)):
        for edge in edges.into[step]:
            if component.get(edge.source) != here:
                return edge
            if edge.source != back.target and edge.source not in found:
                found[edge.source] = None
                pending.append(edge.source)
    raise AssertionError(f"no second entry into the loop of {back.target}")


def check_exits(graph: FlowGraph, edges: Edges, nesting: Nesting, loops: Loops, sink: Sink) -> bool:
    """Whether every split in a loop is joined in the same loop."""
    whole = True
    for split in edges.splits:
        loop = loops.innermost.get(split.head)
        if loop is None or nesting.around[loop.head] is not nesting.around[split.head]:
            continue
        if loops.innermost.get(nesting.joins[split]) is not loop:
            explain.split_leaves_loop(graph, split, loop.head, sink)
            whole = False
    return whole
