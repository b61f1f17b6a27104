"""A program as a running step reads it by `current.graph`: Metaflow's words for steps and structure.

The compiler writes it as JSON text, so that steps stay in the order of their definition. What Metaflow has no word for keeps to its shape: a step
whose own code chooses is a switch without a condition, a loop or an arm of a choice a list inside
`graph_structure`.
"""

from __future__ import annotations

import inspect
import json
from itertools import chain
from typing import TYPE_CHECKING

from flowc.ir.graph import Choose, Finish, Foreach, Fork, Gang, Goto, successors
from flowc.ir.params import ParameterType
from flowc.ir.region import (
    Again,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Run,
    SwitchRegion,
    inside_out,
)
from flowc.ir.values import Const

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.ir.graph import FlowGraph, Step
    from flowc.ir.program import Program
    from flowc.ir.region import Block, Region
    from flowc.ir.spec import FlowSpecs, StepSpec

Description = dict[str, object]


def described(program: Program) -> str:
    """The JSON text of `current.graph`; "" for a flow whose code does not ask for it."""
    if not program.graph.asks_graph:
        return ""
    return json.dumps(_flow(program), separators=(",", ":"), default=str)


def _flow(program: Program) -> Description:
    """File, first and last step, parameters, steps by name, structure."""
    graph = program.graph
    joins = {
        region.head: region.join
        for block in inside_out(program.body)
        for region in block.items
        if isinstance(region, ForkRegion | ForeachRegion | GangRegion)
    }
    return {
        "file": graph.file.rpartition("/")[2],
        "start_step": graph.start,
        "end_step": graph.end,
        "parameters": _parameters(graph),
        "constants": [
            {"name": name, "type": type(value.value).__name__}
            for name, value in graph.class_attributes.items()
            if isinstance(value, Const) and not name.startswith("_")
        ],
        "doc": inspect.cleandoc(graph.doc),
        "decorators": [{"name": name, "attributes": {}} for name in _flow_decorators(graph.specs)],
        "steps": {name: _step(step, graph, joins) for name, step in graph.steps.items()},
        "graph_structure": _structure(program.body),
    }


def _parameters(graph: FlowGraph) -> list[Description]:
    kinds = {
        p.attribute: "IncludeFile" if p.type is ParameterType.FILE else "Parameter"
        for p in graph.parameters.values()
    }
    kinds.update((config.attribute, "Config") for config in graph.configs.values())
    return [{"name": name, "type": kind} for name, kind in kinds.items()]


def _flow_decorators(specs: FlowSpecs) -> Iterator[str]:
    if specs.schedule is not None:
        yield "schedule"
    if specs.project is not None:
        yield "project"
    kinds = ["trigger_on_finish" if event.on_finish else "trigger" for event in specs.events]
    yield from dict.fromkeys(kinds)
    if specs.exit_hook is not None:
        yield "exit_hook"
    yield from (packages.manager + "_base" for packages in specs.packages)
    yield from (kept.name for kept in specs.kept)


# --------------------------------------------------------------------------- steps
def _step(step: Step, graph: FlowGraph, joins: Mapping[str, str]) -> Description:
    found: Description = {
        "name": step.name,
        "type": _type(step, graph),
        "line": step.span.line,
        "source_file": step.span.file.path,
        "doc": inspect.cleandoc(step.doc),
        "decorators": [{"name": name, "attributes": given} for name, given in _decorators(step.spec)],
        "next": successors(step.transition),
        "node_info": {},
    }
    match step.transition:
        case Foreach(items=items):
            found["foreach_artifact"] = items[0].value if items else None
        case Gang(size=size):
            found["num_parallel"] = size.value.value if isinstance(size.value, Const) else None
        case Choose(arms=arms, condition=condition):
            found["condition"] = condition.value if condition else None
            cases = ((case.value, successors(arm.then)[0]) for arm in arms for case in arm.cases)
            found["switch_cases"] = {str(value): target for value, target in cases}
    if step.name in joins and not isinstance(step.transition, Choose):
        found["matching_join"] = joins[step.name]
    return found


def _type(step: Step, graph: FlowGraph) -> str:
    match step.transition:
        case Fork():
            return "split-static"
        case Foreach():
            return "split-foreach"
        case Gang():
            return "split-parallel"
        case Choose():
            return "split-switch"
        case Finish() | Goto():
            if step.name in (graph.start, graph.end):
                return "start" if step.name == graph.start else "end"
            return "join" if step.is_join else "linear"


def _decorators(spec: StepSpec) -> Iterator[tuple[str, Description]]:
    """(name, what it was given or has by default) of each decorator, innermost facts in Metaflow's words."""
    if spec.resources_span is not None:
        needs = spec.resources
        yield (
            "resources",
            {
                "cpu": needs.cpu_millis / 1000,
                "memory": needs.memory_mb,
                "gpu": needs.gpu or None,
                "disk": needs.disk_mb,
                "shared_memory": needs.shared_memory_mb,
            },
        )
    if spec.retry is not None:
        yield (
            "retry",
            {"times": spec.retry.times, "minutes_between_retries": spec.retry.delay_seconds / 60},
        )
    if spec.timeout_seconds is not None:
        yield "timeout", {"seconds": spec.timeout_seconds.value}
    if spec.catch is not None:
        yield "catch", {"var": spec.catch.var, "print_exception": spec.catch.print_exception}
    if spec.environment:
        yield "environment", {"vars": {name: given.value for name, given in spec.environment.items()}}
    if spec.secrets:
        yield "secrets", {"sources": [secret.name for secret in spec.secrets]}
    for name, platform in (("kubernetes", spec.kubernetes), ("batch", spec.batch)):
        if platform is not None:
            yield name, {key: given.value for key, given in platform.attributes.items()}
    if spec.fanout is not None:
        yield (
            "fanout",
            {"max_workers": spec.fanout.max_workers, "max_num_splits": spec.fanout.max_num_splits},
        )
    for packages in spec.packages:
        yield packages.manager, {"packages": dict(packages.packages), "python": packages.python}
    plain = (("parallel", spec.parallel), ("card", spec.card))
    for name in chain((name for name, span in plain if span is not None), (k.name for k in spec.kept)):
        yield name, {}


# --------------------------------------------------------------------------- structure
def _structure(body: Block) -> list[object]:
    """The steps in order; what lies between a split or a choice and where it ends is a list of lists."""
    made: dict[Block, list[object]] = {}
    for block in inside_out(body):
        made[block] = [part for region in block.items for part in _parts(region, made)]
    return made[body]


def _parts(region: Region, made: Mapping[Block, list[object]]) -> list[object]:
    match region:
        case Run(step=step):
            return [step]
        case ForkRegion(arms=arms):
            return [[made[arm] for arm in arms]]
        case SwitchRegion(arms=switch_arms):
            return [[made[arm.block] for arm in switch_arms]]
        case ForeachRegion(body=body) | LoopRegion(body=body):
            return [[made[body]]]
        case GangRegion(body=body):
            return list(made[body])
        case Again() | Leave():
            return []
