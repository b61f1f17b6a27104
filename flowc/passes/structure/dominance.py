"""Dominators: which nodes every path from the root passes.

The algorithm is Lengauer and Tarjan's with path compression, O(e log n). In preorder numbers of
a depth-first tree, the semidominator of `w` is the least node from which a path leads to `w`
over nodes greater than `w` alone. It is found from the greatest node down: by then, each greater
node hangs in a forest whose links are tree edges, and `label[v]` is the node with the least
semidominator on the way from `v` up to (without) the root of its tree. The immediate dominator
of `w` is its semidominator, unless some node between them has a lesser one; then it is that
node's, which the last sweep from the top fills in.

Post-dominators are the dominators of the reversed graph from its exit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from flowc.passes.structure.search import DepthFirst

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

N = TypeVar("N")

_NONE = -1


class DominatorTree(Generic[N]):
    """The dominators of all nodes that the root reaches. `immediate` holds no entry for the root."""

    __slots__ = ("_tree", "immediate", "root")

    def __init__(self, root: N, immediate: dict[N, N]) -> None:
        self.root = root
        self.immediate = immediate
        below: dict[N, list[N]] = {root: []}
        for node in immediate:
            below[node] = []
        for node, above in immediate.items():
            below[above].append(node)
        self._tree = DepthFirst(below, root)

    def __contains__(self, node: N) -> bool:
        """Whether the root reaches `node`."""
        return node in self._tree.number

    def dominates(self, above: N, below: N) -> bool:
        """Whether every path from the root to `below` passes `above` (a node dominates itself)."""
        return self._tree.is_ancestor(above, below)


def dominator_tree(successors: Mapping[N, Sequence[N]], root: N) -> DominatorTree[N]:
    """The dominator tree of the nodes that `root` reaches."""
    tree = DepthFirst(successors, root)
    immediate = _immediate(tree, _predecessors(tree, successors))
    order = tree.order
    return DominatorTree(root, {order[n]: order[immediate[n]] for n in range(1, len(order))})


def _predecessors(tree: DepthFirst[N], successors: Mapping[N, Sequence[N]]) -> list[list[int]]:
    before: list[list[int]] = [[] for _ in tree.order]
    for number, node in enumerate(tree.order):
        for after in successors[node]:
            before[tree.number[after]].append(number)
    return before


def _immediate(tree: DepthFirst[N], before: list[list[int]]) -> list[int]:
    """The immediate dominator of each node, all in preorder numbers."""
    count = len(before)
    semi = list(range(count))
    label = list(range(count))
    ancestor = [_NONE] * count
    immediate = [0] * count
    waiting: list[list[int]] = [[] for _ in before]  # by semidominator
    for node in range(count - 1, 0, -1):
        semi[node] = min(semi[_least(v, ancestor, label, semi)] for v in before[node])
        waiting[semi[node]].append(node)
        parent = ancestor[node] = tree.parent[node]
        for v in waiting[parent]:
            least = _least(v, ancestor, label, semi)
            immediate[v] = least if semi[least] < semi[v] else parent
        waiting[parent].clear()
    for node in range(1, count):
        if immediate[node] != semi[node]:
            immediate[node] = immediate[immediate[node]]
    return immediate


def _least(node: int, ancestor: list[int], label: list[int], semi: list[int]) -> int:
    """The label of `node`, after the path above it was compressed onto the root of its tree."""
    path = []
    above = ancestor[node]
    if above == _NONE:
        return node
    while ancestor[above] != _NONE:
        path.append(node)
        node, above = above, ancestor[above]
    for below in reversed(path):
        above = ancestor[below]
        if semi[label[above]] < semi[label[below]]:
            label[below] = label[above]
        ancestor[below] = ancestor[above]
        node = below
    return label[node]
