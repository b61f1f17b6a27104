"""One template: what it runs, its inputs and outputs, and fields that belong elsewhere."""

from __future__ import annotations

from flowc.diagnostics import catalog
from flowc.validate.argo.actions import check_action
from flowc.validate.argo.dag import check_dag
from flowc.validate.argo.inputs import check_inputs
from flowc.validate.argo.locks import check_locks
from flowc.validate.argo.metrics import check_metrics
from flowc.validate.argo.pods import check_pod
from flowc.validate.argo.references import check_expression, check_references
from flowc.validate.argo.retry import check_duration, check_retry
from flowc.validate.argo.scope import scope_of
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.argo.tasks import check_steps
from flowc.validate.argo.templates import PODS, Template, Workflow
from flowc.validate.parts import is_below, mapping, mappings, number, text


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
    maximum = mapping(value.get("memoize")).get("maxAge")
    check_duration(findings, ("memoize", "maxAge"), maximum, whole_seconds=False)
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
            # The default of an input is read only where no argument is given: whoever gives one hides it.
            scope = leaf.plus((), ("tasks.", "steps.")) if key == "inputs" else leaf
            check_references(findings, part, (key,), scope)
    _check_output_expressions(template)
    check_action(template)
    check_metrics(findings, value, f"template `{template.name}`")
    check_locks(findings, value, f"template `{template.name}`")
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
    kind = next(iter(template.kinds), "")
    if kind in {"dag", "steps"}:
        _check_inner(template, kind)
        return
    findings, value = template.findings, template.value
    if kind and value.get("parallelism") is not None:
        message = f"template `{template.name}` is of `{kind}`, which takes no `parallelism`"
        remedy = "put it on a template with `dag` or `steps`, or on the spec"
        findings.report(catalog.MISPLACED_FIELD, ("parallelism",), message, remedy, at_key=True)
    deadline = value.get("activeDeadlineSeconds")
    if (
        kind in PODS
        and deadline is not None
        and not is_dynamic(str(deadline))
        and (number(deadline) or 0) < 1
    ):
        message = f"`{deadline}` is no number of seconds"
        findings.report(
            catalog.FIELD_VALUE, ("activeDeadlineSeconds",), message, "write a whole number from 1"
        )


def _check_inner(template: Template, kind: str) -> None:
    """A template that runs others: what it cannot have, and what would hinder it."""
    findings, value, name = template.findings, template.value, template.name
    for key in _ONLY_PODS:
        if value.get(key):
            message = f"template `{name}` is of `{kind}`, which takes no `{key}`"
            findings.report(
                catalog.MISPLACED_FIELD, (key,), message, "put it on the templates of its tasks", at_key=True
            )
    if value.get("failFast") is True:
        message = f"`failFast` of template `{name}` counts each failed attempt of a retried task, so the run may hang or end early"
        findings.report(
            catalog.FAIL_FAST, ("failFast",), message, "leave it out, or use `dag.failFast`", at_key=True
        )
    if is_below(value.get("parallelism"), 1):
        message = f"`parallelism: {value['parallelism']}` lets nothing of `{name}` run"
        findings.report(catalog.FIELD_VALUE, ("parallelism",), message, "write 1 or more, or leave it out")
    if kind == "dag" and not mapping(value.get("dag")).get("tasks"):
        findings.report(
            catalog.MISSING_FIELD, ("dag",), f"template `{name}` has no tasks", "add one", at_key=True
        )
