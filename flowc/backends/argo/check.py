"""What Argo Workflows and Kubernetes would refuse, reported before anything is emitted.

Invariant: after a check without errors `emit` is total, apart from sizes that only the result shows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.argo.nodes import MAX_DEPTH, MAX_NODES, count_nodes, deepest
from flowc.backends.argo.steps import is_tried
from flowc.backends.argo.workflow import workflow_parameters
from flowc.backends.naming import flow_name
from flowc.diagnostics import catalog
from flowc.manifest.names import MAX_CRON_NAME, is_label
from flowc.platform.kubernetes import grammar
from flowc.platform.kubernetes.check import check_image, check_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.diagnostics.model import Sink
    from flowc.ir.program import Program
    from flowc.target.settings import Settings

_MAX_PARAMETERS = 500
_MAX_NAME = 57  # a run's name appends a dash and five characters, and is a label's value
_PARAMETER_NAME = re.compile(r"[-A-Za-z0-9_]+")


def check(program: Program, settings: Settings, sink: Sink) -> None:
    """Report all that the target refuses."""
    _check_names(program, settings, sink)
    _check_settings(program, settings, sink)
    _check_parameters(program, settings, sink)
    _check_schedule(program, sink)
    for step in program.graph.steps.values():
        check_step(step, sink)
    _check_nodes(program, settings, sink)
    _check_depth(program, settings, sink)


def _check_names(program: Program, settings: Settings, sink: Sink) -> None:
    scheduled = program.graph.specs.schedule is not None
    longest = MAX_CRON_NAME if scheduled else _MAX_NAME
    name = flow_name(program, settings)
    if is_label(name, longest):
        return
    reason = f"it has at most {longest} lower-case letters, digits and inner `-`"
    if scheduled:
        reason += ", since a scheduled run's name appends its time"
    message = f"`{name}` cannot be the name of a workflow"
    sink.report(
        catalog.INVALID_NAME, program.graph.span, message, notes=[reason], helps=["set another with `--name`"]
    )


def _check_settings(program: Program, settings: Settings, sink: Sink) -> None:
    where = program.graph.span
    if settings.image is not None:
        check_image(settings.image, where, sink)
    for setting, text, judge in _judged(settings):
        reason = judge(text)
        if reason is not None:
            sink.report(catalog.INVALID_FIELD, where, f"`{text}` cannot be `{setting}`", notes=[reason])
    for item in settings.argo.tolerations:
        reason = grammar.toleration(dict(item))
        if reason is not None:
            message = f"`{dict(item)}` cannot be one of `argo.tolerations`"
            sink.report(catalog.INVALID_FIELD, where, message, notes=[reason])


def _judged(settings: Settings) -> Iterator[tuple[str, str, Callable[[str], str | None]]]:
    """Each setting that reaches a manifest, with the grammar of its field."""
    argo = settings.argo
    single: list[tuple[str, str | None, Callable[[str], str | None]]] = [
        ("datastore", settings.datastore, _inert),
        ("argo.namespace", argo.namespace, grammar.namespace),
        ("argo.service_account", argo.service_account, grammar.object_name),
        ("argo.event_bus", argo.event_bus, grammar.object_name),
        ("argo.event_source", argo.event_source, grammar.object_name),
        ("argo.event_name", argo.event_name, grammar.label_value),
        ("argo.event_url", argo.event_url, _inert),
        ("argo.gpu_resource", argo.gpu_resource, grammar.qualified_name),
        ("argo.image_pull_policy", argo.image_pull_policy, grammar.pull_policy),
        ("argo.volume_claim", argo.volume_claim, grammar.object_name),
        ("argo.s3_endpoint", argo.s3_endpoint, _inert),
        ("argo.s3_secret", argo.s3_secret, grammar.object_name),
        *(("argo.image_pull_secrets", name, grammar.object_name) for name in argo.image_pull_secrets),
    ]
    for setting, text, judge in single:
        if text is not None:
            yield setting, text, judge
    for setting, pairs, judge in (
        ("argo.labels", argo.labels, grammar.label_value),
        ("argo.node_selector", argo.node_selector, grammar.label_value),
        ("argo.annotations", argo.annotations, grammar.annotation_value),
        ("argo.service_account_annotations", argo.service_account_annotations, grammar.annotation_value),
    ):
        for key, value in pairs.items():
            yield setting, key, grammar.qualified_name
            yield setting, value, judge


def _inert(text: str) -> str | None:
    return None if contract.is_inert(text) else "it has letters, digits, blanks and `_ . , : / @ = + -`"


def _check_parameters(program: Program, settings: Settings, sink: Sink) -> None:
    graph = program.graph
    for parameter in graph.parameters.values():
        if not _PARAMETER_NAME.fullmatch(parameter.name):
            message = f"`{parameter.name}` cannot be the name of a parameter on Argo Workflows"
            reason = "a parameter's name has letters without accents, digits, `_` and `-`"
            helps = ["rename the parameter; the attribute that holds it may keep its name"]
            sink.report(catalog.INVALID_NAME, parameter.span, message, notes=[reason], helps=helps)
    count = len(workflow_parameters(graph, settings))
    if count > _MAX_PARAMETERS:
        message = f"`{graph.name}` has {count:,} parameters with flowc's own; Argo Workflows takes {_MAX_PARAMETERS}"
        helps = ["put what belongs together into one parameter of type `JSONType`"]
        sink.report(catalog.TOO_MANY_PARAMETERS, graph.span, message, helps=helps)


def _check_schedule(program: Program, sink: Sink) -> None:
    schedule = program.graph.specs.schedule
    if schedule is None:
        return
    from flowc.backends.schedule import check_schedule
    from flowc.manifest.cron import to_unix

    remedy = "say it in the five fields of Unix cron, or run more often and leave early in `start`"
    check_schedule(schedule, to_unix, "Argo Workflows", remedy, sink)


def _check_nodes(program: Program, settings: Settings, sink: Sink) -> None:
    graph = program.graph
    known, most, head = count_nodes(
        program, settings, lambda step: is_tried(graph.steps[step].spec, settings)
    )
    where = graph.steps[head].transition_span
    notes = [
        f"Argo Workflows keeps {MAX_NODES:,} nodes of a run apart; beyond that two may share an id, and a task is lost"
    ]
    helps = ["split into fewer items with more work in each", "hand part of the work to a flow of its own"]
    if known > MAX_NODES:
        message = f"a run of `{graph.name}` has at least {known:,} nodes, most of them from `{head}`"
        sink.report(catalog.TOO_MANY_NODES, where, message, notes=notes, helps=helps)
    elif most > MAX_NODES:
        message = (
            f"a run of `{graph.name}` may have {most:,} nodes within its limits, most of them from `{head}`"
        )
        helps = [
            "lower `max_num_splits` where a split is known to be small, with `@fanout` or in the configuration"
        ]
        sink.report(catalog.MANY_NODES, where, message, notes=notes, helps=helps)


def _check_depth(program: Program, settings: Settings, sink: Sink) -> None:
    graph = program.graph
    found = deepest(program, lambda step: is_tried(graph.steps[step].spec, settings), settings.max_visits)
    total = found.total(settings.max_visits)
    if total <= MAX_DEPTH:
        return
    parts = [f"{settings.max_visits} visits of the loop at `{head}`" for head in found.loops]
    message = f"a run of `{graph.name}` can nest {total} deep; Argo Workflows nests {MAX_DEPTH}"
    notes = [" + ".join([*parts, f"{found.levels} levels around"])]
    fits = (MAX_DEPTH - found.levels) // max(1, len(found.loops))
    helps = (
        [f"allow fewer visits: `--max-visits {fits}`"] if found.loops and fits > 0 else ["nest less deeply"]
    )
    sink.report(catalog.LOOP_TOO_DEEP, graph.steps[found.head].span, message, notes=notes, helps=helps)
