"""What runs when a run has ended: the flow's exit hooks, and the event that tells other flows.

The event is posted to a webhook of Argo Events (`event_url` under [tool.flowc.argo]), in the
shape that Metaflow gives its own, so that flows compiled by either start one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.argo.steps import run_image
from flowc.backends.naming import finished_event, project_branch
from flowc.backends.task_settings import flow_document

if TYPE_CHECKING:
    from flowc.backends.argo.manifest import Parameter, Task, Template
    from flowc.backends.argo.naming import TemplateNames
    from flowc.ir.graph import FlowGraph
    from flowc.ir.program import Program
    from flowc.platform.kubernetes.manifest import ResourceLists, Variable
    from flowc.target.settings import Settings

_SMALL: ResourceLists = {"requests": {"cpu": "200m", "memory": "256M"}, "limits": {"memory": "256M"}}
# What posts the event of a finished run, with the fields that Metaflow's sensors filter by. The manifest
# sets its variables.
_PUBLISH = (
    "import json, os, time, urllib.request as u; e = os.environ; "
    "p = {'name': e['FLOWC_EVENT'], 'run_id': e['FLOWC_RUN_ID'], 'flow': e['FLOWC_FLOW'], "
    "'id': '/'.join((e['FLOWC_FLOW'], e['FLOWC_RUN_ID'], 'end/r')), 'timestamp': int(time.time()), "
    "'flow_name': e['FLOWC_FLOW'], 'auto-generated-by-metaflow': 'True'}; "
    "n, _, b = e.get('FLOWC_PROJECT', '').partition('.'); "
    "p.update({'project_name': n, 'branch_name': b or 'user'} if n else {}); "
    "r = u.Request(e['FLOWC_EVENT_URL'], json.dumps({'payload': p}).encode(), {'Content-Type': 'application/json'}); "
    "u.urlopen(r, timeout=60).close()"
)


def exit_templates(program: Program, settings: Settings, names: TemplateNames) -> list[Template]:
    """The DAG that runs when the run has ended, and its pods; nothing where nothing is to be done."""
    graph = program.graph
    hook, url = graph.specs.exit_hook, settings.argo.event_url
    tasks: list[Task] = []
    pods: list[Template] = []
    if hook is not None:
        name = names.claim(contract.EXIT_HOOK_STEP)
        for functions, status, condition in (
            (hook.on_success, contract.RUN_SUCCEEDED, "=="),
            (hook.on_error, contract.RUN_FAILED, "!="),
        ):
            if functions:
                hooks = ",".join(contract.escape_name(function.value) for function in functions)
                tasks.append(_hook_task(name, hooks, status, condition))
        pods.append(_hook_template(name, program, settings))
    if url is not None:
        name = names.claim("publish")
        tasks.append({"name": name, "template": name, "when": "{{workflow.status}} == Succeeded"})
        pods.append(_publish_template(name, graph, settings, url))
    if not tasks:
        return []
    return [{"name": names.claim("on-exit"), "dag": {"tasks": tasks}}, *pods]


def _hook_task(template: str, hooks: str, status: str, condition: str) -> Task:
    arguments: list[Parameter] = [{"name": "hooks", "value": hooks}, {"name": "status", "value": status}]
    return {
        "name": f"on-{status}",
        "template": template,
        "when": f"{{{{workflow.status}}}} {condition} Succeeded",
        "arguments": {"parameters": arguments},
    }


def _hook_template(name: str, program: Program, settings: Settings) -> Template:
    values = [
        (contract.ENV_STEP, contract.EXIT_HOOK_STEP),
        (contract.ENV_HOOKS, "{{inputs.parameters.hooks}}"),
        (contract.ENV_RUN_STATUS, "{{inputs.parameters.status}}"),
        *flow_document(program, settings),
    ]
    env: list[Variable] = [{"name": variable, "value": value} for variable, value in values]
    return {
        "name": name,
        "inputs": {
            "parameters": [{"name": "path", "default": contract.ROOT}, {"name": "hooks"}, {"name": "status"}]
        },
        "container": {
            "image": run_image(settings),
            "args": ["step", contract.EXIT_HOOK_STEP],
            "env": env,
            "resources": _SMALL,
        },
    }


def _own_event(graph: FlowGraph, settings: Settings) -> str:
    """The name of the event that a finished run publishes."""
    flow, project = contract.escape_name(graph.name), graph.specs.project
    if project is None:
        return finished_event(flow, None, None)
    name, _, branch = project_branch(project, settings).partition(".")
    return finished_event(flow, name, branch or None)


def _publish_template(name: str, graph: FlowGraph, settings: Settings, url: str) -> Template:
    return {
        "name": name,
        "inputs": {"parameters": [{"name": "path", "default": contract.ROOT}]},
        "container": {
            "image": run_image(settings),
            "command": ["python3", "-c"],
            "args": [_PUBLISH],
            "env": [
                {"name": "FLOWC_EVENT", "value": _own_event(graph, settings)},
                {"name": "FLOWC_EVENT_URL", "value": url},
            ],
            "resources": _SMALL,
        },
    }
