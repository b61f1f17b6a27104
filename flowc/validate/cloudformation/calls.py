"""The functions of a template: their names, and what each is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

# Function → the fewest and the most items of the list that it is given; (0, 0): it takes other things too.
_ITEMS = {
    "Fn::And": (2, 10), "Fn::Or": (2, 10), "Fn::Not": (1, 1), "Fn::Equals": (2, 2), "Fn::If": (3, 3), "Fn::Join": (2, 2),
    "Fn::Select": (2, 2), "Fn::Split": (2, 2), "Fn::FindInMap": (3, 4), "Fn::Cidr": (2, 3),
    "Fn::Sub": (0, 0), "Fn::GetAtt": (0, 0), "Fn::Base64": (0, 0), "Fn::GetAZs": (0, 0), "Fn::ImportValue": (0, 0),
    "Fn::Length": (0, 0), "Fn::ToJsonString": (0, 0), "Fn::Transform": (0, 0), "Fn::Contains": (0, 0), "Fn::RefAll": (0, 0),
    "Fn::EachMemberEquals": (0, 0), "Fn::EachMemberIn": (0, 0), "Fn::ValueOf": (0, 0), "Fn::ValueOfAll": (0, 0),
    "Fn::GetStackOutput": (0, 0), "Fn::Implies": (0, 0),
}  # fmt: skip
_LOOP = "Fn::ForEach"


def check_call(findings: Findings, path: Path, function: str, value: object) -> None:
    """Report FC703 for a function that CloudFormation does not have, FC705 for a wrong number of arguments."""
    if function in {"Ref", "Condition"} or function.startswith(_LOOP):
        return
    if function not in _ITEMS:
        helps = did_you_mean(function, _ITEMS) or ("see the intrinsic functions of CloudFormation",)
        message = f"CloudFormation has no function `{function}`"
        findings.report(catalog.UNKNOWN_FIELD, path, message, *helps, at_key=True)
        return
    least, most = _ITEMS[function]
    if most and not isinstance(value, dict) and not (isinstance(value, list) and least <= len(value) <= most):
        found = f"{len(value)} of them" if isinstance(value, list) else "no list"
        wanted = f"{least}" if least == most else f"{least} to {most}"
        message = f"`{function}` takes a list of {wanted}, and has {found}"
        findings.report(catalog.FIELD_VALUE, path, message, f"give it a list of {wanted} values", at_key=True)
