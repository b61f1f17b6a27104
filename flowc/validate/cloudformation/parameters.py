"""A parameter of a template: its fields, its type, and whether its default is one of the values that it takes."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.parts import Mapping, items, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_NAME = re.compile(r"[A-Za-z0-9]{1,255}")
_FIELDS = (
    "Type", "Default", "Description", "AllowedValues", "AllowedPattern", "ConstraintDescription", "MaxLength", "MaxValue",
    "MinLength", "MinValue", "NoEcho",
)  # fmt: skip
_TYPES = ("String", "Number", "List<String>", "List<Number>", "CommaDelimitedList")
_OF_AWS = re.compile(r"(?:List<)?AWS::(?:EC2|Route53|SSM|IAM)::.+")
# Types whose value is one text with commas between its items.
_LISTS = ("CommaDelimitedList", "List<Number>")
_NUMBERS = ("Number", "List<Number>")


def check_parameter(findings: Findings, path: Path, name: str, parameter: Mapping) -> None:
    """Report FC703, FC704, FC705 and FC708 for the parameter `name`, which stands at `path`."""
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
    _check_default(findings, (*path, "Default"), name, parameter)


def _check_default(findings: Findings, path: Path, name: str, parameter: Mapping) -> None:
    default, kind = parameter.get("Default"), text(parameter.get("Type"))
    if default is None:
        return
    if isinstance(default, dict | list):
        what, remedy = "is a list", "write one text, with commas between the items: `a,b`"
        if isinstance(default, dict):
            what, remedy = (
                "is computed",
                "write the value itself; only resources and outputs may call functions",
            )
        message = f"the default of `{name}` {what}, and has to be a text"
        findings.report(catalog.FIELD_VALUE, path, message, remedy)
        return
    whole = _as_text(default)
    values = [each.strip() for each in whole.split(",")] if kind in _LISTS else [whole]
    for value in values if whole else ():
        fault = _fault(value, kind, parameter)
        if fault is not None:
            findings.report(catalog.FIELD_VALUE, path, f"`{value}` {fault[0]} `{name}` takes", fault[1])
            return


def _fault(value: str, kind: str, parameter: Mapping) -> tuple[str, str] | None:
    """Why a value, or an item of a list, is none that a parameter takes; what it takes."""
    if kind in _NUMBERS and _as_number(value) is None:
        return "is no number, which", "write a number"
    allowed = {_as_text(word) for word in items(parameter.get("AllowedValues"))}
    if allowed and value not in allowed and (kind == "CommaDelimitedList" or "List" not in kind):
        listed = ", ".join(f"`{word}`" for word in sorted(allowed))
        return "is none of the values that", f"its `AllowedValues` are {listed}"
    if kind == "Number":
        return _beyond(_as_number(value), parameter, "Value", ("less", "more"))
    return _beyond(len(value), parameter, "Length", ("shorter", "longer")) if kind == "String" else None


def _beyond(
    size: float | None, parameter: Mapping, what: str, words: tuple[str, str]
) -> tuple[str, str] | None:
    least, most = (_as_number(_as_text(parameter.get(f"{end}{what}"))) for end in ("Min", "Max"))
    if size is not None and least is not None and size < least:
        return f"is {words[0]} than", f"its `Min{what}` is {least:g}"
    if size is not None and most is not None and size > most:
        return f"is {words[1]} than", f"its `Max{what}` is {most:g}"
    return None


def _as_number(written: str) -> float | None:
    if not re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", written.strip(), re.ASCII):
        return None
    value = float(written)
    return value if math.isfinite(value) else None


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
