"""The flow cut into scopes: the whole flow, the branches of splits, the bodies of loops.

A step belongs to the innermost of the branches and loops around it. In its scope, a loop is one
node with an exit for each step it goes to, and a split with everything up to its join is one
edge; so a scope is acyclic, and all scopes together have no more nodes and edges than the flow
and its loops' exits.

An edge that leaves several scopes (loops, by their exits) is followed outwards, scope by scope:
in each it becomes an exit of that scope's loop and an edge of the loop's node in the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowc import contract
from flowc.ir.graph import Choose
from flowc.ir.region import Again, Leave

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.ir.graph import FlowGraph
    from flowc.passes.structure.edges import Branch, Edge, Edges, Split
    from flowc.passes.structure.loops import Loop, Loops
    from flowc.passes.structure.nesting import Nesting


Tail: TypeAlias = Again | Leave


class Node:
    """A step, or a whole `loop` (by its head), in the scope it belongs to.

    `chooses` says whether the ways on are taken by key; `entries` how many ways lead here. A
    `joins` node has only one, across its split.
    """

    __slots__ = ("chooses", "entries", "joins", "loop", "name", "out")

    def __init__(
        self, name: str, *, loop: Loop | None = None, chooses: bool = False, joins: bool = False
    ) -> None:
        self.name = name
        self.loop = loop
        self.joins = joins
        self.chooses = chooses
        self.out: list[Way] = []
        self.entries = 0


class Way:
    """What may follow a node, by `key` where it chooses (a loop's exit always has its key).

    `to` is the next node; with `split`, the join after that split. Without `to` the scope ends:
    by `tail`, or, where that is None, in the join around it.
    """

    __slots__ = ("key", "split", "tail", "to")

    def __init__(
        self, key: str | None, to: Node | None = None, *, split: Split | None = None, tail: Tail | None = None
    ) -> None:
        self.key = key
        self.to = to
        self.split = split
        self.tail = tail


class Scope:
    """The body of `loop` or of `branch`, or the whole flow; `nodes` in preorder, the first is its entry."""

    __slots__ = ("branch", "loop", "nodes", "parent")

    def __init__(
        self, parent: Scope | None, *, loop: Loop | None = None, branch: Branch | None = None
    ) -> None:
        self.parent = parent
        self.loop = loop
        self.branch = branch
        self.nodes: list[Node] = []


class Scopes:
    """All scopes, each after the one around it; `of` gives a step's."""

    def __init__(self, graph: FlowGraph, edges: Edges, nesting: Nesting, loops: Loops) -> None:
        self._graph = graph
        self._nesting = nesting
        self._loops = loops
        self._by_owner: dict[Branch | Loop | None, Scope] = {None: Scope(None)}
        self._steps: dict[str, Node] = {}
        self._loop_nodes: dict[str, Node] = {}
        self._exits: set[tuple[str, str]] = set()
        self.of: dict[str, Scope] = {}
        for step in nesting.around:
            self._place(step)
        for step in nesting.around:
            for edge in edges.out[step]:
                self._connect(edge)
        for node in self._loop_nodes.values():
            node.chooses = len(node.out) > 1

    def __iter__(self) -> Iterator[Scope]:
        return iter(self._by_owner.values())

    def _place(self, step: str) -> None:
        """Give a step its scope. Steps come in preorder, so those around it are there."""
        if step in self._loops.by_head:
            scope = self._open_loop(self._loops.by_head[step])
        else:
            scope = self._around(step, self._loops.innermost.get(step))
        declared = self._graph.steps[step]
        chooses = isinstance(declared.transition, Choose)
        node = self._steps[step] = Node(step, chooses=chooses, joins=declared.is_join)
        scope.nodes.append(node)
        self.of[step] = scope

    def _open_loop(self, loop: Loop) -> Scope:
        outer = self._around(loop.head, loop.parent)
        node = self._loop_nodes[loop.head] = Node(loop.head, loop=loop)
        outer.nodes.append(node)
        scope = self._by_owner[loop] = Scope(outer, loop=loop)
        return scope

    def _around(self, step: str, loop: Loop | None) -> Scope:
        """The scope in which `step` stands, where `loop` is the innermost loop around it."""
        branch = self._nesting.around[step]
        if loop is not None and self._nesting.around[loop.head] is branch:
            return self._by_owner[loop]
        if branch not in self._by_owner and branch is not None:
            self._by_owner[branch] = Scope(self.of[branch.split.head], branch=branch)
        return self._by_owner[branch]

    def _connect(self, edge: Edge) -> None:
        """Enter an edge of the flow in every scope that it touches."""
        node, scope = self._steps[edge.source], self.of[edge.source]
        if edge.branch is not None:
            if edge.branch.index == 0:
                split = edge.branch.split
                _lead(node, Way(edge.key, self._steps[self._nesting.joins[split]], split=split))
            return
        key, landing = edge.key, self._landing(edge.target)
        while landing is not scope:
            if scope.loop is None:
                _lead(node, Way(key))  # into the join around the branch
                return
            if scope.loop.head == edge.target:
                _lead(node, Way(key, tail=Again(edge.target)))
                return
            head, exit_key = scope.loop.head, contract.goto_key(edge.target)
            _lead(node, Way(key, tail=Leave(head, exit_key)))
            if (head, exit_key) in self._exits:
                return
            self._exits.add((head, exit_key))
            if scope.parent is None:
                raise AssertionError(f"the loop of {head} is in no scope")
            node, key, scope = self._loop_nodes[head], exit_key, scope.parent
        _lead(node, Way(key, self._entered(edge.target)))

    def _landing(self, step: str) -> Scope | None:
        """The scope in which an edge from outside arrives at `step`: around the loop, for a head."""
        scope = self.of[step]
        return scope.parent if step in self._loops.by_head else scope

    def _entered(self, step: str) -> Node:
        return self._loop_nodes.get(step) or self._steps[step]


def _lead(node: Node, way: Way) -> None:
    node.out.append(way)
    if way.to is not None:
        way.to.entries += 1
