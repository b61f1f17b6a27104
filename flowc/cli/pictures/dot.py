r"""Graphviz's language. Names are numbers; labels are quoted strings, whose only special characters are `"` and `\`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.cli.pictures.tree import walk

if TYPE_CHECKING:
    from flowc.cli.pictures.model import Node, Picture

_SHAPES = {"start": "oval", "end": "oval", "choice": "hexagon", "join": "invhouse"}
_HEAD = (
    "digraph flow {",
    '  graph [fontname="Helvetica", compound=true];',
    '  node [fontname="Helvetica", shape=box];',
    '  edge [fontname="Helvetica"];',
)


def render(picture: Picture) -> str:
    """A directed graph with clusters, ended by a newline."""
    lines = [*_HEAD, f"  label={quote(picture.flow)};"]
    names = {node.step: f"s{index}" for index, node in enumerate(picture.nodes)}
    for depth, item in walk(picture):
        indent = "  " * (depth + 1)
        if item is None:
            lines.append(f"{indent}}}")
        elif isinstance(item, int):
            lines.append(
                f"{indent}subgraph cluster_{item} {{ label={quote(picture.boxes[item].label)}; style=rounded;"
            )
        else:
            lines.append(f"{indent}{names[item.step]} [{_attributes(item)}];")
    for edge in picture.edges:
        label = f" [label={quote(edge.label)}]" if edge.label else ""
        lines.append(f"  {names[edge.source]} -> {names[edge.target]}{label};")
    return "\n".join((*lines, "}")) + "\n"


def _attributes(node: Node) -> str:
    found = [f"label={quote(chr(10).join((node.step, *node.details)))}"]
    if node.kind in _SHAPES:
        found.append(f"shape={_SHAPES[node.kind]}")
    if node.doc:
        found.append(f"tooltip={quote(node.doc)}")
    return ", ".join(found)


def quote(text: str) -> str:
    r"""A quoted string in which a line's end is `\n` and nothing is an escape or an entity."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    for character, written in (("&", "&amp;"), ("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        clean = clean.replace(character, written)
    return f'"{clean}"'
