"""A workflow object's nodes as tasks: how many of each step are where, and what keeps them.

A task is the node of type Retry where its step is retried, else its pod. Everything else (DAGs,
task groups, arms not taken) is structure.
"""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64decode
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from flowc import contract
from flowc.deploy.status import RunStatus, State, StepCount, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowc.deploy.argo.cluster import Object

RUN_PREFIX = contract.ARGO_RUN
_STATES = {
    "": State.PENDING,
    "Pending": State.PENDING,
    "Running": State.RUNNING,
    "Succeeded": State.SUCCEEDED,
    "Failed": State.FAILED,
    "Error": State.FAILED,
}
_FAILED = frozenset({"Failed", "Error"})
_STARTING = frozenset({"", "PodInitializing", "ContainerCreating"})  # what every pod waits for
_PASSED_ON = "{{inputs.parameters.step}}"  # in a folded template


class Task(NamedTuple):
    """A task as its node tells; `began` orders tasks."""

    step: str
    path: str
    phase: str
    message: str
    began: str


def run_status(workflow: Object) -> RunStatus:
    """How far the run of a Workflow object is."""
    status = workflow.get("status") or {}
    state = _STATES.get(str(status.get("phase") or ""), State.RUNNING)
    if state is State.FAILED and (workflow.get("spec") or {}).get("shutdown"):
        state = State.CANCELLED
    tasks = sorted(tasks_of(workflow), key=lambda task: (not task.began, task.began))
    return RunStatus(
        run_id=RUN_PREFIX + str(workflow["metadata"]["name"]),
        name=str(((workflow.get("spec") or {}).get("workflowTemplateRef") or {}).get("name") or ""),
        state=state,
        started=moment(status.get("startedAt")),
        ended=moment(status.get("finishedAt")),
        message=str(status.get("message") or ""),
        steps=tuple(_counts(tasks)),
        troubles=tuple(_troubles(tasks)),
    )


def tasks_of(workflow: Object) -> list[Task]:
    """The tasks that the engine has begun."""
    status = workflow.get("status") or {}
    nodes = _nodes(status)
    steps = _steps_by_template(workflow)
    tries = {child for node in nodes.values() if node.get("type") == "Retry" for child in _children(node)}
    return [
        _task(node, nodes, steps)
        for name, node in nodes.items()
        if node.get("type") in {"Pod", "Retry"} and name not in tries and node.get("phase") != "Omitted"
    ]


def _nodes(status: Object) -> Mapping[str, Object]:
    """The nodes, which the controller compresses where they are many."""
    packed = status.get("compressedNodes")
    if packed:
        try:
            unpacked = json.loads(gzip.decompress(b64decode(packed)))
        except (ValueError, OSError, EOFError, zlib.error):
            return {}
        kept = unpacked.items() if isinstance(unpacked, dict) else ()
        return {name: node for name, node in kept if isinstance(node, dict)}
    return status.get("nodes") or {}


def _task(node: Object, nodes: Mapping[str, Object], steps: Mapping[str, str]) -> Task:
    given = {p["name"]: p.get("value") for p in (node.get("inputs") or {}).get("parameters") or ()}
    step = steps.get(str(node.get("templateName")), "")
    if step == _PASSED_ON:
        step = str(given.get("step") or "")
    shown = str(node.get("displayName") or "").partition("(")[0]
    last = nodes.get(_children(node)[-1], node) if node.get("type") == "Retry" and _children(node) else node
    return Task(
        step=contract.shown_name(step) if step else shown,
        path=str(given.get("path") or contract.ROOT),
        phase=str(node.get("phase") or "Pending"),
        message=str(last.get("message") or node.get("message") or ""),
        began=str(node.get("startedAt") or ""),
    )


def _children(node: Object) -> list[str]:
    found = node.get("children")
    return [str(child) for child in found] if isinstance(found, list) else []


def _steps_by_template(workflow: Object) -> dict[str, str]:
    """The step that the pods of each template run, as the command says it."""
    stored = (workflow.get("status") or {}).get("storedWorkflowTemplateSpec") or {}
    found: dict[str, str] = {}
    for template in stored.get("templates") or ():
        words = (template.get("container") or {}).get("args") or []
        if len(words) == 2 and words[0] == "step":
            found[str(template.get("name"))] = str(words[1])
    return found


def _counts(tasks: Iterable[Task]) -> Iterable[StepCount]:
    found: dict[str, list[int]] = {}
    for task in tasks:
        counts = found.setdefault(task.step, [0, 0, 0, 0])
        counts[_place(task.phase)] += 1
    return [StepCount(step, *counts) for step, counts in found.items()]


def _place(phase: str) -> int:
    if phase == "Succeeded":
        return 2
    if phase in _FAILED:
        return 3
    return 1 if phase == "Running" else 0


def _troubles(tasks: Iterable[Task]) -> Iterable[Trouble]:
    """What failed, and what waits for a reason that the cluster tells."""
    for task in tasks:
        if task.phase in _FAILED or (task.phase == "Pending" and task.message not in _STARTING):
            yield Trouble(task.step, task.path, task.message, failed=task.phase in _FAILED)


def moment(text: object) -> float | None:
    """A time as Kubernetes writes it, in seconds since 1970."""
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
