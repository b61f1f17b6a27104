"""The parts of a template beside its resources: version, parameters, outputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.parts import Mapping, items, mapping, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_VERSION = "2010-09-09"
_NAME = re.compile(r"[A-Za-z0-9]{1,255}")
_FIELDS = (
    "Type", "Default", "Description", "AllowedValues", "AllowedPattern", "ConstraintDescription", "MaxLength", "MaxValue",
    "MinLength", "MinValue", "NoEcho",
)  # fmt: skip
_TYPES = ("String", "Number", "List<String>", "List<Number>", "CommaDelimitedList")
_OF_AWS = re.compile(r"(?:List<)?AWS::(?:EC2|Route53|SSM|IAM)::.+")


def check_sections(findings: Findings, template: Mapping) -> None:
    """Report FC703, FC704, FC705 and FC708 for everything in a template but its resources."""
    version = template.get("AWSTemplateFormatVersion")
    if version is not None and version != _VERSION:
        message, remedy = f"`{version}` is no version of templates", f'write `"{_VERSION}"`'
        findings.report(catalog.FIELD_VALUE, ("AWSTemplateFormatVersion",), message, remedy)
    for name, parameter in mapping(template.get("Parameters")).items():
        if not name.startswith("Fn::"):
            _check_parameter(findings, ("Parameters", name), name, mapping(parameter))
    for name, output in mapping(template.get("Outputs")).items():
        if isinstance(output, dict) and "Value" not in output and not name.startswith("Fn::"):
            message = f"the output `{name}` has no value"
            findings.report(catalog.MISSING_FIELD, ("Outputs", name), message, "add `Value`", at_key=True)


def _check_parameter(findings: Findings, path: Path, name: str, parameter: Mapping) -> None:
    if not _NAME.fullmatch(name):
        message = f"`{name}` cannot be the name of a parameter"
        findings.report(catalog.MANIFEST_NAME, path, message, "use letters and digits alone", at_key=True)
    for key in parameter:
        if key not in _FIELDS:
            helps = did_you_mean(key, _FIELDS) or (f"it has {', '.join(f'`{f}`' for f in _FIELDS)}",)
            message = f"a parameter has no field `{key}`"
            findings.report(catalog.UNKNOWN_FIELD, (*path, key), message, *helps, at_key=True)
    kind = text(parameter.get("Type"))
    if not kind:
        message, remedy = f"the parameter `{name}` has no `Type`", "add `Type: String`"
        findings.report(catalog.MISSING_FIELD, path, message, remedy, at_key=True)
    elif kind not in _TYPES and not _OF_AWS.fullmatch(kind):
        helps = did_you_mean(kind, _TYPES) or (
            f"it is one of {', '.join(f'`{t}`' for t in _TYPES)}, or a type of AWS",
        )
        findings.report(catalog.FIELD_VALUE, (*path, "Type"), f"`{kind}` is no type of a parameter", *helps)
    if "List" not in kind:
        _check_default(findings, path, name, parameter)


def _check_default(findings: Findings, path: Path, name: str, parameter: Mapping) -> None:
    default, allowed = parameter.get("Default"), parameter.get("AllowedValues")
    if default is None or not isinstance(allowed, list) or isinstance(default, dict):
        return
    words = {_as_text(word) for word in items(allowed)}
    given = _as_text(default)
    if given not in words:
        message = f"`{given}` is none of the values that `{name}` takes"
        remedy = f"its `AllowedValues` are {', '.join(f'`{word}`' for word in sorted(words))}"
        findings.report(catalog.FIELD_VALUE, (*path, "Default"), message, remedy)


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
