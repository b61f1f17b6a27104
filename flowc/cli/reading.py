"""One flow file to a program or a bundle, for commands that take one; what was found goes to standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from flowc.cli.crash import crashes_recorded
from flowc.compiler import analyze_project, compile_project, stopped
from flowc.diagnostics.ignore import Ignores
from flowc.diagnostics.model import Sink
from flowc.frontend.project.modules import Project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.backends.base import Backend
    from flowc.cli.configuration.load import Configuration
    from flowc.cli.options import Entry
    from flowc.compiler import Compilation
    from flowc.ir.program import Program


def read_program(entry: Entry, configuration: Configuration, flow: str | None, form: str) -> Program | None:
    """The program; None after an error."""
    return read_project(entry, configuration, flow, form)[1]


def read_project(
    entry: Entry,
    configuration: Configuration,
    flow: str | None,
    form: str,
    environ: Mapping[str, str] | None = None,
) -> tuple[Project, Program | None]:
    """The project as far as the flow needed it, and the program; no program after an error."""
    analysis = analyze_entry(entry, configuration, flow, environ)
    return analysis.project, shown(analysis, form)


class Analysis(NamedTuple):
    """A flow file read, and what was found on the way: a program with errors must not be run."""

    project: Project
    program: Program | None
    sink: Sink


def analyze_entry(
    entry: Entry, configuration: Configuration, flow: str | None, environ: Mapping[str, str] | None = None
) -> Analysis:
    """Read the flow and show nothing of it. `environ` as in `Project`: what a run on this machine has."""
    sink = Sink()
    sink.adopt(configuration.diagnostics)
    project = Project(configuration.sources, entry.path, sink, environ)
    program = None
    with crashes_recorded(entry.path, entry.root, sink):
        program = analyze_project(project, configuration.settings, sink, flow)
    return Analysis(project, program, sink)


def shown(analysis: Analysis, form: str) -> Program | None:
    """The program after its diagnostics were printed; None after an error."""
    _show(analysis.sink, form, complete=analysis.program is not None)
    return None if stopped(analysis.sink) else analysis.program


def compile_entry(
    entry: Entry, configuration: Configuration, backend: Backend, flow: str | None, form: str
) -> Compilation | None:
    """The compilation; None after an error."""
    sink = Sink()
    sink.adopt(configuration.diagnostics)
    done = None
    with crashes_recorded(entry.path, entry.root, sink):
        project = Project(configuration.sources, entry.path, sink)
        done = compile_project(project, configuration.settings, backend, sink, flow)
    _show(sink, form, complete=done is not None)
    return done


def _show(sink: Sink, form: str, *, complete: bool) -> None:
    """Print what no comment silences; an error that left nothing is shown whatever a comment says."""
    found = Ignores().keep(sink)
    if not complete and not stopped(sink):
        found = list(sink)
    if found or form in {"json", "sarif"}:
        from flowc.cli.output import print_diagnostics

        print_diagnostics(found, form, sys.stderr)
