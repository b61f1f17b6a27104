"""The DAGs that stand around others: around a pod that is tried again, around the tasks of a foreach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.argo.conditions import expression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.backends.argo.manifest import Parameter, Task, Template

PATH = "{{inputs.parameters.path}}"
_SPLITS = "inputs.parameters.splits"


def parameter(name: str, value: str) -> Parameter:
    """An argument."""
    return {"name": name, "value": value}


def output_of(task: str, output: str) -> str:
    """The tag of another task's control output."""
    return "{{tasks." + task + ".outputs.parameters." + output + "}}"


def around_pod(name: str, pod: str, outputs: Sequence[str], *, is_root: bool) -> Template:
    """The DAG around a pod that is tried again; the pod's control outputs are its own."""
    made: Template = {"name": name}
    task: Task = {"name": pod, "template": pod}
    if not is_root:
        made["inputs"] = {"parameters": [{"name": "path"}]}
        task["arguments"] = {"parameters": [parameter("path", PATH)]}
    if outputs:
        passed: list[Parameter] = [
            {"name": output, "valueFrom": {"parameter": output_of(pod, output)}} for output in outputs
        ]
        made["outputs"] = {"parameters": passed}
    made["dag"] = {"tasks": [task]}
    return made


def around_items(
    name: str, task: str, template: str, count: str, *, parallelism: int, is_root: bool
) -> Template:
    """The DAG with one task for each item of a split."""
    outer = contract.ROOT if is_root else PATH
    each: Task = {
        "name": task,
        "template": template,
        "arguments": {"parameters": [parameter("path", outer + ".{{item}}")]},
        "withSequence": {"count": count},
    }
    return {
        "name": name,
        "parallelism": parallelism,
        "inputs": {"parameters": [{"name": "splits"}] if is_root else [{"name": "path"}, {"name": "splits"}]},
        "dag": {"tasks": [each]},
    }


def guarded_count(kind: str, name: str, limit: int, why: str) -> str:
    """The number of items; beyond the limit a message that is no number, so that the task errors by name."""
    message = f"'{kind} {name} - ' + {_SPLITS} + ' splits, {why}'"
    return expression(f"asInt({_SPLITS}) <= {limit} ? {_SPLITS} : {message}")
