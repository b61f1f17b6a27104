"""The artifact checks, in one place.

Invariant: nothing here is an error on a flow that Metaflow runs to success.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.passes.artifacts.assigned import check_assigned
from flowc.passes.artifacts.facts import Facts
from flowc.passes.artifacts.fixed import check_fixed
from flowc.passes.artifacts.inputs import check_inputs
from flowc.passes.artifacts.merging import check_merges
from flowc.passes.artifacts.reads import check_reads
from flowc.passes.artifacts.switches import check_switches

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph


def check_artifacts(graph: FlowGraph, sink: Sink) -> None:
    """Report artifacts that are missing, lost, in conflict or not storable. `graph` is settled (`passes.settle`)."""
    facts = Facts(graph)
    for find in (check_reads, check_inputs, check_merges, check_switches, check_fixed, check_assigned):
        find(facts, sink)
