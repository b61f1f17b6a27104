"""The edges of a flow graph: one for each step that a transition names, with what it opens.

A `Split` is a fork, a foreach or a gang; its `Branch`es are the edges that leave it. A foreach
and a gang have one branch, whose step runs many times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.graph import Choose, Finish, Foreach, Fork, Gang, Goto, key_of, simple_transitions, targets

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph, Simple, Step
    from flowc.source import Span


class Split:
    """A transition of `head` into tasks side by side. `key` is its key in `contract`."""

    __slots__ = ("branches", "head", "key", "span", "transition")

    def __init__(self, head: str, key: str, transition: Fork | Foreach | Gang, span: Span) -> None:
        self.head = head
        self.key = key
        self.transition = transition
        self.span = span
        self.branches: list[Branch] = []

    @property
    def word(self) -> str:
        """What messages call it."""
        match self.transition:
            case Fork():
                return "split"
            case Foreach():
                return "foreach"
            case Gang():
                return "gang"

    @property
    def many(self) -> bool:
        """Whether its one branch runs once for each item, one level deeper in the path."""
        return not isinstance(self.transition, Fork)


class Branch:
    """One way out of a split: its `index` in the transition and the step it goes to."""

    __slots__ = ("index", "split", "target")

    def __init__(self, split: Split, index: int, target: str) -> None:
        self.split = split
        self.index = index
        self.target = target


class Edge:
    """`source` may be followed by `target`.

    `key` is the arm that `source` chose, None where it has no choice; `branch` what the edge
    opens, None for a plain one; `span` where the target is named.
    """

    __slots__ = ("branch", "key", "source", "span", "target")

    def __init__(self, source: str, target: str, key: str | None, branch: Branch | None, span: Span) -> None:
        self.source = source
        self.target = target
        self.key = key
        self.branch = branch
        self.span = span


class Edges:
    """All edges of a graph, by source and by target, in source order; `splits` likewise."""

    __slots__ = ("into", "out", "splits", "successors")

    def __init__(self, graph: FlowGraph) -> None:
        self.out: dict[str, list[Edge]] = {name: [] for name in graph.steps}
        self.into: dict[str, list[Edge]] = {name: [] for name in graph.steps}
        self.splits: list[Split] = []
        for step in graph.steps.values():
            for key, simple in simple_transitions(step.transition):
                self._add(step, key, simple)
        self.successors = {name: [edge.target for edge in out] for name, out in self.out.items()}

    def _add(self, step: Step, key: str | None, simple: Simple) -> None:
        split = None
        if not isinstance(simple, Goto):
            split = Split(step.name, key_of(simple), simple, place_of(step, key))
            self.splits.append(split)
        for index, target in enumerate(targets(simple)):
            branch = None
            if split is not None:
                branch = Branch(split, index, target.value)
                split.branches.append(branch)
            edge = Edge(step.name, target.value, key, branch, target.span)
            self.out[step.name].append(edge)
            self.into[target.value].append(edge)


def place_of(step: Step, key: str | None) -> Span:
    """The `self.next` call that takes the arm `key` of a step's transition."""
    match step.transition:
        case Choose(arms=arms):
            spans = next((arm.spans for arm in arms if arm.key == key), ())
            return spans[0] if spans else step.transition_span
        case Finish() | Goto() | Fork() | Foreach() | Gang():
            return step.transition_span
