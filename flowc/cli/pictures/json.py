"""The picture as one JSON document, published as schemas/graph.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowc.cli.pictures.model import Picture
    from flowc.ir.program import Program

VERSION = 1


def render(picture: Picture, program: Program) -> str:
    """The document, indented, ended by a newline."""
    document = {
        "version": VERSION,
        "flow": picture.flow,
        "doc": picture.doc,
        "steps": [
            {
                "name": node.step,
                "kind": node.kind,
                "doc": node.doc,
                "source": node.place,
                "region": node.box if node.box >= 0 else None,
                "resources": _resources(program, node.step),
                "details": list(node.details),
            }
            for node in picture.nodes
        ],
        "edges": [{"from": edge.source, "to": edge.target, "label": edge.label} for edge in picture.edges],
        "regions": [
            {
                "kind": box.kind,
                "label": box.label,
                "head": box.head,
                "parent": box.parent if box.parent >= 0 else None,
            }
            for box in picture.boxes
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _resources(program: Program, step: str) -> dict[str, int | None]:
    needs = program.graph.steps[step].spec.resources
    return {
        "cpu_millis": needs.cpu_millis,
        "memory_mb": needs.memory_mb,
        "gpu": needs.gpu,
        "disk_mb": needs.disk_mb,
        "shared_memory_mb": needs.shared_memory_mb,
    }
