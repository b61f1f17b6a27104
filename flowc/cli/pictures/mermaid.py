"""Mermaid's flowchart language, which Markdown on code hosts draws.

Node names are numbers and every character of a label that Mermaid or HTML could give a meaning is
written as its code, so that names and values of the flow stay text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.cli.pictures.tree import walk

if TYPE_CHECKING:
    from flowc.cli.pictures.model import Node, Picture

_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.,:/=+-·×")
_SHAPES = {"start": ('(["', '"])'), "end": ('(["', '"])'), "join": ('[["', '"]]'), "choice": ('{{"', '"}}')}


def render(picture: Picture) -> str:
    """A flowchart, ended by a newline."""
    lines = ["flowchart TD"]
    names = {node.step: f"s{index}" for index, node in enumerate(picture.nodes)}
    for depth, item in walk(picture):
        indent = "  " * (depth + 1)
        if item is None:
            lines.append(f"{indent}end")
        elif isinstance(item, int):
            lines.append(f'{indent}subgraph r{item}["{escape(picture.boxes[item].label)}"]')
        else:
            lines.append(f"{indent}{names[item.step]}{_shape(item)}")
    for edge in picture.edges:
        arrow = f'-- "{escape(edge.label)}" -->' if edge.label else "-->"
        lines.append(f"  {names[edge.source]} {arrow} {names[edge.target]}")
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    left, right = _SHAPES.get(node.kind, ('["', '"]'))
    text = "<br/>".join(map(escape, (node.step, *node.details)))
    return f"{left}{text}{right}"


def escape(text: str) -> str:
    """Text as Mermaid shows it unchanged: `#34;` for a quote."""
    return "".join(c if c in _BARE or (c > "\x7f" and c.isalpha()) else f"#{ord(c)};" for c in text)
