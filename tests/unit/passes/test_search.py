"""Searches and dominators, against their definitions on small random graphs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowc.passes.structure.dominance import dominator_tree
from flowc.passes.structure.search import DepthFirst, components, reachable, reversed_edges

Graph = dict[int, list[int]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(1, 9))
    nodes = st.integers(0, count - 1)
    return {node: draw(st.lists(nodes, max_size=3)) for node in range(count)}


def without(graph: Graph, removed: int) -> Graph:
    return {node: [after for after in following if after != removed] for node, following in graph.items()}


@given(graphs())
def test_a_node_dominates_what_is_not_reached_without_it(graph: Graph) -> None:
    tree = dominator_tree(graph, 0)
    reached = reachable(graph, [0])
    assert {0, *tree.immediate} == reached
    for above in reached:
        avoiding = reachable(without(graph, above), [0]) if above else set()
        for below in reached:
            assert tree.dominates(above, below) == (above == below or below not in avoiding)


@given(graphs())
def test_components_are_what_reaches_each_other_in_order(graph: Graph) -> None:
    place = {node: number for number, part in enumerate(components(graph, list(graph))) for node in part}
    reach = {node: reachable(graph, [node]) for node in graph}
    for node in graph:
        for other in graph:
            assert (place[node] == place[other]) == (other in reach[node] and node in reach[other])
        assert all(place[after] <= place[node] for after in graph[node])


@given(graphs())
def test_depth_first_intervals_are_subtrees(graph: Graph) -> None:
    tree = DepthFirst(graph, 0)
    for node in tree.order:
        above, number = set(), tree.number[node]
        while number not in above:
            above.add(number)
            number = tree.parent[number]
        assert {tree.number[other] for other in tree.order if tree.is_ancestor(other, node)} == above


def test_postorder_ends_with_the_root_and_edges_turn_around() -> None:
    graph = {1: [2, 3], 2: [4], 3: [4], 4: []}
    assert DepthFirst(graph, 1).finished == [4, 2, 3, 1]
    assert reversed_edges(graph) == {1: [], 2: [1], 3: [1], 4: [2, 3]}


def test_dominators_of_a_graph_that_needs_every_case() -> None:
    # Lengauer and Tarjan's own example, whose semidominators and dominators differ.
    graph = {
        "r": "bac", "a": "d", "b": "ade", "c": "fg", "d": "l", "e": "h", "f": "i",
        "g": "ij", "h": "ek", "i": "k", "j": "i", "k": "ri", "l": "h",
    }  # fmt: skip
    found = dominator_tree({node: list(following) for node, following in graph.items()}, "r").immediate
    assert found == {
        "a": "r", "b": "r", "c": "r", "d": "r", "e": "r", "f": "c",
        "g": "c", "h": "r", "i": "r", "j": "g", "k": "r", "l": "d",
    }  # fmt: skip
