"""From declarations to a `FlowGraph`: every name checked, every value folded, every path followed.

Invariant: a graph comes only from a flow with a first and a last step, and holds nothing that is not
sure, so that no later pass meets a name that is not there: where a transition has a fault, its step
is one of the graph's `broken`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.frontend.body.flow_class import ClassContext
from flowc.frontend.body.method import end_after_calls, inputs_name, read_body
from flowc.frontend.decl import StepDecl
from flowc.frontend.flow.steps import check_shadowed, check_steps, find_ends, likely_ends
from flowc.frontend.project.imports import check_flow_imports
from flowc.frontend.project.places import docstring, name_span
from flowc.frontend.transitions.step import broken, finish, step_transition
from flowc.ir.graph import FlowGraph, Step, successors
from flowc.ir.spec import FlowSpecs, StepSpec
from flowc.ir.values import ParamRef, Unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flowc.diagnostics.model import Sink
    from flowc.frontend.body.method import Reading
    from flowc.frontend.decl import FlowDecl, MethodDecl
    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.transitions.step import StepTransition
    from flowc.ir.body import MethodBody
    from flowc.ir.graph import Transition
    from flowc.ir.params import Config, Parameter
    from flowc.ir.values import Value
    from flowc.source import Span
    from flowc.target.settings import Settings


def resolve(decl: FlowDecl, folder: Folder, settings: Settings, sink: Sink) -> FlowGraph | None:
    """The flow that the declarations mean; None after a report that leaves none."""
    params, configs, constants = _parameters(decl, folder, settings, sink)
    context = ClassContext(decl, folder)
    context.values.update(constants)
    context.values.update((name, config.value) for name, config in configs.items())
    context.values.update((name, ParamRef(parameter.name)) for name, parameter in params.items())
    check_steps(decl, sink)
    readings, members = read_methods(context)
    goes_on = {name: reading.goes_on for name, reading in readings.items()}
    start, end = find_ends(decl, goes_on.__getitem__, sink)
    ends = {end} if end is not None else likely_ends(decl, goes_on.__getitem__)
    check_shadowed(decl, [pair for reading in readings.values() for pair in reading.shadowed], sink)
    blamed = _blamed(readings, members, context, ends, sink)
    steps: dict[str, Step] = {}
    found: dict[str, StepTransition] = {}
    for step in decl.steps:
        reading = readings[step.name]
        if step.name in ends:
            goes = finish(step, reading, sink)
        elif step.name in blamed:
            goes = broken(step)
        else:
            goes = step_transition(step, reading, context, sink)
        spec = _step_spec(step, folder, settings, sink, goes.transition if goes.sound else None)
        steps[step.name] = _step(step, goes, spec, reading)
        found[step.name] = goes
    specs = _flow_specs(decl, folder, settings, sink)
    if start is None or end is None:
        return None
    return FlowGraph(
        name=decl.name,
        file=decl.module.path,
        span=decl.span,
        doc=decl.doc,
        start=start,
        end=end,
        steps=steps,
        parameters=params,
        configs=configs,
        specs=specs,
        methods=_frozen(readings, members),
        class_attributes=_class_attributes(context, constants, {*params, *configs}),
        read_only=_read_only(context),
        complete=decl.complete,
        asks_graph=_asks_graph(decl),
        broken=frozenset(name for name, goes in found.items() if not goes.sound),
        lacking=_lacks_steps(found.values()),
    )


def _asks_graph(decl: FlowDecl) -> bool:
    """Whether the files of the flow's steps have the words of `current.graph`, however it is spelled."""
    texts = {module.file.text for module in (decl.module, *(step.module for step in decl.steps))}
    return any("current" in text and _GRAPH.search(text) for text in texts)


def _lacks_steps(found: Collection[StepTransition]) -> bool:
    """Whether a step may still have to be written: a wrong name is a slip only if it is like one nothing names."""
    meant = {name for goes in found for name in goes.meant}
    return bool(meant) and not meant.isdisjoint(
        {"", *(name for goes in found for name in successors(goes.transition))}
    )


