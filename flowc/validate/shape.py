"""The shape of a value by a schema of `schemas/`: unknown fields, missing ones, types, words.

The schemas are JSON Schema 2020-12, in the few keywords that say a shape. They are walked here,
since a manifest may hold in any place what its engine replaces first (a CloudFormation function, a
template of Argo), and since each fault is to name the nearest field and stand at its own line.

Invariant: for a value without such replacements, a fault is found exactly where a JSON Schema
validator finds one (a test compares both).
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc import share
from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flowc.diagnostics.model import Rule
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


class Reading(NamedTuple):
    """How an engine reads values.

    `replaced`: whether a value is replaced by another one first; `null_is_absent` as in Kubernetes;
    `converts`: a number may be written as text and the other way round, as in CloudFormation;
    `computed_suffix` ends the names of fields whose values are computed, as `.$` does in JSONPath.
    """

    replaced: Callable[[object], bool]
    null_is_absent: bool = False
    converts: bool = False
    computed_suffix: str = ""
    replaces_texts: bool = False  # only where a text may stand

    def is_absent_at(self, path: Path) -> bool:
        """Whether null counts as no value there: as a field it does, as an item of a list it is one."""
        return self.null_is_absent and bool(path) and isinstance(path[-1], str)

    def field(self, key: str) -> tuple[str, bool]:
        """The field that a key names, and whether its value is computed."""
        is_computed = bool(self.computed_suffix) and key.endswith(self.computed_suffix)
        return (key.removesuffix(self.computed_suffix), True) if is_computed else (key, False)


class _Fault(NamedTuple):
    keyword: str
    path: Path
    schema: Mapping[str, Any]
    detail: str = ""


def check_shape(
    findings: Findings, schema: str, name: str, reading: Reading, *, rule: Rule | None = None
) -> None:
    """Report FC703 to FC706, or all as `rule`, for a value that is to be a `name` of `schemas/<schema>.schema.json`."""
    definitions = load_definitions(schema)
    for fault in _faults(findings.value, {"$ref": f"#/$defs/{name}"}, (), definitions, reading):
        _report(findings, fault, name, rule)


@lru_cache
def load_definitions(schema: str) -> Mapping[str, Any]:
    """The `$defs` of a schema that flowc ships."""
    text = share.read_text("schemas", f"{schema}.schema.json")
    if text is None:
        raise FileNotFoundError(schema)
    definitions: Mapping[str, Any] = json.loads(text)["$defs"]
    return definitions


def _faults(
    value: object, schema: Mapping[str, Any], path: Path, definitions: Mapping[str, Any], reading: Reading
) -> Iterator[_Fault]:
    if value is None and reading.is_absent_at(path):
        return
    if reading.replaced(value) and not (reading.replaces_texts and _refuses_texts(schema, definitions)):
        return
    if "$ref" in schema:
        if schema.get("deprecated"):
            yield _Fault("deprecated", path, schema)
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if schema.get("deprecated"):
        yield _Fault("deprecated", path, schema)
    if "type" in schema and not _is_of(value, schema["type"], reading):
        yield _Fault("type", path, schema, _kind(value))
        return
    yield from _limits(value, schema, path, reading)
    if isinstance(value, dict):
        yield from _fields(value, schema, path, definitions, reading)
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _faults(item, schema["items"], (*path, index), definitions, reading)


def _refuses_texts(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    types = schema.get("type", "string")
    return "string" not in ([types] if isinstance(types, str) else types)


def _fields(
    value: dict[str, object],
    schema: Mapping[str, Any],
    path: Path,
    definitions: Mapping[str, Any],
    reading: Reading,
) -> Iterator[_Fault]:
    fields, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    given = {reading.field(key)[0] for key in value}
    for name in schema.get("required", ()):
        if name not in given or (value.get(name, "") is None and reading.null_is_absent):
            yield _Fault("required", path, schema, name)
    for key, part in value.items():
        name, is_computed = reading.field(key)
        if name in fields:
            if not is_computed:
                yield from _faults(part, fields[name], (*path, key), definitions, reading)
        elif others is False:
            yield _Fault("additionalProperties", (*path, key), schema, name)
        elif isinstance(others, dict) and not is_computed:
            yield from _faults(part, others, (*path, key), definitions, reading)


def _limits(value: object, schema: Mapping[str, Any], path: Path, reading: Reading) -> Iterator[_Fault]:
    if "enum" in schema and not _is_among(value, schema["enum"], reading):
        yield _Fault("enum", path, schema)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield _Fault("minimum", path, schema, f"at least {schema['minimum']:,}")
        if value > schema.get("maximum", value):
            yield _Fault("maximum", path, schema, f"at most {schema['maximum']:,}")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield _Fault("minItems", path, schema, f"at least {schema['minItems']}")
        if len(value) > schema.get("maxItems", len(value)):
            yield _Fault("maxItems", path, schema, f"at most {schema['maxItems']:,}")
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        yield _Fault("maxLength", path, schema, f"at most {schema['maxLength']:,}")


def _is_among(value: object, words: list[object], reading: Reading) -> bool:
    return value in words or (reading.converts and str(value) in {str(word) for word in words})


def _is_of(value: object, types: str | list[str], reading: Reading) -> bool:
    allowed = {types} if isinstance(types, str) else set(types)
    kind = _kind(value)
    if kind in allowed or (kind == "integer" and "number" in allowed):
        return True
    if kind == "number" and "integer" in allowed and isinstance(value, float) and value.is_integer():
        return True
    if not reading.converts:
        return False
    return _converts(value, kind, allowed)


def _converts(value: object, kind: str, allowed: set[str]) -> bool:
    if "string" in allowed and kind in {"integer", "number", "boolean"}:
        return True
    if not isinstance(value, str):
        return False
    if "boolean" in allowed and value.lower() in {"true", "false"}:
        return True
    return bool(allowed & {"integer", "number"}) and value.lstrip("-").isdigit()


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case dict():
            return "object"
        case _:
            return "array"


class _Said(NamedTuple):
    """How a fault is told."""

    rule: Rule
    message: str
    helps: tuple[str, ...]
    at_key: bool = False


def _report(findings: Findings, fault: _Fault, name: str, rule: Rule | None) -> None:
    said = _said(findings, fault, name)
    # Clients write null for what they leave out; a cluster drops it unless it is told to be strict.
    is_nothing = fault.keyword == "additionalProperties" and findings.below(*fault.path).value is None
    findings.report(
        rule or said.rule,
        fault.path,
        said.message,
        *said.helps,
        at_key=said.at_key,
        severity=Severity.WARNING if is_nothing else None,
    )


def _said(findings: Findings, fault: _Fault, name: str) -> _Said:
    path, schema = fault.path, fault.schema
    whole = f"the {name}" if name.isalpha() else f"`{name}`"
    field = next((f"`{part}`" for part in reversed(path) if isinstance(part, str)), whole)
    item = f"an item of {field}" if path and isinstance(path[-1], int) else field
    match fault.keyword:
        case "additionalProperties":
            owner = next((p for p in reversed(path[:-1]) if isinstance(p, str)), name)
            helps = did_you_mean(fault.detail, schema["properties"]) or (_fields_of(schema),)
            return _Said(catalog.UNKNOWN_FIELD, f"`{owner}` has no field {field}", helps, at_key=True)
        case "required":
            return _Said(
                catalog.MISSING_FIELD,
                f"{item} lacks `{fault.detail}`",
                (f"add `{fault.detail}`",),
                at_key=True,
            )
        case "deprecated":
            helps = (_SUCCESSORS.get(str(path[-1]), "use what replaced it"),)
            return _Said(
                catalog.REMOVED_FIELD, f"{field} was removed in Argo Workflows 4", helps, at_key=True
            )
        case "type":
            wanted = _listed(schema["type"])
            message = f"{item} is {_WORDS[fault.detail]}, where {wanted} belongs"
            return _Said(catalog.FIELD_VALUE, message, (_remedy(schema["type"], fault.detail, wanted),))
        case "enum":
            value = findings.below(*path).value
            words = [str(word) for word in schema["enum"] if word != ""]
            near = did_you_mean(value, words) if isinstance(value, str) else ()
            helps = (*near, f"it takes {', '.join(f'`{word}`' for word in words)}")
            return _Said(catalog.FIELD_VALUE, f"`{value}` is no value of {item}", helps)
        case _:
            unit = _UNITS.get(fault.keyword, "")
            return _Said(
                catalog.FIELD_VALUE, f"{item} is out of its range", (f"it takes {fault.detail}{unit}",)
            )


_UNITS = {"minItems": " items", "maxItems": " items", "maxLength": " characters"}
_SUCCESSORS = {
    "schedule": 'write `schedules: ["…"]`, which 3.7 reads too',
    "mutex": "write `mutexes:` with a list, which 3.7 reads too",
    "semaphore": "write `semaphores:` with a list, which 3.7 reads too",
}


def _fields_of(schema: Mapping[str, Any]) -> str:
    names = [f"`{name}`" for name in schema["properties"] if not schema["properties"][name].get("deprecated")]
    more = f" and {len(names) - 12} others" if len(names) > 12 else ""
    return f"it has {', '.join(names[:12])}{more}" if names else "it has no fields"


def _listed(types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else types
    return " or ".join(_WORDS[name] for name in names)


def _remedy(types: str | list[str], found: str, wanted: str) -> str:
    if "string" in types and found in {"integer", "number", "boolean", "null"}:
        return "put it in quotes"
    if found == "string" and set([types] if isinstance(types, str) else types) & {
        "integer",
        "number",
        "boolean",
    }:
        return f"write {wanted} without quotes"
    return f"write {wanted}"
