"""A flow written as text, read as far as its declarations: what its parameters and decorators say."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics.model import Applicability, Sink
from flowc.frontend.declare import declare
from flowc.frontend.decorators.flow import flow_specs
from flowc.frontend.decorators.step import step_spec
from flowc.frontend.folding.constants import Folder
from flowc.frontend.parameters.declared import parameters
from flowc.frontend.project.modules import Project
from flowc.source import Sources
from flowc.target.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowc.diagnostics.model import Diagnostic
    from flowc.frontend.project.module import Module
    from flowc.ir.params import Config, Parameter
    from flowc.ir.spec import FlowSpecs, StepSpec
    from flowc.ir.values import Value


class Reading(NamedTuple):
    """What was read, and the faults as `line:column code message`."""

    parameters: Mapping[str, Parameter]
    configs: Mapping[str, Config]
    constants: Mapping[str, Value]
    steps: Mapping[str, StepSpec]
    flow: FlowSpecs
    project: Project
    diagnostics: list[Diagnostic]

    @property
    def faults(self) -> list[str]:
        return described(self.diagnostics)


def written(
    source: str,
    files: Mapping[str, str] | None = None,
    sink: Sink | None = None,
    environ: Mapping[str, str] | None = None,
) -> Project:
    """A project whose flow file is `flow.py`."""
    texts = {"flow.py": textwrap.dedent(source), **{k: textwrap.dedent(v) for k, v in (files or {}).items()}}
    return Project(Sources(None, texts), "flow.py", sink if sink is not None else Sink(), environ)


def entry_of(project: Project) -> Module:
    entry = project.entry
    assert entry is not None, described(project.sink)
    return entry


def read_flow(
    source: str, files: Mapping[str, str] | None = None, settings: Settings | None = None
) -> Reading:
    """Read the one flow of `source`. What belongs to transitions is not judged."""
    sink = Sink()
    project = written(source, files, sink)
    entry_of(project)
    flow = declare(project, None, sink)
    assert flow is not None, described(sink)
    folder = Folder(project)
    settings = settings or Settings()
    params, configs, constants = parameters(flow, folder, settings, sink)
    steps = {step.name: step_spec(step, folder, settings, sink) for step in flow.steps}
    specs = flow_specs(flow, folder, settings, sink)
    return Reading(params, configs, constants, steps, specs, project, list(sink))


def decorated(*decorators: str, head: str = "", flow: str = "") -> str:
    """A flow whose first step has these decorators; `head` stands above the class, `flow` in it."""
    lines = ["from metaflow import *", *head.splitlines(), "class F(FlowSpec):"]
    lines += [f"    {line}" for line in flow.splitlines()]
    lines += [f"    {line}" for decorator in decorators for line in decorator.splitlines()]
    lines += ["    @step", "    def start(self): self.next(self.end)"]
    lines += ["    @step", "    def end(self): pass"]
    return "\n".join(lines) + "\n"


def described(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """Each diagnostic as `line:column code message`."""
    found = []
    for diagnostic in diagnostics:
        span = diagnostic.primary.span
        line, column = span.file.place(span.start)
        found.append(f"{line}:{column} {diagnostic.rule.code} {diagnostic.message}")
    return found


def mended(source: str, diagnostics: Iterable[Diagnostic], *, suggested: bool = False) -> str:
    """The flow file after all fixes that may be applied; it is Python still."""
    edits = {
        (edit.span.start, edit.span.end, edit.text)
        for diagnostic in diagnostics
        if diagnostic.fix and (suggested or diagnostic.fix.applicability is Applicability.SAFE)
        for edit in diagnostic.fix.edits
    }
    text = textwrap.dedent(source)
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    ast.parse(text)
    return text