def read_methods(context: ClassContext) -> tuple[dict[str, Reading], dict[str, StepDecl | MethodDecl]]:
    """The bodies of all methods, and of those overridden ones that `super()` reaches, by their keys."""
    members: dict[str, StepDecl | MethodDecl] = {**context.methods, **context.steps}
    readings: dict[str, Reading] = {}
    waiting = list(members)
    while waiting:
        key = waiting.pop()
        if key in readings:
            continue
        readings[key] = read_body(context, members[key])
        for called in readings[key].calls:
            if called not in members:
                members[called] = context.reached[called]
                waiting.append(called)
    end_after_calls(readings)
    return readings, members


# ------------------------------------------------------------------- what plain flows do without
# The modules behind these are imported only where a flow needs them: start-up time is counted.
_PLAIN = StepSpec()
_GRAPH = re.compile(r"""\.graph\b|["']graph["']""")


def _parameters(
    decl: FlowDecl, folder: Folder, settings: Settings, sink: Sink
) -> tuple[Mapping[str, Parameter], Mapping[str, Config], Mapping[str, Value]]:
    if not decl.attributes:
        check_flow_imports(decl, folder.project, sink)
        folder.parameter_names = frozenset()
        return {}, {}, {}
    from flowc.frontend.parameters.declared import parameters

    return parameters(decl, folder, settings, sink)


def _blamed(
    readings: Mapping[str, Reading],
    members: Mapping[str, StepDecl | MethodDecl],
    context: ClassContext,
    ends: Collection[str],
    sink: Sink,
) -> set[str]:
    """The steps that leave their transition to other code, which is reported."""
    if len(members) == len(context.steps) and not any(reading.called_steps for reading in readings.values()):
        return set()
    from flowc.frontend.transitions.outside import Bodies, report_outside

    return report_outside(Bodies(readings=readings, members=members, steps=context.steps, ends=ends), sink)


def _read_only(context: ClassContext) -> Mapping[str, Span]:
    if not context.methods and not context.attributes:
        return {}
    from flowc.frontend.body.properties import read_only

    return read_only(context)


def _step_spec(
    step: StepDecl, folder: Folder, settings: Settings, sink: Sink, transition: Transition | None
) -> StepSpec:
    if not step.decorators:
        return _PLAIN
    from flowc.frontend.decorators.step import step_spec

    return step_spec(step, folder, settings, sink, transition)


def _flow_specs(decl: FlowDecl, folder: Folder, settings: Settings, sink: Sink) -> FlowSpecs:
    if not decl.decorators:
        return FlowSpecs()
    from flowc.frontend.decorators.flow import flow_specs

    return flow_specs(decl, folder, settings, sink)


# ----------------------------------------------------------------------------- parts of the graph
def _step(step: StepDecl, found: StepTransition, spec: StepSpec, reading: Reading) -> Step:
    return Step(
        name=step.name,
        span=step.span,
        doc=docstring(step.function),
        inputs=inputs_name(step),
        transition=found.transition,
        transition_span=found.span,
        spec=spec,
        body=reading.draft.freeze(step.name, step.span, found.keys),
    )


def _frozen(
    readings: Mapping[str, Reading], members: Mapping[str, StepDecl | MethodDecl]
) -> dict[str, MethodBody]:
    """The bodies of everything that can be called: all but the steps themselves."""
    return {
        key: reading.draft.freeze(key, name_span(members[key].module, members[key].function), {})
        for key, reading in readings.items()
        if not (isinstance(members[key], StepDecl) and key == members[key].name)
    }


def _class_attributes(context: ClassContext, known: Mapping[str, Value], taken: set[str]) -> dict[str, Value]:
    """Names that a read of `self.x` finds without an artifact, parameters and configurations apart."""
    found: dict[str, Value] = {}
    for name, attribute in context.attributes.items():
        if name not in taken:
            found[name] = known.get(name) or Unknown(attribute.span, f"`{name}` is a class attribute")
    for name, method in context.methods.items():
        found[name] = Unknown(method.module.span(method.function), f"`{name}` is a method")
    return found
