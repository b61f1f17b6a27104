"""Programs and emissions from the text of `tests.graphs`, for tests of backends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.backends.base import Emission
from flowc.diagnostics.model import Sink
from flowc.ir.program import Program
from flowc.manifest.bundle import Code
from flowc.passes.bounds import certify, fanouts
from flowc.passes.structure.regions import structure
from flowc.passes.wiring import wire
from flowc.records import replace
from flowc.target.budget import Lowering
from flowc.target.settings import Settings
from tests.graphs import flow

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph

CODE = Code(archive=b"PK", sha256="5" * 64, names=("flow.py",))


def program(text: str, settings: Settings | None = None, **steps: object) -> Program:
    """The program of a graph; `steps` are specs of single steps in place of the text's."""
    graph = flow(text)
    changed = {name: replace(graph.steps[name], spec=spec) for name, spec in steps.items()}  # type: ignore[arg-type]
    return structured(replace(graph, steps={**graph.steps, **changed}), settings or Settings())


def structured(graph: FlowGraph, settings: Settings) -> Program:
    """The program of a graph without faults in its structure."""
    sink = Sink()
    body = structure(graph, sink)
    assert body is not None, [d.message for d in sink]
    limits = fanouts(graph, settings, sink)
    return Program(graph=graph, body=body, wiring=wire(graph, body), fanouts=limits)


def emission(subject: Program, settings: Settings | None = None, code: Code = CODE) -> Emission:
    """What a backend is given of a program."""
    chosen = settings or Settings()
    certificate = certify(subject, chosen, lowering=Lowering.DYNAMIC)
    return Emission(program=subject, settings=chosen, code=code, certificate=certificate)
