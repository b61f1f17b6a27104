"""A page of a flow: its picture, and its steps as a table. One file, without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import share
from flowc.cli.pictures import svg
from flowc.diagnostics.render.cells import plain

if TYPE_CHECKING:
    from flowc.cli.pictures.model import Picture


def render(picture: Picture) -> str:
    """The page, ended by a newline."""
    steps = [
        {
            "name": plain(node.step),
            "kind": node.kind,
            "needs": [plain(line) for line in node.details],
            "doc": plain(node.doc),
            "source": plain(node.place),
        }
        for node in picture.nodes
    ]
    regions = [(box.kind, plain(box.label), plain(box.head)) for box in picture.boxes]
    return share.fill_template(
        "graph.html",
        flow=plain(picture.flow),
        doc=plain(picture.doc),
        picture=svg.render(picture),
        steps=steps,
        regions=regions,
    )
