"""One workflow: its spec, its templates, and what they say of each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.argo.dag import check_dag
from flowc.validate.argo.defaults import check_defaults
from flowc.validate.argo.inputs import check_arguments, check_call, check_inputs
from flowc.validate.argo.pods import check_pod, check_resources, check_volumes
from flowc.validate.argo.retry import check_duration, check_retry
from flowc.validate.argo.scope import check_expression, check_references, holders, scope_of
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.argo.tasks import check_steps
from flowc.validate.argo.templates import PODS, Template, Workflow, templates_of
from flowc.validate.parts import Mapping, is_below, mapping, mappings, number, text

if TYPE_CHECKING:
    from flowc.validate.findings import Findings
    from flowc.validate.kinds import Collection

_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_LONGEST_NAME = 128
_MOST_TEMPLATES = 200
_LIBRARIES = ("WorkflowTemplate", "ClusterWorkflowTemplate")


def check_workflow(kind: str, findings: Findings, collection: Collection) -> None:
    """Report everything wrong in a spec, which stands at `findings`; `kind` is the object's."""
    spec = mapping(findings.value)
    workflow = Workflow(
        kind=kind,
        findings=findings,
        spec=spec,
        templates=templates_of(findings),
        collection=collection,
        parameters=_parameters(spec, collection),
        may_have_more_parameters=kind in _LIBRARIES or bool(spec.get("workflowTemplateRef")),
        runs=bool(spec.get("entrypoint")) or kind not in _LIBRARIES,
    )
    _check_spec(workflow)
    _check_names(workflow)
    for index, value in mappings(spec.get("templates")):
        template = Template(text(value.get("name")), value, findings.below("templates", index))
        check_template(workflow, template)
        for at, inline in _inline(template):
            check_template(workflow, Template(f"{template.name}.{at}", inline.value, inline.findings))
    _check_unused(workflow)
    check_defaults(workflow)


def _parameters(spec: Mapping, collection: Collection) -> frozenset[str]:
    declared = {text(p.get("name")) for _, p in mappings(mapping(spec.get("arguments")).get("parameters"))}
    reference = mapping(spec.get("workflowTemplateRef"))
    if reference:
        other = "ClusterWorkflowTemplate" if reference.get("clusterScope") is True else "WorkflowTemplate"
        found = collection.named(other, text(reference.get("name")))
        theirs = mapping(mapping(mapping(found and found.findings.value).get("spec")).get("arguments"))
        declared |= {text(p.get("name")) for _, p in mappings(theirs.get("parameters"))}
    return frozenset(declared)


def _check_spec(workflow: Workflow) -> None:
    findings, spec = workflow.findings, workflow.spec
    reference = mapping(spec.get("workflowTemplateRef"))
    if reference and spec.get("templates"):
        findings.report(
            catalog.EXCLUSIVE_FIELDS,
            ("templates",),
            "the workflow has both `templates` and `workflowTemplateRef`",
            "keep one of the two",
            at_key=True,
        )
    if not spec.get("entrypoint") and not reference and workflow.kind not in _LIBRARIES:
        findings.report(
            catalog.MISSING_FIELD,
            (),
            "the workflow has no `entrypoint`",
            "name the template that runs first",
            at_key=True,
        )
    check_arguments(
        findings, ("arguments",), mapping(spec.get("arguments")), "the workflow", may_be_empty=True
    )
    for key in ("entrypoint", "onExit"):
        _check_start(workflow, key)
    for name, hook in mapping(spec.get("hooks")).items():
        called = workflow.called(mapping(hook), findings.below("hooks", name))
        if isinstance(called, str):
            findings.report(
                catalog.UNKNOWN_TEMPLATE,
                ("hooks", name, "template"),
                f"{called}, which the hook `{name}` runs",
                *(
                    did_you_mean(text(mapping(hook).get("template")), workflow.templates)
                    or ("name a template that is there",)
                ),
            )
        expression = text(mapping(hook).get("expression"))
        if expression:
            check_expression(findings, ("hooks", name, "expression"), expression, None)
        elif name != "exit":
            findings.report(
                catalog.MISSING_FIELD,
                ("hooks", name),
                f"the hook `{name}` has no `expression`",
                "add `expression`; only the hook `exit` goes without",
                at_key=True,
            )
    if is_below(spec.get("parallelism"), 1):
        findings.report(
            catalog.FIELD_VALUE,
            ("parallelism",),
            f"`parallelism: {spec['parallelism']}` lets nothing run",
            "write 1 or more, or leave it out",
        )
    check_retry(findings, ("retryStrategy",), mapping(spec.get("retryStrategy")), "the workflow")
    check_duration(
        findings,
        ("podGC", "deleteDelayDuration"),
        mapping(spec.get("podGC")).get("deleteDelayDuration"),
        whole_seconds=True,
    )
    check_volumes(findings, spec, "the spec")
    for index, claim in mappings(spec.get("volumeClaimTemplates")):
        resources = mapping(mapping(claim.get("spec")).get("resources"))
        check_resources(
            findings, ("volumeClaimTemplates", index, "spec", "resources"), resources, "the claim"
        )


