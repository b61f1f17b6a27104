"""The loops of a flow, nested in one another.

A back edge leads to a step (the head) that every path to its source passes; a loop is a head and
all steps from which a back edge to it can be reached without passing it. Loops with one head are
one loop. They are found from the innermost (heads in reverse preorder), each search going backwards
from the back edges; a loop found earlier counts as its head alone (union-find), so that each
step is walked over once: near-linear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowc.passes.structure.edges import Edge, Edges
    from flowc.passes.structure.search import DepthFirst


class Loop:
    """A loop by its `head`; `parent` is the loop around it."""

    __slots__ = ("head", "parent")

    def __init__(self, head: str) -> None:
        self.head = head
        self.parent: Loop | None = None


class Loops:
    """`innermost` holds the innermost loop of each step that is in one (a head is in its own)."""

    __slots__ = ("by_head", "innermost")

    def __init__(self, edges: Edges, tree: DepthFirst[str], back: list[Edge]) -> None:
        self.by_head: dict[str, Loop] = {}
        self.innermost: dict[str, Loop] = {}
        sources: dict[str, list[str]] = {}
        for edge in back:
            sources.setdefault(edge.target, []).append(edge.source)
        going_back = set(back)
        merged: dict[str, str] = {}  # a step or inner head → the head of the loop around it
        for head in sorted(sources, key=tree.number.__getitem__, reverse=True):
            loop = self.by_head[head] = Loop(head)
            for member in _members(head, sources[head], edges, going_back, merged):
                merged[member] = head
                if member in self.by_head:
                    self.by_head[member].parent = loop
                else:
                    self.innermost[member] = loop
            self.innermost[head] = loop


def goes_back(edge: Edge, tree: DepthFirst[str]) -> bool:
    """Whether an edge leads to a step on the way to its source: the last edge of a loop."""
    return tree.is_ancestor(edge.target, edge.source)


def _members(
    head: str, sources: list[str], edges: Edges, going_back: set[Edge], merged: dict[str, str]
) -> list[str]:
    """The steps and heads of inner loops that belong to the loop of `head`, without it."""
    found = dict.fromkeys(_outermost(source, merged) for source in sources)
    found.pop(head, None)
    members = list(found)
    for member in members:
        for edge in edges.into[member]:
            before = _outermost(edge.source, merged)
            if edge not in going_back and before != head and before not in found:
                found[before] = None
                members.append(before)
    return members


def _outermost(step: str, merged: dict[str, str]) -> str:
    """The head of the outermost loop found so far around `step`, or `step`; shortens the way there."""
    path = []
    while step in merged:
        path.append(step)
        step = merged[step]
    for passed in path[:-1]:
        merged[passed] = step
    return step
