"""All that the artifact checks know of one flow, found once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.passes.artifacts.effects import Effects
from flowc.passes.artifacts.flow import Flow
from flowc.passes.artifacts.names import Names
from flowc.passes.reaching import Reaching
from flowc.passes.structure.edges import Edges
from flowc.passes.structure.nesting import Nesting
from flowc.passes.structure.search import DepthFirst

if TYPE_CHECKING:
    from typing import TypeAlias

    from flowc.ir.body import Event
    from flowc.ir.graph import FlowGraph
    from flowc.passes.structure.edges import Branch
    from flowc.source import Span

    # Of one method: the first event of each kind and name, and the methods it calls.
    Firsts: TypeAlias = tuple[dict[tuple[type[Event], str], Span], tuple[str, ...]]


class Facts:
    """The graph, its edges and nesting, what each step does and finds."""

    __slots__ = ("_in_foreach", "edges", "effects", "firsts", "flow", "graph", "names", "nesting", "reaching")

    def __init__(self, graph: FlowGraph) -> None:
        self.graph = graph
        self.edges = Edges(graph)
        tree = DepthFirst(self.edges.successors, graph.start)
        self.nesting = Nesting(graph, self.edges, tree)
        self.names = Names(graph)
        self.effects = Effects(graph, self.names)
        self.flow = Flow(graph, self.names, self.effects, self.edges, tree, self.nesting)
        self.reaching = Reaching(graph, self.edges)
        self.firsts: dict[str, Firsts] = {}  # by the method's name, filled when a message asks
        self._in_foreach: dict[Branch | None, bool] = {None: False}

    def knows_place(self, step: str) -> bool:
        """Whether the branches around a step are known."""
        return step in self.nesting.around and self.graph.start not in self.graph.unsettled

    def is_in_foreach(self, step: str) -> bool:
        """Whether a foreach or a gang is around a step."""
        chain = []
        branch = self.nesting.around.get(step)
        while branch not in self._in_foreach:
            chain.append(branch)
            branch = self.nesting.outside(branch)
        inside = self._in_foreach[branch]
        for inner in reversed(chain):
            inside = inside or (inner is not None and inner.split.many)
            self._in_foreach[inner] = inside
        return inside