def _check_start(workflow: Workflow, key: str) -> None:
    """The entrypoint or exit handler: whether it is there and gets what it needs."""
    name = text(workflow.spec.get(key))
    if not name or is_dynamic(name):
        return
    called = workflow.called({"template": name}, workflow.findings)
    if isinstance(called, str):
        helps = did_you_mean(name, workflow.templates) or ("name a template that is there",)
        workflow.findings.report(catalog.UNKNOWN_TEMPLATE, (key,), f"{called}, which `{key}` names", *helps)
    elif called is not None and workflow.kind not in _LIBRARIES:
        arguments = mapping(workflow.spec.get("arguments"))
        check_call(workflow.findings.below(key), arguments, called, f"`{key}`", extra=False)


def _check_names(workflow: Workflow) -> None:
    findings = workflow.findings
    first: dict[str, int] = {}
    for index, template in mappings(workflow.spec.get("templates")):
        name, path = text(template.get("name")), ("templates", index, "name")
        if name in first:
            label = findings.label(("templates", first[name], "name"), "first here")
            findings.report(
                catalog.DUPLICATE_NAME,
                path,
                f"there are two templates `{name}`",
                "rename one",
                related=(label,),
            )
        elif not name:
            findings.report(
                catalog.MISSING_FIELD, ("templates", index), "a template has no name", "add `name`"
            )
        elif not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            findings.report(
                catalog.MANIFEST_NAME,
                path,
                f"`{name}` cannot be the name of a template",
                f"use at most {_LONGEST_NAME} letters, digits and inner `-`",
            )
        first.setdefault(name, index)
    if len(first) > _MOST_TEMPLATES:
        message = f"the workflow has {len(first)} templates; Argo Workflows 4 takes {_MOST_TEMPLATES}"
        findings.report(
            catalog.MANIFEST_LIMIT,
            ("templates",),
            message,
            "fold templates that differ in parameters alone",
            at_key=True,
            severity=Severity.WARNING,
        )


# -------------------------------------------------------------------------------------- templates
def check_template(workflow: Workflow, template: Template) -> None:
    """Report everything wrong in one template."""
    findings, value, kinds = template.findings, template.value, template.kinds
    if len(kinds) != 1:
        said = (
            f"says {len(kinds)} things to run: {', '.join(f'`{k}`' for k in kinds)}"
            if kinds
            else "does not say what it runs"
        )
        findings.report(
            catalog.TEMPLATE_KIND,
            (),
            f"template `{template.name}` {said}",
            "give it exactly one of `container`, `script`, `dag`, `steps`, `resource`, `suspend`, `containerSet`, `data`, `http`, `plugin`",
        )
    check_inputs(template)
    _check_misplaced(template)
    check_retry(
        findings, ("retryStrategy",), mapping(value.get("retryStrategy")), f"template `{template.name}`"
    )
    for path in (("timeout",), ("suspend", "duration")):
        check_duration(
            findings, path, findings.document.at((*findings.base, *path)), whole_seconds=path[0] == "suspend"
        )
    if "dag" in kinds:
        scope = check_dag(workflow, template)
    elif "steps" in kinds:
        scope = check_steps(workflow, template)
    else:
        scope = scope_of(workflow, template)
    check_references(findings, value.get("outputs"), ("outputs",), scope)
    leaf = scope_of(workflow, template)
    for key, part in value.items():
        if key not in {"dag", "steps", "outputs"}:
            check_references(findings, part, (key,), leaf)
    _check_output_expressions(template)
    check_pod(workflow, template)


