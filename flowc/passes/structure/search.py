"""Searches of a directed graph: depth-first order, what is reachable, strong components.

A graph is a mapping from each node to its successors. Nothing here recurses, so that a flow of
any depth can be searched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

N = TypeVar("N")


class DepthFirst(Generic[N]):
    """A depth-first tree: `order` is its preorder, `number` a node's place in it, `parent` by number.

    Successors are visited in their order, so that the result depends on the graph alone.
    """

    __slots__ = ("finished", "last", "number", "order", "parent")

    def __init__(self, successors: Mapping[N, Sequence[N]], root: N) -> None:
        self.order: list[N] = [root]
        self.number: dict[N, int] = {root: 0}
        self.parent: list[int] = [0]
        self.last: list[int] = [0]  # the greatest number in the subtree
        self.finished: list[N] = []  # postorder
        open_nodes = [(0, iter(successors[root]))]
        while open_nodes:
            here, rest = open_nodes[-1]
            for node in rest:
                if node not in self.number:
                    open_nodes.append((self._discover(node, here), iter(successors[node])))
                    break
            else:
                open_nodes.pop()
                self.last[here] = len(self.order) - 1
                self.finished.append(self.order[here])

    def _discover(self, node: N, parent: int) -> int:
        number = len(self.order)
        self.number[node] = number
        self.order.append(node)
        self.parent.append(parent)
        self.last.append(number)
        return number

    def is_ancestor(self, above: N, below: N) -> bool:
        """Whether `below` is in the subtree of `above` (a node is its own ancestor)."""
        top = self.number[above]
        return top <= self.number[below] <= self.last[top]


def reachable(successors: Mapping[N, Sequence[N]], roots: Iterable[N]) -> set[N]:
    """Everything that a path leads to from one of `roots`, and the roots."""
    pending = list(roots)
    found = set(pending)
    while pending:
        for node in successors[pending.pop()]:
            if node not in found:
                found.add(node)
                pending.append(node)
    return found


def reversed_edges(successors: Mapping[N, Sequence[N]]) -> dict[N, list[N]]:
    """The same nodes with every edge turned around."""
    predecessors: dict[N, list[N]] = {node: [] for node in successors}
    for node, following in successors.items():
        for after in following:
            predecessors[after].append(node)
    return predecessors


def components(successors: Mapping[N, Sequence[N]], nodes: Collection[N]) -> list[list[N]]:
    """The strong components of the graph's part on `nodes`, each before those that lead to it.

    Two passes (Kosaraju): nodes in postorder of the graph, then searches of the reversed graph
    from the last finished to the first.
    """
    inside = dict.fromkeys(nodes)
    part = {node: [after for after in successors[node] if after in inside] for node in inside}
    finished: list[N] = []
    seen: set[N] = set()
    for root in inside:
        if root not in seen:
            finished.extend(_postorder(part, root, seen))
    before = reversed_edges(part)
    placed: set[N] = set()
    found = [_collect(before, root, placed) for root in reversed(finished) if root not in placed]
    found.reverse()
    return found


def _postorder(successors: Mapping[N, Sequence[N]], root: N, seen: set[N]) -> list[N]:
    finished: list[N] = []
    seen.add(root)
    open_nodes = [(root, iter(successors[root]))]
    while open_nodes:
        here, rest = open_nodes[-1]
        for node in rest:
            if node not in seen:
                seen.add(node)
                open_nodes.append((node, iter(successors[node])))
                break
        else:
            open_nodes.pop()
            finished.append(here)
    return finished


def _collect(successors: Mapping[N, Sequence[N]], root: N, placed: set[N]) -> list[N]:
    placed.add(root)
    members = [root]
    for here in members:
        for node in successors[here]:
            if node not in placed:
                placed.add(node)
                members.append(node)
    return members
