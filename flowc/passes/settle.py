"""What of a flow with faults can still be judged, as if they were mended.

A broken step may lead anywhere its place allows. Mended, the flow is well nested: such a step goes on
inside the branches that are open around it, into the join that closes one of them, or to steps
that no known transition leads to (and on from there). It goes back to a step that leads to it only
if a choice between them leaves the loop. All other steps are entered as the graph says, and what
is found of them holds.

Where splits are not joined as they must be, nothing is sure of how any step is entered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.graph import Choose
from flowc.passes.structure.edges import Edges
from flowc.passes.structure.misnested import is_nested
from flowc.passes.structure.nesting import Nesting
from flowc.passes.structure.search import DepthFirst, components
from flowc.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.ir.graph import FlowGraph
    from flowc.ir.region import Block
    from flowc.passes.structure.edges import Branch


def settle(graph: FlowGraph, body: Block | None) -> FlowGraph:
    """The graph with its `unsettled` steps. `body` is its structure, None where it has none."""
    if body is not None:
        return graph
    edges = Edges(graph)
    nesting = Nesting(graph, edges, DepthFirst(edges.successors, graph.start))
    if not graph.broken or not is_nested(graph, edges, nesting):
        return replace(graph, unsettled=frozenset(graph.steps))
    return replace(graph, unsettled=frozenset(_entered_elsewhere(graph, edges, nesting)))


def _entered_elsewhere(graph: FlowGraph, edges: Edges, nesting: Nesting) -> Iterator[str]:
    before = _straight_to_all_broken(graph, edges, nesting)
    doubt = nesting.doubt(graph)
    for name in graph.steps:
        if any(edge.source not in nesting.around for edge in edges.into[name]) or (
            name not in before and _is_within_reach(name, graph, nesting, doubt)
        ):
            yield name


def _is_within_reach(name: str, graph: FlowGraph, nesting: Nesting, doubt: set[Branch]) -> bool:
    """Whether a broken step may lead to a step by their places."""
    if name not in nesting.around:
        return True
    split = nesting.closes.get(name)
    if split is not None:
        return split.head in graph.broken or not doubt.isdisjoint(split.branches)
    return nesting.around[name] is None or nesting.around[name] in doubt


def _straight_to_all_broken(graph: FlowGraph, edges: Edges, nesting: Nesting) -> set[str]:
    """The first step, and those that lead to every broken step that is reached, without a choice on the way.

    Sets of broken steps are masks, so that this is near-linear.
    """
    broken = [name for name in nesting.around if name in graph.broken]
    bits = {name: 1 << number for number, name in enumerate(broken)}
    led_to: dict[str, int] = {}
    by_choice: dict[str, int] = {}
    for part in components(edges.successors, nesting.around):
        mask = chosen = 0
        for name in part:
            mask |= bits.get(name, 0)
            for after in edges.successors[name]:
                mask |= led_to.get(after, 0)
                chosen |= by_choice.get(after, 0)
        if any(isinstance(graph.steps[name].transition, Choose) for name in part):
            chosen = mask
        led_to.update(dict.fromkeys(part, mask))
        by_choice.update(dict.fromkeys(part, chosen))
    everything = (1 << len(broken)) - 1
    straight = (name for name, mask in led_to.items() if mask == everything and not by_choice[name])
    return {graph.start, *straight}
