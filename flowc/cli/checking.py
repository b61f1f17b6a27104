"""Checking one file: every flow in it, for every target, without stopping at the first fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.backends.table import BACKENDS, backend
from flowc.backends.task_settings import default_text
from flowc.cli.crash import crashes_recorded
from flowc.cli.stats import Needs
from flowc.compiler import analyze_project, judge, lower, stopped
from flowc.diagnostics import catalog
from flowc.diagnostics.ignore import Ignores, check_ignores
from flowc.diagnostics.model import Severity, Sink
from flowc.frontend.flow.flows import extended_flows, flow_names
from flowc.frontend.project.modules import Project
from flowc.records import replace
from flowc.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowc.cli.configuration.load import Configuration
    from flowc.diagnostics.model import Diagnostic
    from flowc.ir.graph import FlowGraph
    from flowc.ir.program import Program
    from flowc.passes.bounds import Certificate
    from flowc.target.settings import Settings


class Checked(NamedTuple):
    """What was found in one file.

    `certain` are faults that no comment may silence, since nothing compiles; `complete` whether every
    flow reached the last analysis, so that a comment which silenced nothing is unused. `extends` are
    the classes of other files (path, name) that its flows are based on.
    """

    root: str | None
    file: SourceFile | None
    flows: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    certain: frozenset[Diagnostic] = frozenset()
    stats: tuple[Needs, ...] = ()
    targets: tuple[str, ...] = ()
    complete: bool = True
    mended: int = 0
    named: bool = True
    extends: frozenset[tuple[str, str]] = frozenset()


def check_file(
    path: str, configuration: Configuration, targets: Sequence[str], flow: str | None, *, named: bool
) -> Checked:
    """Every flow of a file, or the one asked for. A file that no one named may have none."""
    sink = Sink()
    sources = configuration.sources
    found = sources.get(path)
    file = found if isinstance(found, SourceFile) else None
    if not named and (file is None or "class " not in file.text):
        return Checked(configuration.root, file, (), ())
    result = Checked(configuration.root, file, (), ())
    with crashes_recorded(path, configuration.root, sink):
        result = _check(path, configuration, tuple(targets), flow, named=named, file=file)
    return result._replace(diagnostics=(*result.diagnostics, *sink))


def _check(
    path: str,
    configuration: Configuration,
    targets: tuple[str, ...],
    flow: str | None,
    *,
    named: bool,
    file: SourceFile | None,
) -> Checked:
    sink = Sink()
    project = Project(configuration.sources, path, sink)
    names: list[str | None] = list(flow_names(project)) if flow is None else [flow]
    if not names:
        if not named and project.entry is not None:
            return Checked(configuration.root, file, (), ())
        names = [None]
    certain: list[Diagnostic] = []
    stats: list[Needs] = []
    for name in names:
        # What listing the flows found out of the modules serves the only flow of a file too.
        inner = project if len(names) == 1 else Project(configuration.sources, path, Sink())
        own = inner.sink
        program = analyze_project(inner, configuration.settings, own, name)
        if program is None:
            certain += (d for d in own if d.severity is Severity.ERROR)
        else:
            stats.append(_judge(inner, program, configuration, targets, own))
        if own is not sink:
            sink.adopt(own)
    sink.adopt(configuration.diagnostics)
    return Checked(
        root=configuration.root,
        file=file,
        flows=tuple(name for name in names if name is not None),
        diagnostics=tuple(sink),
        certain=frozenset(certain),
        stats=tuple(stats),
        targets=targets or configuration.targets,
        complete=not certain,
        named=named,
        extends=extended_flows(project),
    )


def _judge(
    project: Project, program: Program, configuration: Configuration, targets: tuple[str, ...], sink: Sink
) -> Needs:
    """Judge for each target; what only a target refuses is a warning while no target is chosen."""
    chosen = targets or configuration.targets
    settings = configuration.settings
    certificates: dict[str, Certificate] = {}
    for name in chosen or tuple(BACKENDS):
        own = Sink()
        certificates[name] = judge(program, settings, backend(name), own)
        if _may_be_too_large(project, program, settings) and not stopped(own):
            lower(project, program, settings, backend(name), own)
        sink.adopt(own if chosen else map(_softened, own))
    graph = program.graph
    return Needs(graph.name, graph.file, len(graph.steps), settings, certificates)


def _may_be_too_large(project: Project, program: Program, settings: Settings) -> bool:
    """Whether the manifests of a flow are worth making only to see their size."""
    entry = project.entry
    graph = program.graph
    long_text = (entry is not None and len(entry.file.text) > _LONG_TEXT) or _words(graph) > _LONG_TEXT
    return long_text or len(graph.steps) > _MANY_STEPS or bool(settings.include)


def _words(graph: FlowGraph) -> int:
    """The length of what parameters and variables bring into a manifest: their text may be made by code."""
    defaults = (default_text(parameter) or "" for parameter in graph.parameters.values())
    variables = (text.value for step in graph.steps.values() for text in step.spec.environment.values())
    return sum(map(len, defaults)) + sum(map(len, variables))


# Limits of the run, which are the user's own, and schedules that mean nothing.
_WRONG_EVERYWHERE = ("FC4", catalog.INVALID_CRON.code, catalog.INVALID_TIMEZONE.code)
_MANY_STEPS = 150  # a target takes several hundred
_LONG_TEXT = 50_000


def _softened(diagnostic: Diagnostic) -> Diagnostic:
    """A target's verdict as a warning; what is wrong for every target stays what it is."""
    if diagnostic.rule.code.startswith(_WRONG_EVERYWHERE):
        return diagnostic
    return replace(diagnostic, severity=Severity.WARNING)


def without_bases(checked: Sequence[Checked]) -> list[Checked]:
    """Leave out the files found in a folder whose flows are all bases of flows elsewhere in it.

    Such a class is judged as part of each flow that extends it; by itself it may well be incomplete.
    """
    extended = {(result.root, *base) for result in checked for base in result.extends}

    def is_base_alone(result: Checked) -> bool:
        if result.named or result.file is None or not result.flows:
            return False
        return all((result.root, result.file.path, name) in extended for name in result.flows)

    return [result for result in checked if not is_base_alone(result)]


def finish(checked: Iterable[Checked]) -> list[Diagnostic]:
    """All diagnostics that no comment silences, each once, with those about the comments themselves.

    They come project by project: paths are unique only within one.
    """
    by_root: dict[str | None, list[Checked]] = {}
    for result in checked:
        by_root.setdefault(result.root, []).append(result)
    return [d for results in by_root.values() for d in _finish_project(results)]


def _finish_project(checked: Sequence[Checked]) -> Sink:
    sink = Sink()
    certain: set[tuple[str, str, int]] = set()
    for result in checked:
        sink.adopt(result.diagnostics)
        certain.update(map(_key, result.certain))
    ignores = Ignores()
    kept = set(map(_key, ignores.keep(sink))) | certain
    left = Sink()
    left.adopt(d for d in sink if _key(d) in kept)
    for result in checked:
        if result.file is not None and result.flows and result.complete:
            check_ignores(ignores.of(result.file), _judged(result), left)
    return left


def _key(diagnostic: Diagnostic) -> tuple[str, str, int]:
    return diagnostic.rule.code, diagnostic.primary.span.file.path, diagnostic.primary.span.start


def _judged(result: Checked) -> Iterable[str]:
    """The codes that would have been reported: those of targets only where every target was judged."""
    complete = not result.targets or set(result.targets) == set(BACKENDS)
    return [code for code in catalog.RULES if complete or not code.startswith("FC6")]
