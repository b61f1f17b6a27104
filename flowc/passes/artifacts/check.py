"""The artifact checks, in one place.

Invariant: nothing here is an error on a flow that Metaflow runs to success.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.passes.artifacts.facts import Facts
from flowc.passes.artifacts.reads import check_reads

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph
    from flowc.ir.region import Block


def check_artifacts(graph: FlowGraph, body: Block, sink: Sink) -> None:
    """Report artifacts that are missing, lost, in conflict or not storable."""
    del body  # that there is one says that the graph is well nested
    facts = Facts(graph)
    check_reads(facts, sink)
