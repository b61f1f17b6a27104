"""What may come to a step by a way that the graph does not say (`passes.settle`).

Such a way begins at a broken step, and brings what that step and all that lead to it assign; anything,
where it may lead over steps that are still to be written. Where splits are not joined as they must
be, it may begin anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.passes.artifacts.standing import united
from flowc.passes.structure.search import reachable, reversed_edges

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph, Step
    from flowc.passes.artifacts.effects import Effects
    from flowc.passes.artifacts.names import Names
    from flowc.passes.structure.edges import Edges


class Doubtful(NamedTuple):
    """Masks of names: those that such a way may bring, and those that it surely has, as it needs them."""

    brought: int = 0
    needed: int = 0


def doubtful(graph: FlowGraph, names: Names, effects: Effects, edges: Edges) -> Doubtful:
    """The names of which it is in doubt whether an unsettled step of the graph finds them."""
    if graph.lacking:
        return Doubtful(names.everything, names.everything)
    sources = set(graph.steps)
    if graph.start not in graph.unsettled:
        sources = reachable(reversed_edges(edges.successors), graph.broken)
    brought = needed = 0
    for name in sources if graph.unsettled else ():
        assigned, needs = _decided(graph.steps[name], names, effects)
        brought |= assigned
        needed |= needs
    return Doubtful(brought, needed)


def _decided(step: Step, names: Names, effects: Effects) -> tuple[int, int]:
    """The names that a step assigns or deletes, or that unseen code in it may; those that it needs."""
    if step.spec.kept:
        return names.everything, 0
    at_end = united(effects[step.name].at_end.values())
    caught = 0
    if step.spec.catch is not None:
        at_end = effects.cut_short(step.body)
        caught = names.bit(step.spec.catch.var or "")
    if at_end is None:
        return caught, 0
    return caught | at_end.assigned | at_end.hidden | at_end.deleted, at_end.proven
