"""Hooks of a workflow, a task or a step: each runs a template that is there, and says when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.parts import Mapping, mapping, text

if TYPE_CHECKING:
    from flowc.validate.argo.templates import Workflow
    from flowc.validate.findings import Findings


def check_hooks(workflow: Workflow, at: Findings, holder: Mapping, owner: str) -> None:
    """Report FC704 and FC711 for the hooks of `holder`, which stands at `at`."""
    for name, value in mapping(holder.get("hooks")).items():
        hook = mapping(value)
        called = workflow.called(hook, at.below("hooks", name))
        if isinstance(called, str):
            helps = did_you_mean(text(hook.get("template")), workflow.templates) or (
                "name a template that is there",
            )
            message = f"{called}, which the hook `{name}` of {owner} runs"
            at.report(catalog.UNKNOWN_TEMPLATE, ("hooks", name, "template"), message, *helps)
        elif isinstance(value, dict) and not hook.get("template") and not hook.get("templateRef"):
            message = f"the hook `{name}` of {owner} runs nothing"
            at.report(catalog.MISSING_FIELD, ("hooks", name), message, "add `template`", at_key=True)
        if name != "exit" and not hook.get("expression"):
            at.report(
                catalog.MISSING_FIELD,
                ("hooks", name),
                f"the hook `{name}` of {owner} has no `expression`",
                "add `expression`; only the hook `exit` goes without",
                at_key=True,
            )
