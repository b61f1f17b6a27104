"""Which split each step is inside of, and which join closes each split.

Along an edge that leaves a split, its branch opens; along an edge into a join, the innermost
branch closes; along any other the same branches stay open. A flow is well nested when all edges
into a step agree: the same innermost branch for a plain step, branches of one split (all of
them) for a join, and none for the last step. A branch knows the step that split, and so the
branches around it: the innermost one says all.

The first edge of a depth-first search decides what a step is taken for. What disagrees is left
to `misnested` to explain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.ir.graph import FlowGraph
    from flowc.passes.structure.edges import Branch, Edge, Edges, Split
    from flowc.passes.structure.search import DepthFirst


class Nesting:
    """`around` is the innermost open branch of each step, `closes` the split that each join ends."""

    __slots__ = ("_depth", "around", "closes", "joins")

    def __init__(self, graph: FlowGraph, edges: Edges, tree: DepthFirst[str]) -> None:
        self.around: dict[str, Branch | None] = {tree.order[0]: None}
        self.closes: dict[str, Split | None] = {}
        self._depth = {tree.order[0]: 0}  # open branches around a step
        for number in range(1, len(tree.order)):
            step, before = tree.order[number], tree.order[tree.parent[number]]
            edge = next(edge for edge in edges.out[before] if edge.target == step)
            branch = self.carried(edge)
            if graph.steps[step].is_join:
                self.closes[step] = branch.split if branch else None
                branch = self.outside(branch)
            self.around[step] = branch
            self._depth[step] = self.depth(branch)
        self.joins = {split: join for join, split in self.closes.items() if split is not None}

    def carried(self, edge: Edge) -> Branch | None:
        """The innermost branch that is open along an edge, None where nothing leads to its source."""
        return edge.branch or self.around.get(edge.source)

    def outside(self, branch: Branch | None) -> Branch | None:
        """The branch around the split of `branch`."""
        return self.around[branch.split.head] if branch else None

    def chain(self, branch: Branch | None) -> Iterator[Branch]:
        """`branch` and those around it, innermost first."""
        while branch is not None:
            yield branch
            branch = self.outside(branch)

    def doubt(self, graph: FlowGraph) -> set[Branch]:
        """The branches that are open around broken steps, which may end otherwise than is known."""
        found: set[Branch] = set()
        for step in graph.broken & self.around.keys():
            for branch in self.chain(self.around[step]):
                if branch in found:
                    break
                found.add(branch)
        return found

    def depth(self, branch: Branch | None) -> int:
        """How many branches are open, with `branch` the innermost."""
        return self._depth[branch.split.head] + 1 if branch else 0

    def is_inside(self, branch: Branch | None, outer: Branch | None) -> bool:
        """Whether `outer` is `branch` or around it; everything is inside of no branch."""
        return self._lifted(branch, self.depth(outer)) is outer

    def meeting(self, here: Branch | None, there: Branch | None) -> tuple[Branch, Branch] | None:
        """The two branches of one split that `here` and `there` are inside of, if they are."""
        depth = min(self.depth(here), self.depth(there))
        here, there = self._lifted(here, depth), self._lifted(there, depth)
        while here is not None and there is not None and here is not there:
            if here.split is there.split:
                return here, there
            here, there = self.outside(here), self.outside(there)
        return None

    def _lifted(self, branch: Branch | None, depth: int) -> Branch | None:
        while self.depth(branch) > depth:
            branch = self.outside(branch)
        return branch

    def agrees(self, edge: Edge) -> bool:
        """Whether an edge fits what its target was taken for."""
        branch = self.carried(edge)
        if edge.target not in self.closes:
            return branch is self.around[edge.target]
        split = self.closes[edge.target]
        return edge.branch is None and branch is not None and branch.split is split
