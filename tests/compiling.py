"""Compile flows in tests: from text or from a file, for a target, with what was reported."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, NamedTuple

from flowc.backends.base import Emission
from flowc.backends.table import BACKENDS, backend
from flowc.compiler import analyze_project, compile_flow, judge, stopped
from flowc.diagnostics.model import Severity, Sink
from flowc.frontend.project.modules import Project
from flowc.manifest.bundle import Code
from flowc.source import Sources
from flowc.target.settings import Settings, StepFunctionsSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.diagnostics.model import Diagnostic
    from flowc.manifest.bundle import Bundle

TARGETS = tuple(BACKENDS)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLES = os.path.join(ROOT, "examples")

# As a team would configure it: nothing is left for the run to fill in.
CONFIGURED = Settings(
    image="registry.example.com/team/flows:1.0.0",
    datastore="s3://example-flows/runs",
    stepfunctions=StepFunctionsSettings(
        job_queue="arn:aws:batch:eu-west-1:123456789012:job-queue/flows",
        code_bucket="example-code",
        eks_cluster="flows",
    ),
)

# Stands for the shim and the flow's files, so that manifests do not change with them.
STUB = Code(archive=b"PK stub", sha256="5" * 64, names=("flow.py",))


class Compiled(NamedTuple):
    """What a compilation gave: a bundle or None, and all that was reported, in source order."""

    bundle: Bundle | None
    found: Sequence[Diagnostic]

    @property
    def errors(self) -> list[str]:
        """The errors, each as one line."""
        return [shown(d) for d in self.found if d.severity is Severity.ERROR]


def shown(diagnostic: Diagnostic) -> str:
    """`flow.py:3 FC104 message`."""
    span = diagnostic.primary.span
    return f"{span.file.path}:{span.line} {diagnostic.rule.code} {diagnostic.message}"


def compile_text(
    text: str | Mapping[str, str], target: str, settings: Settings = CONFIGURED, flow: str | None = None
) -> Compiled:
    """A project given as text, whose flow stands in `flow.py`; its code is not embedded but stubbed."""
    texts = {"flow.py": text} if isinstance(text, str) else text
    return _compile_stubbed("flow.py", Sources(None, texts), target, settings, flow)


def compile_example(path: str, target: str, settings: Settings = CONFIGURED) -> Compiled:
    """A file below `examples/`, by its path from there; its code is stubbed."""
    return _compile_stubbed(path, Sources(EXAMPLES), target, settings, None)


def compile_file(path: str, target: str, settings: Settings = CONFIGURED) -> Compiled:
    """A file anywhere, in a project of its own folder, with its code embedded."""
    sink = Sink()
    folder, name = os.path.split(os.path.abspath(path))
    bundle = compile_flow(name, Sources(folder), settings, backend(target), sink)
    return Compiled(bundle, list(sink))


@functools.cache
def example_paths() -> tuple[str, ...]:
    """Every example's flow file, relative to `examples/`."""
    names = os.listdir(EXAMPLES)
    folders = [name for name in names if os.path.isfile(os.path.join(EXAMPLES, name, "flow.py"))]
    return tuple(sorted([n for n in names if n.endswith(".py")] + [f"{n}/flow.py" for n in folders]))


def _compile_stubbed(
    entry: str, sources: Sources, target: str, settings: Settings, flow: str | None
) -> Compiled:
    sink = Sink()
    program = analyze_project(Project(sources, entry, sink), settings, sink, flow)
    if program is None:
        return Compiled(None, list(sink))
    judged = backend(target)
    certificate = judge(program, settings, judged, sink)
    if stopped(sink):
        return Compiled(None, list(sink))
    emission = Emission(program=program, settings=settings, code=STUB, certificate=certificate)
    bundle = judged.emit(emission, sink)
    return Compiled(None if stopped(sink) else bundle, list(sink))
