"""What starts a flow by an event: one Sensor of Argo Events.

An event arrives at the event source named in the configuration, in the shape of Metaflow's
`ArgoEvent`: its name and fields lie in `body.payload`. Another flow's end is such an event too
(see `exits`). The event bus and the event source are the cluster's own, not a flow's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.argo.objects import metadata, trigger_account
from flowc.backends.argo.steps import passes_default
from flowc.backends.naming import finished_event, flow_name
from flowc.manifest.names import Names, step_label

if TYPE_CHECKING:
    from flowc.backends.argo.manifest import Object
    from flowc.backends.base import Emission
    from flowc.ir.graph import FlowGraph
    from flowc.ir.spec import Event

_REGEX_SPECIAL = re.compile(r"[.^$*+?()\[\]{}|\\]")
_GJSON_SPECIAL = re.compile(r"[^A-Za-z0-9_-]")


def sensor(emission: Emission) -> Object:
    """The Sensor of a flow with `@trigger` or `@trigger_on_finish`."""
    program, settings = emission.program, emission.settings
    specs = program.graph.specs
    name = flow_name(program, settings)
    labels = Names()
    dependencies = [(labels.claim(_dependency_name(event)), event) for event in specs.events]
    template: Object = {"name": name}
    if not specs.events_all and len(dependencies) > 1:
        template["conditions"] = " || ".join(label for label, _ in dependencies)
    template["argoWorkflow"] = _submission(program.graph, name, dependencies)
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Sensor",
        "metadata": metadata(emission, name),
        "spec": {
            "eventBusName": settings.argo.event_bus,
            "template": {"serviceAccountName": trigger_account(name)},
            "dependencies": [_dependency(label, event, emission) for label, event in dependencies],
            "triggers": [{"template": template}],
        },
    }


def event_name(event: Event) -> str:
    """The name by which an event is known: as written, or that of another flow's end."""
    if not event.on_finish:
        return event.name
    return finished_event(event.name, event.project, event.branch)


def _dependency_name(event: Event) -> str:
    return step_label(_GJSON_SPECIAL.sub("_", event_name(event)).replace("-", "_").lower())


def _dependency(label: str, event: Event, emission: Emission) -> Object:
    argo = emission.settings.argo
    # The filter is a regular expression that may match anywhere: the whole name, and as it is.
    exact = "^" + _REGEX_SPECIAL.sub(r"\\\g<0>", event_name(event)) + "$"
    return {
        "name": label,
        "eventSourceName": argo.event_source,
        "eventName": argo.event_name,
        "filters": {"data": [{"path": "body.payload.name", "type": "string", "value": [exact]}]},
    }


def _submission(graph: FlowGraph, name: str, dependencies: list[tuple[str, Event]]) -> Object:
    """A run of the template; the mapped parameters come from the events' fields, `current.trigger` from all."""
    mapped = [
        (label, parameter, field) for label, e in dependencies for parameter, field in e.parameters.items()
    ]
    told = [(label, _whole_event(label, event), "") for label, event in dependencies]
    names = list(dict.fromkeys(parameter for _, parameter, _ in (*mapped, *told)))
    defaults = {p.name: passes_default(p) or contract.SENTINEL for p in graph.parameters.values()}
    arguments = [
        {"name": parameter, "value": defaults.get(parameter, contract.SENTINEL)} for parameter in names
    ]
    spec: Object = {"workflowTemplateRef": {"name": name}, "arguments": {"parameters": arguments}}
    made: Object = {"operation": "submit"}
    made["parameters"] = [
        {
            "src": {
                "dependencyName": label,
                "dataKey": f"body.payload.{_gjson(field)}" if field else "body.payload",
                "value": defaults.get(parameter, contract.SENTINEL),
            },
            "dest": f"spec.arguments.parameters.{names.index(parameter)}.value",
        }
        for label, parameter, field in (*mapped, *told)
    ]
    made["source"] = {
        "resource": {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": {"generateName": f"{name}-"},
            "spec": spec,
        }
    }
    return made


def _whole_event(label: str, event: Event) -> str:
    """The parameter that an event comes in, beyond the template's own; the shim alone reads it."""
    return (contract.PARAM_FINISHED if event.on_finish else contract.PARAM_EVENT) + label


def _gjson(field: str) -> str:
    """A field's name in a path: what the path language reads is escaped."""
    return _GJSON_SPECIAL.sub(lambda match: "\\" + match[0], field)
