"""SVG: a picture that every browser shows, without scripts and without anything from outside.

Made as a tree of elements, so that no name or value of the flow is more than text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from flowc.cli.pictures.layout import HEAD, LINE, arrange, lines_of, shown
from flowc.diagnostics.render.cells import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.cli.pictures.layout import Frame
    from flowc.cli.pictures.model import Box, Edge, Node, Picture

_STYLE = """
svg { --text: #1c1e21; --soft: #5f6670; --line: #8a93a0; --back: #ffffff; --box: #5f66701a; background: var(--back); }
@media (prefers-color-scheme: dark) {
  svg { --text: #e6e8eb; --soft: #9aa3ad; --line: #6d7782; --back: #16191d; --box: #9aa3ad1f; }
}
text { font: 12px ui-monospace, monospace; fill: var(--soft); }
.name { font-weight: 600; fill: var(--text); }
.step rect { fill: var(--back); stroke: var(--text); }
.choice rect { stroke-dasharray: 6 3; }
.join rect { stroke-width: 2.5; }
.region rect { fill: var(--box); stroke: var(--line); }
path { fill: none; stroke: var(--line); stroke-width: 1.3; }
#head path { fill: var(--line); stroke: none; }
.edge text { text-anchor: middle; paint-order: stroke; stroke: var(--back); stroke-width: 4px; }
"""
_OUT = 24  # how far an arrow that leads back stands out
_ROUND = {"start": "20", "end": "20"}


def render(picture: Picture) -> str:
    """The document, ended by a newline."""
    return tostring(element(picture), encoding="unicode") + "\n"


def element(picture: Picture) -> Element:
    """The picture as an element, for a document of its own or for a page."""
    layout = arrange(picture)
    across, down = _px(layout.width), _px(layout.height)
    root = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {across} {down}",
        width=across,
        height=down,
    )
    SubElement(root, "title").text = plain(picture.flow)
    SubElement(root, "style").text = _STYLE
    _arrow_head(root)
    for box, frame in zip(picture.boxes, layout.boxes, strict=True):
        _box(root, box, frame)
    frames = {node.step: frame for node, frame in zip(picture.nodes, layout.nodes, strict=True)}
    for edge, lanes in zip(picture.edges, layout.lanes, strict=True):
        _edge(root, edge, (frames[edge.source], frames[edge.target]), lanes)
    for node in picture.nodes:
        _node(root, node, frames[node.step])
    indent(root, "")
    return root


def _arrow_head(root: Element) -> None:
    marker = SubElement(
        SubElement(root, "defs"), "marker", id="head", viewBox="0 0 8 8", refX="7", refY="4",
        markerWidth="8", markerHeight="8", orient="auto-start-reverse",
    )  # fmt: skip
    SubElement(marker, "path", d="M0 0 L8 4 L0 8 z")


def _box(root: Element, box: Box, frame: Frame) -> None:
    group = SubElement(root, "g", {"class": f"region {box.kind}"})
    _rectangle(group, frame, "8")
    _text(group, shown(plain(box.label)), frame.x + 10, frame.y + HEAD - 8)


def _node(root: Element, node: Node, frame: Frame) -> None:
    group = SubElement(root, "g", {"class": f"step {node.kind}"})
    title = " · ".join(part for part in (node.step, node.place, node.doc) if part)
    SubElement(group, "title").text = plain(title)
    _rectangle(group, frame, _ROUND.get(node.kind, "4"))
    for number, line in enumerate(lines_of(node)):
        made = _text(group, plain(line), frame.x + frame.width / 2, frame.y + LINE * (number + 1))
        made.set("text-anchor", "middle")
        if number == 0:
            made.set("class", "name")


def _edge(root: Element, edge: Edge, ends: tuple[Frame, Frame], lanes: Sequence[Frame] | None) -> None:
    """An arrow down through its lanes; one that leads back passes beside the steps."""
    path, middle = _back(*ends) if lanes is None else _down(*ends, lanes)
    group = SubElement(root, "g", {"class": "edge"})
    SubElement(group, "path", {"d": path, "marker-end": "url(#head)"})
    if edge.label:
        _text(group, shown(plain(edge.label)), middle[0], middle[1] + 4)


def _down(source: Frame, target: Frame, lanes: Sequence[Frame]) -> tuple[str, tuple[float, float]]:
    """The path of an arrow, and the middle of its first curve."""
    x, y = source.x + source.width / 2, source.y + source.height
    path = f"M{_px(x)} {_px(y)}"
    middle: tuple[float, float] | None = None
    for frame in (*lanes, target):
        to_x, to_y = frame.x + frame.width / 2, frame.y
        bend = (to_y - y) / 2
        path += f" C{_px(x)} {_px(y + bend)} {_px(to_x)} {_px(to_y - bend)} {_px(to_x)} {_px(to_y)}"
        middle = middle or ((x + to_x) / 2, y + bend)
        x, y = to_x, to_y
        if frame is not target:
            y += frame.height
            path += f" V{_px(y)}"
    return path, middle or (x, y)


def _back(source: Frame, target: Frame) -> tuple[str, tuple[float, float]]:
    x, y = source.x + source.width, source.y + source.height * 2 / 3
    to_x, to_y = target.x + target.width, target.y + target.height / 3
    out = max(x, to_x) + _OUT
    path = f"M{_px(x)} {_px(y)} C{_px(out)} {_px(y)} {_px(out)} {_px(to_y)} {_px(to_x)} {_px(to_y)}"
    return path, (out - _OUT / 4, (y + to_y) / 2)


def _rectangle(parent: Element, frame: Frame, radius: str) -> None:
    sides = {"x": frame.x, "y": frame.y, "width": frame.width, "height": frame.height}
    SubElement(parent, "rect", {name: _px(length) for name, length in sides.items()}, rx=radius)


def _text(parent: Element, text: str, x: float, y: float) -> Element:
    made = SubElement(parent, "text", x=_px(x), y=_px(y))
    made.text = text
    return made


def _px(length: float) -> str:
    return f"{length:.1f}".removesuffix(".0")
