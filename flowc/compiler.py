"""The pipeline, straight through: parse, declare, resolve, structure, analyse, support, emit.

It is pure: it reads what `Sources` gives, reports to the sink and returns bytes. Nothing of the
flow is imported or run. Every stage reports all it can, and the next one goes on with what is
left and sure (`passes.settle`), so that one run shows everything that is wrong, and nothing else.

Invariant: a bundle comes only from a program without errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.backends.base import Emission
from flowc.diagnostics.model import Severity
from flowc.frontend.declare import declare
from flowc.frontend.folding.constants import Folder
from flowc.frontend.project.modules import Project
from flowc.frontend.resolve import resolve
from flowc.ir.program import Program
from flowc.manifest.bundle import Code
from flowc.passes.artifacts import check_artifacts
from flowc.passes.bounds import certify, check_caps, fanouts
from flowc.passes.reachability import check_reachability
from flowc.passes.settle import settle
from flowc.passes.structure.regions import structure
from flowc.passes.support import check_settings, check_support
from flowc.passes.wiring import wire
from flowc.records import dataclass

if TYPE_CHECKING:
    from flowc.backends.base import Backend
    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph
    from flowc.manifest.bundle import Bundle
    from flowc.passes.bounds import Certificate
    from flowc.source import Sources
    from flowc.target.settings import Settings


# Set by the tests: the invariants of the intermediate representation are checked between passes.
VERIFY = False


@dataclass(frozen=True, slots=True)
class Compilation:
    """What a compilation gives: the bundle, and what was proved of it."""

    program: Program
    certificate: Certificate
    code: Code
    bundle: Bundle


def analyze(
    entry: str, sources: Sources, settings: Settings, sink: Sink, flow: str | None = None
) -> Program | None:
    """The flow of the file `entry` as a program; None where a fault leaves none."""
    return analyze_project(Project(sources, entry, sink), settings, sink, flow)


def compile_flow(
    entry: str, sources: Sources, settings: Settings, backend: Backend, sink: Sink, flow: str | None = None
) -> Bundle | None:
    """The flow's manifests for one target; None after an error."""
    done = compile_project(Project(sources, entry, sink), settings, backend, sink, flow)
    return done.bundle if done else None


def compile_project(
    project: Project, settings: Settings, backend: Backend, sink: Sink, flow: str | None = None
) -> Compilation | None:
    """Both halves of the pipeline; None after an error."""
    program = analyze_project(project, settings, sink, flow)
    return lower(project, program, settings, backend, sink) if program else None


def analyze_project(
    project: Project, settings: Settings, sink: Sink, flow: str | None = None
) -> Program | None:
    """The front half: everything that does not depend on a target."""
    declared = declare(project, flow, sink)
    folder = Folder(project, settings.variables)
    if declared and settings.decorators:
        from flowc.frontend.decorators.attached import attach  # few commands ask for it

        declared = attach(declared, settings.decorators, folder, sink)
    graph = resolve(declared, folder, settings, sink) if declared else None
    if graph is None:
        return None
    _verify(graph)
    graph = check_reachability(graph, sink)
    body = structure(graph, sink)
    graph = settle(graph, body)
    check_artifacts(graph, sink)
    limits = fanouts(graph, settings, sink)
    if body is None:
        return None
    program = Program(
        graph=graph,
        body=body,
        wiring=wire(graph, body),
        fanouts=limits,
    )
    _verify(program)
    check_settings(program, settings, project.sources, sink)
    return program


def _verify(made: FlowGraph | Program) -> None:
    if VERIFY:
        from flowc.ir.verify import verify_graph, verify_program

        if isinstance(made, Program):
            verify_program(made)
        else:
            verify_graph(made)


def lower(
    project: Project, program: Program, settings: Settings, backend: Backend, sink: Sink
) -> Compilation | None:
    """The back half: judge for one target, embed the code, emit; None after an error."""
    certificate = judge(program, settings, backend, sink)
    if stopped(sink):
        return None
    code = embed(project, settings)
    emission = Emission(program=program, settings=settings, code=code, certificate=certificate)
    bundle = backend.emit(emission, sink)
    return None if stopped(sink) else Compilation(program, certificate, code, bundle)


def judge(program: Program, settings: Settings, backend: Backend, sink: Sink) -> Certificate:
    """Report what the target cannot say or the caps forbid; the certificate of the program as lowered."""
    check_support(program, settings, backend.name, sink)
    backend.check(program, settings, sink)
    certificate = certify(program, settings, lowering=backend.lowering)
    check_caps(certificate, program, settings, sink)
    return certificate


def embed(project: Project, settings: Settings) -> Code:
    """The archive of the shim and the flow's import closure; empty where the image holds the code."""
    if settings.code == "image":
        return Code(archive=b"", sha256="", names=())
    from flowc.manifest.archive import embedded_code

    names = project.closure(settings.include)
    return embedded_code({name: project.sources.read_bytes(name) or b"" for name in names})


def stopped(sink: Sink) -> bool:
    """Whether an error remains that no comment of its line silences."""
    if not sink.has_errors:
        return False
    from flowc.diagnostics.ignore import Ignores  # a flow without faults pays for no tokenizer

    return any(d.severity is Severity.ERROR for d in Ignores().keep(sink))
