"""The steps of the flow that a part of a manifest serves, read from the manifest alone.

A pod or a job names its step in FLOWC_STEP. What holds several of them serves the step whose split
it carries out, or else all the steps inside it.

Invariant: a name that no step of the flow has is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc import contract

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from flowc.cli.provenance.spot import Spot
    from flowc.manifest.placed.document import Path

    Templates: TypeAlias = Mapping[str, Mapping[str, object]]


class Part(NamedTuple):
    """The template, state or resource around a value: its name, the value's path inside, the steps it serves."""

    kind: str  # `template`, `state`, `resource`; "" outside of any
    name: str
    inner: Path
    steps: tuple[str, ...]


def part_of(spot: Spot) -> Part:
    """The innermost template, state or resource that holds the value."""
    value, path = spot.document.value, spot.path
    if path[:2] == ("spec", "templates") and len(path) > 2:
        return _template(spot)
    for depth in range(len(path) - 1, 0, -1):
        if path[depth - 1] == "States" and isinstance(path[depth], str):
            name = str(path[depth])
            return Part(
                "state", name, path[depth + 1 :], _state_steps(name, spot.document.at(path[: depth + 1]))
            )
    if path[:1] == ("Resources",) and len(path) > 1 and isinstance(value, dict):
        return Part("resource", str(path[1]), path[2:], ())
    return Part("", "", path, ())


# --------------------------------------------------------------------------- Argo
def _template(spot: Spot) -> Part:
    templates = _templates(spot)
    index = spot.path[2]
    own = spot.document.at(spot.path[:3])
    name = str(own.get("name", index)) if isinstance(own, dict) else str(index)
    inner = spot.path[3:]
    task = spot.document.at(spot.path[:6]) if inner[:2] == ("dag", "tasks") and len(inner) > 2 else None
    called = _task_steps(task, name, templates) if isinstance(task, dict) else ()
    return Part("template", name, inner, called or _template_steps(name, templates))


def _templates(spot: Spot) -> Templates:
    found = spot.document.at(("spec", "templates"))
    listed = found if isinstance(found, list) else []
    return {str(t["name"]): t for t in listed if isinstance(t, dict) and "name" in t}


def _template_steps(name: str, templates: Templates) -> tuple[str, ...]:
    """The step of a pod; the step whose split a DAG carries out; all that share a folded pod or lie in a DAG."""
    own = templates.get(name, {})
    callers = [
        (at, task) for at in templates for task in _tasks(templates[at]) if task.get("template") == name
    ]
    if "container" in own:
        step = _step_of(own)
        given = (_argument(task, "step") for _, task in callers)
        return (step,) if step is not None else tuple(dict.fromkeys(s for s in given if s is not None))
    for at, task in callers:
        if splitter := _splitter(task, at, templates):
            return splitter
        if "withSequence" in task and at != name:
            return _template_steps(at, templates)  # the body of a foreach: its wrapper knows the split
    inside = (step for task in _tasks(own) for step in _task_steps(task, name, templates))
    return tuple(dict.fromkeys(inside))


def _task_steps(task: Mapping[str, object], at: str, templates: Templates) -> tuple[str, ...]:
    """The step that a task of the DAG `at` starts, or whose split it carries out."""
    step = _argument(task, "step") or _step_of(templates.get(str(task.get("template")), {}))
    return (step,) if step is not None else _splitter(task, at, templates)


def _splitter(task: Mapping[str, object], at: str, templates: Templates) -> tuple[str, ...]:
    """The step whose count of items a task is given: `{{tasks.NAME.outputs.parameters.splits}}`."""
    _, found, rest = (_argument(task, "splits") or "").partition("tasks.")
    name = rest.partition(".")[0]
    siblings = (other for other in _tasks(templates[at]) if other is not task and other.get("name") == name)
    return next((_task_steps(other, at, templates) for other in siblings if found), ())


def _tasks(template: Mapping[str, object]) -> list[Mapping[str, object]]:
    dag = template.get("dag")
    tasks = dag.get("tasks") if isinstance(dag, dict) else None
    return [task for task in tasks if isinstance(task, dict)] if isinstance(tasks, list) else []


def _argument(task: Mapping[str, object], name: str) -> str | None:
    arguments = task.get("arguments")
    parameters = arguments.get("parameters") if isinstance(arguments, dict) else None
    return _named(parameters, name, "name", "value")


def _step_of(template: Mapping[str, object]) -> str | None:
    """The step of a pod; None for a DAG, and for a folded pod, which is given its step."""
    container = template.get("container")
    variables = container.get("env") if isinstance(container, dict) else None
    found = _named(variables, contract.ENV_STEP, "name", "value")
    return None if found is None or "{{" in found else found


# --------------------------------------------------------------------------- Step Functions
def _state_steps(name: str, state: object) -> tuple[str, ...]:
    """The step of a job; of a state around it the step whose name its own begins with."""
    arguments = state.get("Arguments") if isinstance(state, dict) else None
    overrides = arguments.get("ContainerOverrides") if isinstance(arguments, dict) else None
    variables = overrides.get("Environment") if isinstance(overrides, dict) else None
    found = _named(variables, contract.ENV_STEP, "Name", "Value")
    return (found or name.partition("__")[0],)


def _named(listed: object, name: str, key: str, value: str) -> str | None:
    """The value of a `{name, value}` pair in a list of such."""
    for pair in listed if isinstance(listed, list) else ():
        if isinstance(pair, dict) and pair.get(key) == name and isinstance(pair.get(value), str):
            return str(pair[value])
    return None