def _check_output_expressions(template: Template) -> None:
    for kind in ("parameters", "artifacts"):
        for index, output in mappings(mapping(template.value.get("outputs")).get(kind)):
            for path in (("valueFrom", "expression"), ("fromExpression",)):
                expression = text(
                    mapping(output.get("valueFrom")).get("expression")
                    if len(path) == 2
                    else output.get(path[0])
                )
                if expression and not is_dynamic(expression):
                    check_expression(template.findings, ("outputs", kind, index, *path), expression, None)


_ONLY_PODS = ("activeDeadlineSeconds", "timeout")


def _check_misplaced(template: Template) -> None:
    findings, value = template.findings, template.value
    kind = next(iter(template.kinds), "")
    if kind in {"dag", "steps"}:
        for key in _ONLY_PODS:
            if value.get(key):
                findings.report(
                    catalog.MISPLACED_FIELD,
                    (key,),
                    f"template `{template.name}` is of `{kind}`, which takes no `{key}`",
                    "put it on the templates of its tasks",
                    at_key=True,
                )
        if value.get("failFast") is not None or (
            value.get("failFast") is None and mapping(value.get("dag")).get("failFast") is True
        ):
            _fail_fast(findings, value, template.name)
        if is_below(value.get("parallelism"), 1):
            findings.report(
                catalog.FIELD_VALUE,
                ("parallelism",),
                f"`parallelism: {value['parallelism']}` lets nothing of `{template.name}` run",
                "write 1 or more, or leave it out",
            )
        if kind == "dag" and not mapping(value.get("dag")).get("tasks"):
            findings.report(
                catalog.MISSING_FIELD,
                ("dag",),
                f"template `{template.name}` has no tasks",
                "add one",
                at_key=True,
            )
    elif kind and value.get("parallelism") is not None:
        findings.report(
            catalog.MISPLACED_FIELD,
            ("parallelism",),
            f"template `{template.name}` is of `{kind}`, which takes no `parallelism`",
            "put it on a template with `dag` or `steps`, or on the spec",
            at_key=True,
        )
    deadline = value.get("activeDeadlineSeconds")
    if (
        kind in PODS
        and deadline is not None
        and not is_dynamic(str(deadline))
        and (number(deadline) is None or is_below(deadline, 1))
    ):
        findings.report(
            catalog.FIELD_VALUE,
            ("activeDeadlineSeconds",),
            f"`{deadline}` is no number of seconds",
            "write a whole number from 1",
        )


def _fail_fast(findings: Findings, value: Mapping, name: str) -> None:
    if value.get("failFast") is True:
        message = f"`failFast` of template `{name}` counts each failed attempt of a retried task, so the run may hang or end early"
        findings.report(
            catalog.FAIL_FAST, ("failFast",), message, "leave it out, or use `dag.failFast`", at_key=True
        )


def _inline(template: Template) -> list[tuple[str, Template]]:
    found = []
    for name, path, holder in holders(template):
        if isinstance(holder.get("inline"), dict):
            found.append(
                (name, Template(name, mapping(holder["inline"]), template.findings.below(*path, "inline")))
            )
    return found


def _check_unused(workflow: Workflow) -> None:
    """Report templates that nothing of the workflow leads to; a collection's are for others to use."""
    spec = workflow.spec
    starts = [text(spec.get("entrypoint")), text(spec.get("onExit"))]
    starts += [text(mapping(hook).get("template")) for hook in mapping(spec.get("hooks")).values()]
    if (
        workflow.kind in _LIBRARIES
        or not any(starts)
        or any(start and start not in workflow.templates for start in starts)
    ):
        return
    reached: set[str] = set()
    todo = starts
    while todo:
        name = todo.pop()
        if name in reached or name not in workflow.templates:
            continue
        reached.add(name)
        calls = _calls(workflow.templates[name])
        if any(call and call not in workflow.templates for call in calls):
            return  # a misspelt name is told, and would make its template look unused
        todo += calls
    for name, template in workflow.templates.items():
        if name and name not in reached:
            template.findings.report(
                catalog.UNUSED_TEMPLATE,
                ("name",),
                f"nothing leads to template `{name}`",
                "remove it, or run it from a task or step",
            )


def _calls(template: Template) -> list[str]:
    found = []
    for _, _, holder in holders(template):
        found.append(text(holder.get("template")))
        found += [text(mapping(hook).get("template")) for hook in mapping(holder.get("hooks")).values()]
        found.append(text(holder.get("onExit")))
        inline = mapping(holder.get("inline"))
        if inline:
            found += _calls(Template("", inline, template.findings))
    return found
