"""Inputs, outputs and arguments: names, values, and whether each input gets one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.argo.artifacts import check_artifacts, check_location, has_place
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Template
    from flowc.validate.findings import Findings

_NAME = re.compile(r"[-a-zA-Z0-9_]+")
_SOURCES = ("path", "jqFilter", "jsonPath", "parameter", "expression", "supplied", "configMapKeyRef", "event")
_OF_ARGUMENTS = ("configMapKeyRef", "supplied", "event")  # where the value of an argument comes from
_GIVEN = ("from", "fromExpression")
_MOST_PARAMETERS = 500


def check_inputs(template: Template) -> None:
    """Report what is wrong in the inputs and outputs of a template."""
    findings, value = template.findings, template.value
    for part in ("inputs", "outputs"):
        for kind in ("parameters", "artifacts"):
            path = (part, kind)
            check_names(findings, path, mapping(value.get(part)).get(kind), f"{part} of `{template.name}`")
    check_artifacts(template)
    for index, parameter in mappings(mapping(value.get("outputs")).get("parameters")):
        _check_output(template, ("outputs", "parameters", index), parameter)


def check_names(findings: Findings, path: Path, entries: object, owner: str) -> None:
    """Report names of parameters or artifacts that are malformed or stand twice."""
    seen: dict[str, Path] = {}
    for index, entry in mappings(entries):
        name, at = text(entry.get("name")), (*path, index, "name")
        if name in seen:
            first = findings.label(seen[name], "first here")
            findings.report(
                catalog.DUPLICATE_NAME,
                at,
                f"`{name}` stands twice in the {owner}",
                "rename or remove one",
                related=(first,),
            )
        elif isinstance(entry.get("name"), str) and not is_dynamic(name) and not _NAME.fullmatch(name):
            findings.report(
                catalog.MANIFEST_NAME,
                at,
                f"`{name}` cannot be the name of a parameter or artifact",
                "use letters, digits, `-` and `_`",
            )
        seen.setdefault(name, at)
    if len(seen) > _MOST_PARAMETERS:
        findings.report(
            catalog.MANIFEST_LIMIT, path, f"the {owner} has {len(seen)} entries; Argo Workflows 4 takes {_MOST_PARAMETERS}",
            "put what belongs together into one parameter", at_key=True, severity=Severity.WARNING,
        )  # fmt: skip


def check_arguments(
    findings: Findings, path: Path, arguments: Mapping, owner: str, *, may_be_empty: bool
) -> None:
    """Report what is wrong in arguments by themselves. `may_be_empty`: whoever submits gives the values."""
    for kind in ("parameters", "artifacts"):
        check_names(findings, (*path, kind), arguments.get(kind), f"arguments of {owner}")
    for index, parameter in mappings(arguments.get("parameters")):
        at = (*path, "parameters", index)
        name = text(parameter.get("name"))
        value, source = parameter.get("value"), parameter.get("valueFrom")
        if value is not None and source is not None:
            findings.report(
                catalog.EXCLUSIVE_FIELDS,
                at,
                f"the argument `{name}` has both `value` and `valueFrom`",
                "keep one of the two",
            )
        if value is None and source is None and not may_be_empty:
            findings.report(
                catalog.MISSING_ARGUMENT, at, f"the argument `{name}` of {owner} has no value", "add `value`"
            )
        if isinstance(source, dict) and not any(source.get(key) is not None for key in _OF_ARGUMENTS):
            message = f"the argument `{name}` cannot get its value so"
            remedy = "an argument has `value`, or `valueFrom` with `configMapKeyRef`"
            findings.report(catalog.MISPLACED_FIELD, (*at, "valueFrom"), message, remedy, at_key=True)
        choices = parameter.get("enum")
        if isinstance(choices, list) and value is not None and value not in choices:
            findings.report(
                catalog.FIELD_VALUE,
                (*at, "value"),
                f"`{value}` is none of the values that `{name}` takes",
                f"its `enum` has {', '.join(f'`{c}`' for c in choices)}",
            )
    for index, artifact in mappings(arguments.get("artifacts")):
        at = (*path, "artifacts", index)
        check_location(findings, at, artifact)
        if not may_be_empty and not any(artifact.get(key) for key in _GIVEN) and not has_place(artifact):
            message = f"the artifact `{artifact.get('name')}` of {owner} comes from nowhere"
            findings.report(catalog.MISSING_ARGUMENT, at, message, "add `from`, or its place in a store")


def check_call(
    findings: Findings, arguments: Mapping, template: Template, caller: str, *, extra: bool = True
) -> None:
    """Report inputs of a called template that get no argument, and arguments that are no input."""
    given = {
        kind: {text(a.get("name")) for _, a in mappings(arguments.get(kind))}
        for kind in ("parameters", "artifacts")
    }
    inputs = mapping(template.value.get("inputs"))
    for _, parameter in mappings(inputs.get("parameters")):
        name = text(parameter.get("name"))
        source = mapping(parameter.get("valueFrom"))
        has_value = any(parameter.get(key) is not None for key in ("value", "default")) or bool(
            source.keys() & _OF_ARGUMENTS
        )
        if name and name not in given["parameters"] and not has_value:
            _missing(
                findings,
                f"{caller} gives no `{name}` to `{template.name}`, which has no default for it",
                "parameters",
                name,
            )
    for _, artifact in mappings(inputs.get("artifacts")):
        name = text(artifact.get("name"))
        is_needed = artifact.get("optional") is not True and not has_place(artifact)
        if name and name not in given["artifacts"] and is_needed:
            _missing(findings, f"{caller} gives no artifact `{name}` to `{template.name}`", "artifacts", name)
    if extra:
        for kind in given:
            known = template.names("inputs", kind)
            for index, argument in mappings(arguments.get(kind)):
                _check_extra(
                    findings, ("arguments", kind, index, "name"), text(argument.get("name")), template, known
                )


def _missing(findings: Findings, message: str, kind: str, name: str) -> None:
    findings.report(catalog.MISSING_ARGUMENT, (), message, f"add `{name}` to `arguments.{kind}`")


def _check_extra(findings: Findings, path: Path, name: str, template: Template, known: list[str]) -> None:
    if name and name not in known and template.name:
        message = f"`{template.name}` has no input `{name}`, so the argument is dropped"
        helps = did_you_mean(name, known) or ("remove it, or declare it under `inputs`",)
        findings.report(catalog.MISSING_ARGUMENT, path, message, *helps, severity=Severity.WARNING)


def _check_output(template: Template, path: Path, parameter: Mapping) -> None:
    findings, name = template.findings, text(parameter.get("name"))
    if parameter.get("value") is not None and parameter.get("valueFrom") is not None:
        findings.report(
            catalog.EXCLUSIVE_FIELDS,
            path,
            f"the output `{name}` has both `value` and `valueFrom`",
            "keep one of the two",
        )
        return
    if parameter.get("value") is not None or template.kinds == ["suspend"]:
        return
    sources = [key for key in _SOURCES if mapping(parameter.get("valueFrom")).get(key) not in (None, "")]
    if not sources:
        findings.report(
            catalog.MISSING_FIELD,
            path,
            f"the output `{name}` does not say where its value comes from",
            f"add `valueFrom` with {_wanted(template)}",
        )
        return
    if len(sources) > 1:
        findings.report(
            catalog.EXCLUSIVE_FIELDS,
            (*path, "valueFrom"),
            f"the output `{name}` has {len(sources)} sources: {', '.join(f'`{s}`' for s in sources)}",
            "keep one of them",
            at_key=True,
        )
    elif sources[0] not in _BY_KIND.get(next(iter(template.kinds), ""), sources):
        message = f"the output `{name}` of a `{template.kinds[0]}` template cannot come from `{sources[0]}`"
        findings.report(
            catalog.MISPLACED_FIELD,
            (*path, "valueFrom", sources[0]),
            message,
            f"it comes from {_wanted(template)}",
            at_key=True,
        )


_BY_KIND = {
    "container": ("path",),
    "containerSet": ("path",),
    "script": ("path",),
    "resource": ("jqFilter", "jsonPath"),
    "dag": ("parameter", "expression"),
    "steps": ("parameter", "expression"),
}


def _wanted(template: Template) -> str:
    return " or ".join(f"`{source}`" for source in _BY_KIND.get(next(iter(template.kinds), ""), ("path",)))
