"""A picture's boxes from the outside in, without recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.cli.pictures.model import Node, Picture


def walk(picture: Picture) -> Iterator[tuple[int, Node | int | None]]:
    """(depth, item) in order: a box's number where it opens, its nodes, None where it closes."""
    inside: dict[int, list[Node | int]] = {-1: []}
    for number in range(len(picture.boxes)):
        inside[number] = []
    for node in picture.nodes:
        inside[node.box].append(node)
    for number, box in enumerate(picture.boxes):
        inside[box.parent].append(number)
    pending: list[tuple[int, Node | int | None]] = [(0, item) for item in reversed(inside[-1])]
    while pending:
        depth, item = pending.pop()
        yield depth, item
        if isinstance(item, int):
            pending.append((depth, None))
            pending.extend((depth + 1, inner) for inner in reversed(inside[item]))
