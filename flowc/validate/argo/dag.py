"""DAGs: what each task waits for, that none waits for itself, and what is in scope for it.

Invariant: an output is in scope for a task when the task that has it has ended before in every run,
that is, for those that depend on it, directly or through others. Where a `depends` is at fault,
everything is in scope, so that one mistake is told once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.argo.depends import OF_ITEMS, Dependency, read_depends
from flowc.validate.argo.loops import LOOPS
from flowc.validate.argo.references import check_references
from flowc.validate.argo.scope import Added, Scope, node_names, scope_of
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.argo.tasks import check_call_of, check_task_names, check_texts
from flowc.validate.parts import Mapping, items, mapping, mappings, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Template, Workflow
    from flowc.validate.findings import Findings


class _Task(NamedTuple):
    name: str
    value: Mapping
    findings: Findings


class _Waits(NamedTuple):
    """The tasks of the DAG that one waits for, and whether these are all."""

    tasks: frozenset[str]
    certain: bool


_Tasks: TypeAlias = "dict[str, _Task]"


def check_dag(workflow: Workflow, template: Template) -> Scope:
    """Check the tasks of a DAG; what its outputs may name is given back."""
    written = list(mappings(mapping(template.value.get("dag")).get("tasks")))
    check_task_names(
        template.findings, [(("dag", "tasks", index), task) for index, task in written], template.name
    )
    tasks: _Tasks = {}
    for index, value in written:
        name = text(value.get("name"))
        tasks.setdefault(name, _Task(name, value, template.findings.below("dag", "tasks", index)))
    waits = {name: _waits(task, tasks) for name, task in tasks.items()}
    _check_cycles(tasks, waits)
    _check_mixture(tasks)
    _check_targets(template, tasks)
    added = {
        name: node_names(
            f"tasks.{name}", check_call_of(workflow, task.findings, task.value, f"task `{name}`"), task.value
        )
        for name, task in tasks.items()
    }
    base = scope_of(workflow, template)
    check_references(
        template.findings, mapping(template.value.get("dag")).get("target"), ("dag", "target"), base
    )
    for name, task in tasks.items():
        check_texts(
            task.findings, task.value, _scope(name, base, waits, added), added[name], f"tasks.{name}."
        )
    return base.with_all(added.values())


def _scope(name: str, base: Scope, waits: dict[str, _Waits], added: dict[str, Added]) -> Scope:
    """What is in scope for a task: what the workflow gives, and what its ancestors added."""
    ancestors: set[str] = set()
    todo = [name]
    certain = True
    while todo:
        at = waits[todo.pop()]
        certain = certain and at.certain
        todo += at.tasks - ancestors
        ancestors |= at.tasks
    scope = base.with_all(added[each] for each in ancestors)
    return scope if certain else scope.plus((), ("tasks.",))


# ----------------------------------------------------------------------------------------- order
def _waits(task: _Task, tasks: _Tasks) -> _Waits:
    waited, fault = read_depends(text(task.value.get("depends"))) if task.value.get("depends") else ([], None)
    if fault is not None:
        message = f"the `depends` of task `{task.name}` cannot be read: {fault.reason}"
        remedy = "write names of tasks, joined by `&&`, `||` and `!`, each with a result such as `.Succeeded`"
        part = (fault.start, fault.end)
        task.findings.report(catalog.DEPENDS_EXPRESSION, ("depends",), message, remedy, part=part)
    for each in waited:
        _check_dependency(task, ("depends",), each, tasks)
    names = {each.task for each in waited}
    for index, name in enumerate(items(task.value.get("dependencies"))):
        if isinstance(name, str):
            names.add(name)
            _check_dependency(task, ("dependencies", index), Dependency(name, "", 0, len(name)), tasks)
    return _Waits(frozenset(names & set(tasks)), certain=fault is None and names <= set(tasks))


def _check_dependency(task: _Task, path: Path, each: Dependency, tasks: _Tasks) -> None:
    part = (each.start, each.end)
    if each.task not in tasks:
        helps = did_you_mean(each.task, tasks) or ("name a task of the same DAG",)
        message = f"task `{task.name}` depends on `{each.task}`, which is not in its DAG"
        task.findings.report(catalog.UNKNOWN_TASK, path, message, *helps, part=part)
    elif each.result in OF_ITEMS and not any(tasks[each.task].value.get(key) for key in LOOPS):
        message = f"task `{task.name}` asks for `{each.result}` of `{each.task}`, which has no items"
        task.findings.report(
            catalog.DEPENDS_EXPRESSION, path, message, "ask for `Succeeded` or `Failed`", part=part
        )


def _check_cycles(tasks: _Tasks, waits: dict[str, _Waits]) -> None:
    """Report each cycle once, at its first task that is met. Iterative: a DAG may be one long chain."""
    left = {name: set(each.tasks) for name, each in waits.items()}
    after: dict[str, list[str]] = {}
    for name, each in waits.items():
        for before in each.tasks:
            after.setdefault(before, []).append(name)
    ready = [name for name, before in left.items() if not before]
    while ready:
        done = ready.pop()
        del left[done]
        for name in after.get(done, ()):
            left[name].discard(done)
            if not left[name]:
                ready.append(name)
    told: set[str] = set()
    for start in tasks:
        if start in left and start not in told:
            cycle = _cycle(start, left)
            if not told & set(cycle):
                _report_cycle(tasks[cycle[0]], cycle)
            told |= set(cycle)


def _cycle(start: str, left: dict[str, set[str]]) -> list[str]:
    """The cycle that one comes to from a task that never gets ready."""
    order: dict[str, None] = {}
    at = start
    while at not in order:
        order[at] = None
        at = min(left[at])
    names = list(order)
    return names[names.index(at) :]


def _report_cycle(task: _Task, cycle: list[str]) -> None:
    path = ("depends",) if task.value.get("depends") else ("dependencies",)
    shown = " → ".join(f"`{name}`" for name in [*cycle[:8], *(["…"] if len(cycle) > 8 else []), cycle[0]])
    message = f"tasks wait for one another: {shown}"
    task.findings.report(catalog.DEPENDENCY_CYCLE, path, message, "take one of the dependencies away")


# -------------------------------------------------------------------------------- other than order
def _check_mixture(tasks: _Tasks) -> None:
    if not any(task.value.get("depends") for task in tasks.values()):
        return
    remedies = {
        "dependencies": "write them as `depends`",
        "continueOn": "say it in `depends`: `a.Succeeded || a.Failed`",
    }
    for task in tasks.values():
        for key, remedy in remedies.items():
            if task.value.get(key):
                message = f"task `{task.name}` has `{key}` in a DAG with `depends`"
                task.findings.report(catalog.EXCLUSIVE_FIELDS, (key,), message, remedy, at_key=True)


def _check_targets(template: Template, tasks: _Tasks) -> None:
    for target in text(mapping(template.value.get("dag")).get("target")).split():
        if target not in tasks and not is_dynamic(target):
            helps = did_you_mean(target, tasks) or ("name a task of the same DAG",)
            message = f"the target `{target}` is not in the DAG"
            template.findings.report(catalog.UNKNOWN_TASK, ("dag", "target"), message, *helps)
