"""Why a flow has no regions: splits that are not joined as they must be.

Each fault is explained once (`explain` has the words). One in how a split is left explains what
follows from it, so the splits that were blamed are passed over by what is looked at later: first
edges that go back, then the others in the order of a search from the start, then what is left of
each split.

Of a flow with broken steps, nothing is said that may follow from them: what is left of the splits
around them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.graph import Gang
from flowc.passes.structure import explain

if TYPE_CHECKING:
    from collections.abc import Collection

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph, Step
    from flowc.passes.structure.edges import Branch, Edge, Edges, Split
    from flowc.passes.structure.nesting import Nesting


def check_nesting(
    graph: FlowGraph, edges: Edges, nesting: Nesting, back: Collection[Edge], sink: Sink
) -> bool:
    """Whether every split is joined as it must be; else FC306–FC309, FC316, FC317, FC319, FC321."""
    wrong = _wrong(edges, nesting)
    joins = _joins(edges, nesting)
    sure = _sure_splits(graph, edges, nesting)
    whole = all(_is_whole(split, joins[split]) for split in sure)
    if not wrong and whole and nesting.around.get(graph.end) is None:
        return True
    faults = _Faults(graph, edges, nesting, sink)
    faults.explain_edges(wrong, set(back))
    for split in sure:
        faults.explain_split(split, joins[split])
    return False


def is_nested(graph: FlowGraph, edges: Edges, nesting: Nesting) -> bool:
    """Whether every split is joined as it must be, as far as that is known."""
    if _wrong(edges, nesting) or nesting.around.get(graph.end) is not None:
        return False
    joins = _joins(edges, nesting)
    return all(_is_whole(split, joins[split]) for split in _sure_splits(graph, edges, nesting))


def _wrong(edges: Edges, nesting: Nesting) -> list[Edge]:
    """The edges that disagree with what their target was taken for."""
    return [
        edge
        for step in nesting.around
        for edge in edges.into[step]
        if edge.source in nesting.around and not nesting.agrees(edge)
    ]


def _sure_splits(graph: FlowGraph, edges: Edges, nesting: Nesting) -> list[Split]:
    """The splits that are reached and that no broken step stands in or makes."""
    if not graph.broken:
        return edges.splits
    doubt = nesting.doubt(graph)
    return [
        split
        for split in edges.splits
        if split.head in nesting.around
        and split.head not in graph.broken
        and doubt.isdisjoint(split.branches)
    ]


def _joins(edges: Edges, nesting: Nesting) -> dict[Split, dict[str, set[int]]]:
    """For each split, the joins that close it, each with the indices of the branches it ends."""
    found: dict[Split, dict[str, set[int]]] = {split: {} for split in edges.splits}
    for join in nesting.closes:
        for edge in edges.into[join]:
            branch = nesting.carried(edge)
            if branch is not None and edge.source in nesting.around and nesting.agrees(edge):
                found[branch.split].setdefault(join, set()).add(branch.index)
    return found


def _is_whole(split: Split, joins: dict[str, set[int]]) -> bool:
    return len(joins) == 1 and all(len(ended) == len(split.branches) for ended in joins.values())


class _Faults:
    """What was blamed so far, and where splits are left without a join."""

    __slots__ = ("_blamed", "_edges", "_escapes", "_graph", "_nesting", "_sink")

    def __init__(self, graph: FlowGraph, edges: Edges, nesting: Nesting, sink: Sink) -> None:
        self._graph = graph
        self._edges = edges
        self._nesting = nesting
        self._sink = sink
        self._blamed: set[Split] = set()
        self._escapes: dict[Split, list[tuple[Branch, Edge]]] = {}

    def explain_edges(self, wrong: list[Edge], back: set[Edge]) -> None:
        """Explain the edges that disagree with what their target was taken for."""
        for edge in wrong:
            if edge in back:
                self._explain_going_back(edge)
        targets = dict.fromkeys(edge.target for edge in wrong if edge not in back)
        for step in targets:
            into = [
                edge
                for edge in self._edges.into[step]
                if edge not in back and edge.source in self._nesting.around
            ]
            if step in self._nesting.closes:
                self._explain_join(step, into)
            elif step != self._graph.end:
                self._explain_step(step, into)
        for edge in self._edges.into[self._graph.end]:
            if edge.source in self._nesting.around:
                self._note_escape(edge, None)

    def explain_split(self, split: Split, joins: dict[str, set[int]]) -> None:
        """Explain what is still wrong with one split after the edges were."""
        straight = any(branch.target in self._nesting.closes for branch in split.branches)
        if split in self._blamed or straight:
            return
        escapes = self._escapes.get(split, [])
        if len(joins) > 1:
            explain.several_joins(self._graph, split, list(joins), self._sink)
        for join, ended in joins.items() if len(joins) == 1 else ():
            missing = [branch for branch in split.branches if branch.index not in ended]
            if missing:
                lost = [edge for branch, edge in escapes if branch in missing]
                explain.incomplete_join(self._graph, split, join, missing, lost, self._sink)
            elif escapes:
                explain.bypassed_join(self._graph, split, join, escapes[0], self._sink)
        if not joins and escapes and not self._is_gang_gone_on(split):
            lost = [edge for _, edge in escapes]
            explain.unjoined_split(split, lost, self._meant_join(lost), self._sink)

    def _meant_join(self, lost: list[Edge]) -> Step | None:
        """The one step that all leave the split from, unless a split leads straight to it."""
        last = {edge.source for edge in lost}
        if len(last) != 1 or any(edge.branch is not None for edge in self._edges.into[lost[0].source]):
            return None
        return self._graph.steps[last.pop()]

    def _is_gang_gone_on(self, split: Split) -> bool:
        """Whether FC313 said of a gang that its step goes on to what is no join."""
        (first, *_) = split.branches
        return isinstance(split.transition, Gang) and first.target != self._graph.end

    def _blame(self, branch: Branch | None) -> None:
        """Blame every split that is open; those around a blamed one are blamed already."""
        for around in self._nesting.chain(branch):
            if around.split in self._blamed:
                return
            self._blamed.add(around.split)

    def _explain_going_back(self, edge: Edge) -> None:
        carried, around = self._nesting.carried(edge), self._nesting.around[edge.target]
        if edge.target in self._nesting.closes:
            explain.loop_at_join(self._graph, edge, self._sink)
        else:
            explain.loop_crosses_split(self._graph, edge, carried, around, self._sink)
        self._blame(carried)
        self._blame(around)

    def _explain_join(self, join: str, into: list[Edge]) -> None:
        """A join whose inputs are in no split, or in several."""
        by_split: dict[Split | None, list[Edge]] = {}
        for edge in into:
            branch = self._nesting.carried(edge)
            if edge.branch is None:  # a split straight into a join is a fault of its own
                by_split.setdefault(branch.split if branch else None, []).append(edge)
        if list(by_split) == [None]:
            if join == self._graph.end or self._may_be_entered_otherwise(join):
                return  # that the last step is a join was said before
            explain.join_without_split(self._graph, join, into, self._sink)
        elif len(by_split) > 1 and self._blamed.isdisjoint(by_split):
            explain.unrelated_join(self._graph, join, by_split, self._sink)
            for edge in into:
                self._blame(self._nesting.carried(edge))

    def _may_be_entered_otherwise(self, join: str) -> bool:
        """Whether a broken step may lead to a join from inside of some split."""
        broken, around = self._graph.broken, self._nesting.around
        inside = any(around.get(step) is not None or step not in around for step in broken)
        return inside or any(edge.source not in around for edge in self._edges.into[join])

    def _explain_step(self, step: str, into: list[Edge]) -> None:
        """A plain step that is entered from places that differ in what they are inside of."""
        first = next(edge for edge in into if self._nesting.agrees(edge))
        here = self._nesting.around[step]
        other = next(edge for edge in into if not self._nesting.agrees(edge))
        there = self._nesting.carried(other)
        meeting = self._nesting.meeting(here, there)
        if first.branch or other.branch:
            explain.mixed_entry(self._graph, first, other, self._sink)
        elif meeting is not None:
            explain.missing_inputs(self._graph, step, into, meeting, self._sink)
        elif self._nesting.is_inside(there, here) or self._nesting.is_inside(here, there):
            outside = here if self._nesting.is_inside(there, here) else there
            for edge in into:
                self._note_escape(edge, outside)
            return
        else:
            explain.mixed_entry(self._graph, first, other, self._sink)
        for edge in into:
            self._blame(self._nesting.carried(edge))

    def _note_escape(self, edge: Edge, outside: Branch | None) -> None:
        """Note that an edge leaves every split between where it comes from and `outside`."""
        for branch in self._nesting.chain(self._nesting.carried(edge)):
            if branch is outside:
                return
            self._escapes.setdefault(branch.split, []).append((branch, edge))
