"""The parts of a template beside its resources: version, parameters, outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.cloudformation.parameters import check_parameter
from flowc.validate.parts import Mapping, mapping

if TYPE_CHECKING:
    from flowc.validate.findings import Findings

_VERSION = "2010-09-09"


def check_sections(findings: Findings, template: Mapping) -> None:
    """Report FC703, FC704, FC705 and FC708 for everything in a template but its resources."""
    version = template.get("AWSTemplateFormatVersion")
    if version is not None and version != _VERSION:
        message, remedy = f"`{version}` is no version of templates", f'write `"{_VERSION}"`'
        findings.report(catalog.FIELD_VALUE, ("AWSTemplateFormatVersion",), message, remedy)
    for name, parameter in mapping(template.get("Parameters")).items():
        if not name.startswith("Fn::"):
            check_parameter(findings, ("Parameters", name), name, mapping(parameter))
    for name, output in mapping(template.get("Outputs")).items():
        if isinstance(output, dict) and "Value" not in output and not name.startswith("Fn::"):
            message = f"the output `{name}` has no value"
            findings.report(catalog.MISSING_FIELD, ("Outputs", name), message, "add `Value`", at_key=True)
