"""The JSON Schema of an execution's input: the flow's parameters, and flowc's own keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowc.ir.params import ParameterType
from flowc.ir.values import Const

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph
    from flowc.ir.params import Parameter

FILE_FORMAT = "file"  # an address in S3, or a path in the code or the image
# A list, a JSON value and a file arrive as JSON or as the text that the command line takes.
_TYPES: dict[ParameterType, dict[str, object]] = {
    ParameterType.STR: {"type": "string"},
    ParameterType.INT: {"type": "integer"},
    ParameterType.FLOAT: {"type": "number"},
    ParameterType.BOOL: {"type": "boolean"},
    ParameterType.JSON: {},
    ParameterType.LIST: {"type": ["array", "string"]},
    ParameterType.FILE: {"type": "string", "format": FILE_FORMAT},
}
_RESERVED: dict[str, Any] = {
    "type": "object",
    "description": "Set by `flowc submit`: --origin-run, --from, --tag",
    "properties": {
        "origin_run": {"type": "string"},
        "from_step": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "additionalProperties": False,
}
_BY_EVENTS = {
    **_RESERVED,
    "description": "Set by `flowc submit`, and by the rules of events",
    "properties": {**_RESERVED["properties"], "triggers": {"type": "array", "items": {"type": "object"}}},
}


def input_schema(graph: FlowGraph) -> dict[str, object]:
    """The schema of what `StartExecution` is given."""
    parameters = {parameter.name: _property(parameter) for parameter in graph.parameters.values()}
    schema: dict[str, object] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Parameters of {graph.name}",
        "type": "object",
        "properties": {**parameters, "_flowc": _BY_EVENTS if graph.specs.events else _RESERVED},
    }
    required = [p.name for p in graph.parameters.values() if p.required and p.default is None]
    if required:
        schema["required"] = required
    return schema


def _property(parameter: Parameter) -> dict[str, object]:
    found = dict(_TYPES[parameter.type])
    if parameter.help:
        found["description"] = parameter.help
    default = parameter.default
    if parameter.type is not ParameterType.FILE and isinstance(default, Const) and _is_json(default.value):
        found["default"] = default.value
    return found


def _is_json(value: object) -> bool:
    """Whether JSON has a word for the value; None is how an absent default is said."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            if not all(isinstance(key, str) for key in item):
                return False
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)
        elif not isinstance(item, str | bool | int | float):
            return False
    return True
