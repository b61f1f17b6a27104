"""Loops that regions cannot say: entered in the middle (FC315), or left by a split (FC318)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.passes.structure import explain
from flowc.passes.structure.dominance import dominator_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph
    from flowc.passes.structure.dominance import DominatorTree
    from flowc.passes.structure.edges import Edge, Edges
    from flowc.passes.structure.loops import Loops
    from flowc.passes.structure.nesting import Nesting


def check_heads(graph: FlowGraph, edges: Edges, nesting: Nesting, back: Sequence[Edge], sink: Sink) -> bool:
    """Whether every loop is entered at its head alone. Edges that disagree with `nesting` are passed over."""
    if not back:
        return True
    dominators = dominator_tree(edges.successors, graph.start)
    wrong = [edge for edge in back if not dominators.dominates(edge.target, edge.source)]
    explained: set[str] = set()
    for edge in wrong:
        if nesting.agrees(edge) and edge.target not in explained:
            entry, loop = _second_entry(edge, edges, dominators)
            explained |= loop
            explain.entered_in_the_middle(graph, edge, entry, sink)
    return not wrong


def _second_entry(back: Edge, edges: Edges, dominators: DominatorTree[str]) -> tuple[Edge, set[str]]:
    """An edge from outside into the loop of `back`, past its head, and the steps of the loop.

    Let `d` be the nearest step that dominates both ends of `back`. Below it, `ahead` is what the
    head leads to. A path from `d` to the source past the head exists, as the head does not
    dominate the source; where it comes into `ahead`, it enters the loop.
    """
    head, source = back.target, back.source
    d = dominators.immediate[head]
    while not dominators.dominates(d, source):
        d = dominators.immediate[d]
    ahead = {head}
    for step in (pending := [head]):
        for edge in edges.out[step]:
            if edge.target not in ahead and edge.target != d and dominators.dominates(d, edge.target):
                ahead.add(edge.target)
                pending.append(edge.target)
    loop = {source}
    entry: Edge | None = None
    for step in (pending := [source]):
        for edge in edges.into[step]:
            if edge.source not in dominators:
                continue  # nothing known leads there
            if edge.source not in ahead:
                entry = entry or edge
            elif edge.source != head and edge.source not in loop:
                loop.add(edge.source)
                pending.append(edge.source)
    if entry is None:
        raise AssertionError(f"no second entry into the loop of {head}")
    return entry, loop | {head}


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
