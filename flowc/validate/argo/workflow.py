"""One workflow: its spec, its templates, and what they say of each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.argo.calls import holders, reached
from flowc.validate.argo.defaults import check_defaults
from flowc.validate.argo.hooks import check_hooks
from flowc.validate.argo.inputs import check_arguments, check_call
from flowc.validate.argo.locks import check_locks
from flowc.validate.argo.metadata import check_named
from flowc.validate.argo.metrics import check_metrics
from flowc.validate.argo.nodes import check_nodes
from flowc.validate.argo.numbers import check_spec_numbers
from flowc.validate.argo.references import check_expression, check_references
from flowc.validate.argo.resources import check_resources
from flowc.validate.argo.retry import check_duration, check_retry
from flowc.validate.argo.scope import workflow_scope
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.argo.template import check_template
from flowc.validate.argo.templates import Template, Workflow, templates_of
from flowc.validate.argo.volumes import check_volumes
from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from flowc.validate.findings import Findings
    from flowc.validate.kinds import Collection

_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_LONGEST_NAME = 128
_MOST_TEMPLATES = 200
# Parts whose references are judged where they are used, or that a pod replaces with its own.
_WITHOUT_REFERENCES = ("templates", "templateDefaults", "hooks", "podSpecPatch", "workflowMetadata")
_OF_PODS = (
    "inputs.",
    "outputs.",
    "pod.",
    "tasks.",
    "steps.",
    "item.",
    "workflow.outputs.",
    "workflow.status",
)
_FAILURES = "workflow.failures"
_LIBRARIES = ("WorkflowTemplate", "ClusterWorkflowTemplate")


def check_workflow(kind: str, findings: Findings, collection: Collection) -> None:
    """Report everything wrong in a spec, which stands at `findings`; `kind` is the object's."""
    spec = mapping(findings.value)
    templates = templates_of(findings)
    may_have_more = kind in _LIBRARIES or bool(spec.get("workflowTemplateRef"))
    handlers = None if may_have_more else reached(templates, _handlers(spec))
    workflow = Workflow(
        kind=kind,
        findings=findings,
        spec=spec,
        templates=templates,
        collection=collection,
        scope=workflow_scope(spec, templates, _parameters(spec, collection), may_have_more=may_have_more),
        handlers=None if handlers is None else frozenset(handlers),
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
    check_nodes(workflow)
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
    check_hooks(workflow, findings, spec, "the workflow")
    for name, hook in mapping(spec.get("hooks")).items():
        if expression := text(mapping(hook).get("expression")):
            check_expression(findings, ("hooks", name, "expression"), expression, None)
    check_spec_numbers(findings)
    check_named(findings, ("serviceAccountName",), spec.get("serviceAccountName"))
    for key, value in spec.items():
        if key not in _WITHOUT_REFERENCES:
            check_references(findings, value, (key,), workflow.scope.plus((_FAILURES,), _OF_PODS))
    check_retry(findings, ("retryStrategy",), mapping(spec.get("retryStrategy")), "the workflow")
    check_duration(
        findings,
        ("podGC", "deleteDelayDuration"),
        mapping(spec.get("podGC")).get("deleteDelayDuration"),
        whole_seconds=True,
    )
    check_volumes(findings, spec, "the spec")
    check_metrics(findings, spec, "the workflow")
    check_locks(findings, spec, "the workflow")
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
    starts = [text(workflow.spec.get("entrypoint")), *_handlers(workflow.spec)]
    found = reached(workflow.templates, starts)
    if workflow.kind in _LIBRARIES or not found:
        return
    for name, template in workflow.templates.items():
        if name and name not in found:
            message = f"nothing leads to template `{name}`"
            template.findings.report(
                catalog.UNUSED_TEMPLATE, ("name",), message, "remove it, or run it from a task or step"
            )


def _handlers(spec: Mapping) -> list[str]:
    """The templates that run when something ends."""
    return [
        text(spec.get("onExit")),
        *(text(mapping(hook).get("template")) for hook in mapping(spec.get("hooks")).values()),
    ]
