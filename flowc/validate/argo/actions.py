"""`resource` of a template: what is done in the cluster, and with which object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.manifest.placed.read import text_fault
from flowc.validate.parts import Mapping, mapping, text

if TYPE_CHECKING:
    from flowc.validate.argo.templates import Template

_WITHOUT_OBJECT = ("get", "delete")
# What the engine replaces before it reads the manifest: braces and quotes of it are none of the YAML's.
_REPLACED = re.compile(r"\{\{.*?\}\}+", re.DOTALL)


def check_action(template: Template) -> None:
    """Report FC701, FC704, FC712 and FC721 for what a template does in the cluster."""
    resource = template.value.get("resource")
    if not isinstance(resource, dict):
        return
    if text(resource.get("action")) not in _WITHOUT_OBJECT:
        _check_object(template, resource)


def _check_object(template: Template, resource: Mapping) -> None:
    findings, manifest = template.findings.below("resource"), text(resource.get("manifest"))
    source = resource.get("manifestFrom")
    if not manifest and source is None:
        message = f"the resource of `{template.name}` has no `manifest`"
        findings.report(catalog.MISSING_FIELD, (), message, "add `manifest` or `manifestFrom`", at_key=True)
    elif manifest and source is not None:
        message = f"the resource of `{template.name}` has both `manifest` and `manifestFrom`"
        findings.report(
            catalog.EXCLUSIVE_FIELDS, ("manifestFrom",), message, "keep one of the two", at_key=True
        )
    wanted = text(mapping(mapping(source).get("artifact")).get("name"))
    known = template.names("inputs", "artifacts")
    if wanted and wanted not in known:
        helps = did_you_mean(wanted, known) or ("declare it under `inputs.artifacts`",)
        message = f"`{template.name}` has no input artifact `{wanted}`"
        findings.report(catalog.UNKNOWN_TASK, ("manifestFrom", "artifact", "name"), message, *helps)
    reason = text_fault(_REPLACED.sub("x", manifest)) if manifest and not manifest.startswith("{{") else None
    if reason:
        message = f"the manifest of `{template.name}` is not valid YAML: {reason}"
        findings.report(catalog.UNREADABLE_MANIFEST, ("manifest",), message, "repair the syntax", at_key=True)
