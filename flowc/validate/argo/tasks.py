"""What tasks and steps have in common: names, loops, calls, references; and the order of steps.

Invariant: an output of a step is in scope from the next group on; steps of one group run side by side.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.argo.calls import as_groups
from flowc.validate.argo.conditions import condition_fault
from flowc.validate.argo.hooks import check_hooks
from flowc.validate.argo.inputs import check_arguments, check_call
from flowc.validate.argo.loops import check_loop
from flowc.validate.argo.references import check_expression, check_references
from flowc.validate.argo.scope import Scope, item_names, node_names, scope_of
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.argo.templates import Template
from flowc.validate.parts import Mapping, mapping, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Workflow
    from flowc.validate.findings import Findings

_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_LONGEST_NAME = 128
_MOST_TASKS = 200


def check_steps(workflow: Workflow, template: Template) -> Scope:
    """Check the groups of a list of steps; what its outputs may name is given back."""
    findings = template.findings
    groups = as_groups(template.value.get("steps"))
    places = [
        (("steps", number_, *path), step) for number_, group in enumerate(groups) for path, step in group
    ]
    check_task_names(findings, places, template.name)
    scope = scope_of(workflow, template)
    for index, group in enumerate(groups):
        after = scope
        for path, step in group:
            at = findings.below("steps", index, *path)
            name = text(step.get("name"))
            called = check_call_of(workflow, at, step, f"step `{name}`")
            added = node_names(f"steps.{name}", called, step)
            check_texts(at, step, scope, added, f"steps.{name}.")
            after = after.plus(*added)
        scope = after
    return scope


# ---------------------------------------------------------------------------------- one at a time
def check_task_names(findings: Findings, places: list[tuple[Path, Mapping]], owner: str) -> None:
    """Report names of tasks or steps that the engine refuses, or that stand twice."""
    seen: dict[str, Path] = {}
    for path, task in places:
        name, at = text(task.get("name")), (*path, "name")
        if is_dynamic(name):
            continue
        if not name:
            message = f"a task or step of template `{owner}` has no name"
            findings.report(catalog.MISSING_FIELD, path, message, "add `name`")
            continue
        if name in seen:
            first = findings.label(seen[name], "first here")
            findings.report(
                catalog.DUPLICATE_NAME,
                at,
                f"template `{owner}` has two tasks `{name}`",
                "rename one",
                related=(first,),
            )
        elif not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            message = f"`{name}` cannot be the name of a task"
            findings.report(
                catalog.MANIFEST_NAME,
                at,
                message,
                f"use at most {_LONGEST_NAME} letters, digits and inner `-`",
            )
        elif name[:1].isdigit() and (task.get("depends") or task.get("dependencies")):
            findings.report(
                catalog.MANIFEST_NAME,
                at,
                f"the name `{name}` begins with a digit, which a task with `depends` may not",
                "begin it with a letter",
            )
        seen.setdefault(name, at)
    if len(places) > _MOST_TASKS:
        message = f"template `{owner}` has {len(places)} tasks; Argo Workflows 4 takes {_MOST_TASKS}"
        findings.report(
            catalog.MANIFEST_LIMIT,
            places[0][0][:-1],
            message,
            "move some into a DAG of their own",
            at_key=True,
            severity=Severity.WARNING,
        )


def check_call_of(workflow: Workflow, at: Findings, holder: Mapping, caller: str) -> Template | str | None:
    """The template that a task calls, with what is wrong in the call reported."""
    ways = [key for key in ("template", "templateRef", "inline") if holder.get(key)]
    if len(ways) > 1:
        at.report(
            catalog.EXCLUSIVE_FIELDS,
            (ways[1],),
            f"{caller} has both `{ways[0]}` and `{ways[1]}`",
            "keep one of the two",
            at_key=True,
        )
    elif not ways:
        at.report(
            catalog.MISSING_FIELD,
            (),
            f"{caller} does not say what it runs",
            "add `template`, `templateRef` or `inline`",
        )
    check_loop(at, holder, caller)
    arguments = mapping(holder.get("arguments"))
    check_arguments(at, ("arguments",), arguments, caller, may_be_empty=False)
    check_hooks(workflow, at, holder, caller)
    called = workflow.called(holder, at)
    if isinstance(called, str):
        path = ("templateRef", "template") if holder.get("templateRef") else ("template",)
        helps = did_you_mean(text(holder.get("template")), workflow.templates) or (
            "name a template that is there, or add this one",
        )
        at.report(catalog.UNKNOWN_TEMPLATE, path, f"{called}, which {caller} runs", *helps)
    elif called is not None:
        check_call(at, arguments, called, caller)
    return called


def check_texts(
    at: Findings, holder: Mapping, scope: Scope, own: tuple[set[str], list[str]], prefix: str
) -> None:
    """Report what a task or step names in vain. `own`: what it adds itself, which its hooks may name."""
    scope = scope.plus(*item_names(holder))
    inline = mapping(holder.get("inline"))
    for key, value in holder.items():
        if key == "hooks":
            check_references(at, value, (key,), scope.plus(*own).plus((f"{prefix}status",)), judges_item=True)
            for name, hook in mapping(value).items():
                if expression := text(mapping(hook).get("expression")):
                    check_expression(at, ("hooks", name, "expression"), expression, None)
        elif key == "inline":
            continue
        elif key == "when":
            check_references(at, value, (key,), scope, judges_item=True)
            _check_condition(at, text(value))
        else:
            check_references(at, value, (key,), scope, judges_item=True)
    if inline:
        names = Template("", inline, at).names("inputs", "parameters")
        check_references(
            at,
            inline,
            ("inline",),
            scope.plus((f"inputs.parameters.{n}" for n in names), ("pod.", "tasks.", "steps.", "inputs.")),
        )


def _check_condition(at: Findings, condition: str) -> None:
    fault = condition_fault(condition) if condition.strip() else None
    if fault is not None:
        reason, remedy = fault
        at.report(
            catalog.ENGINE_EXPRESSION, ("when",), f"`when: {condition}` cannot be read: {reason}", remedy
        )
