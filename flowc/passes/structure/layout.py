"""Where the nodes of one scope stand: in the block itself, or in the region of a choice.

A scope is an acyclic graph with one entry; every way that ends it leads to one exit. A choice `c`
is a region of its own if its immediate post-dominator `m` is a node that it dominates: every way
from `c` comes to `m`, and nothing between them can be entered but through `c`. A choice that
stands in no region is one too, up to the end of the block. Every other choice only ends its
arm's block, and the arms it leads to stand beside that one.

So the immediate dominator `d` of a node decides where it stands: in the region of `d`, if `d` is
a choice with a region of its own and the node is not its meeting point; else where `d` stands.
(All paths from `d` to the exit pass its meeting point, so a node after that is dominated by it.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.passes.structure.dominance import dominator_tree
from flowc.passes.structure.scopes import Node
from flowc.passes.structure.search import DepthFirst, reversed_edges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXIT = Node("")


class Layout:
    """`order` is topological and `position` a node's place in it; without a choice, a scope is a chain.

    `merge` holds the choices that have a region of their own, with the node where their ways meet
    (None: the end of the block). `region` is the choice in whose region a node stands (None: in
    no region), and `begins_arm` the nodes that an arm's block begins with.
    """

    __slots__ = ("begins_arm", "merge", "order", "position", "region")

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.order = nodes
        self.merge: dict[Node, Node | None] = {}
        self.region: dict[Node, Node | None] = dict.fromkeys(nodes)
        self.begins_arm: set[Node] = set()
        if any(node.chooses for node in nodes):
            self._arrange(nodes)
        self.position = {node: number for number, node in enumerate(self.order)}

    def _arrange(self, nodes: Sequence[Node]) -> None:
        # Ways are searched last to first, which makes the first come first in the order.
        ways = {node: [way.to or EXIT for way in reversed(node.out)] or [EXIT] for node in nodes}
        ways[EXIT] = []
        self.order = DepthFirst(ways, nodes[0]).finished[:0:-1]
        above = dominator_tree(ways, nodes[0]).immediate
        below = dominator_tree(reversed_edges(ways), EXIT).immediate
        for node in self.order:
            self._settle(node, above, below)

    def _settle(self, node: Node, above: Mapping[Node, Node], below: Mapping[Node, Node]) -> None:
        before = above.get(node)
        if before is not None:
            meets_here = self.merge.get(before) is node
            inside = before in self.merge and not meets_here
            self.region[node] = before if inside else self.region[before]
            if before.chooses and not meets_here and not node.joins:
                self.begins_arm.add(node)
        if node.chooses:
            meeting = below[node]
            if meeting is EXIT and self.region[node] is None:
                self.merge[node] = None
            elif meeting is not EXIT and above[meeting] is node:
                self.merge[node] = meeting
