"""Types and defaults of parameters: inferred and converted as Metaflow's command line does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.contract import FALSE_WORDS, TRUE_WORDS
from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import nearest
from flowc.frontend.decl import Origin
from flowc.frontend.decorators.attribute_values import shown
from flowc.frontend.decorators.static_values import why_not
from flowc.frontend.project.files import beside_flow, find_file, without_anchor
from flowc.ir.params import ParameterType
from flowc.ir.values import ConfigRef, Const, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.diagnostics.model import Sink
    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.parameters.api_calls import ApiCall
    from flowc.ir.values import Constant, Value

FILE_TYPE = ParameterType.FILE
_TYPE_NAMES = {
    "str": ParameterType.STR,
    "int": ParameterType.INT,
    "float": ParameterType.FLOAT,
    "bool": ParameterType.BOOL,
    "JSONType": ParameterType.JSON,
    "JSONTypeClass": ParameterType.JSON,
    "dict": ParameterType.JSON,
    "list": ParameterType.JSON,
    "tuple": ParameterType.JSON,
}
_CLICK_TYPES = {
    "click.STRING": ParameterType.STR,
    "click.INT": ParameterType.INT,
    "click.FLOAT": ParameterType.FLOAT,
    "click.BOOL": ParameterType.BOOL,
    "click.Choice": ParameterType.STR,
    "click.IntRange": ParameterType.INT,
    "click.FloatRange": ParameterType.FLOAT,
    "click.Path": ParameterType.STR,
    "click.UUID": ParameterType.STR,
    "uuid.UUID": ParameterType.STR,
}


def parameter_type(label: str, call: ApiCall, called: bool, folder: Folder, sink: Sink) -> ParameterType:
    """The type given, else that of the default, else text."""
    if "type" in call.arguments and call.given("type"):
        return _named_type(label, call, folder, sink)
    if called or not call.given("default"):
        return ParameterType.STR
    default = call.value("default", folder)
    if isinstance(default, Const):
        return _type_of(default.value)
    match call.arguments.get("default"):
        case ast.Call(func=ast.Name(id="int" | "float" | "bool" as word)):
            return _TYPE_NAMES[word]
        case _:
            return ParameterType.STR


def _type_of(value: Constant) -> ParameterType:
    match value:
        case bool():
            return ParameterType.BOOL
        case int():
            return ParameterType.INT
        case float():
            return ParameterType.FLOAT
        case list() | dict() | tuple():
            return ParameterType.JSON
        case _:
            return ParameterType.STR


def _named_type(label: str, call: ApiCall, folder: Folder, sink: Sink) -> ParameterType:
    expr = call.arguments["type"]
    named = expr.func if isinstance(expr, ast.Call) else expr
    dotted = folder.project.dotted(call.module, named)
    if dotted in _CLICK_TYPES:
        return _CLICK_TYPES[dotted]
    word = folder.project.api_name(call.module, named)
    if word is None and isinstance(named, ast.Name):
        word = named.id
    if word in _TYPE_NAMES:
        return _TYPE_NAMES[word]
    if isinstance(expr, ast.Constant) and expr.value in _TYPE_NAMES:  # the type in quotes
        word = f"{expr.value}."
    meant = nearest(word, _TYPE_NAMES) if word else None
    span = call.module.span(expr)
    sink.report(
        catalog.PARAMETER_TYPE,
        span,
        f"the type of {label} is `{span.text}`, which is none of `str`, `int`, `float`, `bool` and `JSONType`",
        helps=[f"did you mean `{meant}`?"] if meant else ["take text, and convert it in the first step"],
    )
    return ParameterType.STR


# --------------------------------------------------------------------------- defaults
def default_of(label: str, kind: ParameterType, call: ApiCall, folder: Folder, sink: Sink) -> Value | None:
    """The default in its parameter's type; `Unknown` after a report.

    No manifest needs it: what only code can give, the code gives when a run starts.
    """
    value = call.value("default", folder)
    if not isinstance(value, Const):
        _report_computed(value, label, call, folder, sink)
        return value if isinstance(value, Unknown) else Unknown(call.span_of("default"), "it is not static")
    if value.value is None:
        return None
    try:
        return Const(_CONVERSIONS[kind](value.value))
    except (TypeError, ValueError, OverflowError, RecursionError):
        pass
    span = call.span_of("default")
    sink.report(
        catalog.PARAMETER_DEFAULT,
        span,
        f"the default of {label} is {shown(value.value)}, which is {_MISFITS[kind]}",
        helps=["correct the default, or the type"],
    )
    return Unknown(span, "it does not fit its type")


def _report_computed(value: Value, label: str, call: ApiCall, folder: Folder, sink: Sink) -> None:
    """FC108 for a default that the first step of each run computes; an error where Python can compute none."""
    expr = call.arguments.get("default", call.node)
    if isinstance(value, ConfigRef) or _has_unbound_name(expr, call, folder):
        call.report_unknown_value("default", value, label, folder, sink)
        return
    sink.report(
        catalog.NOT_STATIC,
        call.span_of("default"),
        f"the default of {label} is computed anew when a run starts: {_why(value)}",
        helps=[
            "write the value out, where it is to be the same in every run",
            "or say that it is not: `default=lambda context: …`",
        ],
        severity=Severity.WARNING,
    )


def _why(value: Value) -> str:
    return f"only code makes the {value.kind}" if isinstance(value, Shape) else why_not(value)[0]


def _has_unbound_name(expr: ast.expr, call: ApiCall, folder: Folder) -> bool:
    names = [node for node in ast.walk(expr) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound.update(node.arg for node in ast.walk(expr) if isinstance(node, ast.arg))
    return any(
        node.id not in bound and folder.project.origin(call.module, node, call.owner) is Origin.UNBOUND
        for node in names
    )


def _as_text(value: Constant) -> Constant:
    if isinstance(value, (str, int, float)):
        return str(value)
    raise TypeError


def _as_whole(value: Constant) -> Constant:
    if isinstance(value, (str, int, float)):
        return int(value)
    raise TypeError


def _as_number(value: Constant) -> Constant:
    if isinstance(value, (str, int, float)):
        return float(value)
    raise TypeError


def _as_flag(value: Constant) -> Constant:
    if isinstance(value, bool) or value in (0, 1):
        return bool(value)
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in TRUE_WORDS | FALSE_WORDS:
        return word in TRUE_WORDS
    raise ValueError


def _as_json(value: Constant) -> Constant:
    import json  # the parameters' own, rarely loaded before

    if not isinstance(value, str):
        plain = json.loads(json.dumps(value))
        return plain if not isinstance(plain, str) else json.dumps(plain)
    parsed = json.loads(value)
    # A JSON string stays as written: bare, it would be no JSON any more.
    return value if isinstance(parsed, str) else parsed


def _as_list(value: Constant) -> Constant:
    if isinstance(value, str):
        return value
    raise TypeError


_CONVERSIONS: dict[ParameterType, Callable[[Constant], Constant]] = {
    ParameterType.STR: _as_text,
    ParameterType.INT: _as_whole,
    ParameterType.FLOAT: _as_number,
    ParameterType.BOOL: _as_flag,
    ParameterType.JSON: _as_json,
    ParameterType.LIST: _as_list,
}
_MISFITS: dict[ParameterType, str] = {
    ParameterType.STR: "no text",
    ParameterType.INT: "no whole number",
    ParameterType.FLOAT: "no number",
    ParameterType.BOOL: "neither true nor false",
    ParameterType.JSON: "no JSON",
    ParameterType.LIST: "no text that can be split",
}


# --------------------------------------------------------------------------- included files
def included_file(label: str, call: ApiCall, folder: Folder, sink: Sink) -> Value:
    """The path of an included file as the flow file sees it; the file becomes part of the code."""
    expr = call.arguments.get("default")
    value = folder.fold_path(expr, call.module, call.owner) if expr else call.value("default", folder)
    if not isinstance(value, Const):
        call.report_unknown_value("default", value, label, folder, sink)
        return Unknown(call.span_of("default"), "it is not static")
    span = call.span_of("default")
    if not isinstance(value.value, str):
        sink.report(
            catalog.PARAMETER_DEFAULT,
            span,
            f"the default of {label} is {shown(value.value)}, which is no path",
            helps=["write the path of a file of the project"],
        )
        return Unknown(span, "it is no path")
    if "://" in value.value:
        return value  # an object that is fetched when a run starts
    found = find_file(folder.project, value.value)
    if found is not None:
        folder.project.data_files.add(found)
        return Const(beside_flow(folder.project, found))
    path = without_anchor(value.value)
    where = (
        "outside the project"
        if path.startswith("/")
        else "neither beside the flow file nor at the project root"
    )
    sink.report(
        catalog.INCLUDED_FILE,
        span,
        f"the default of {label} is `{path}`, which is {where}",
        helps=["put the file into the project, or remove the default and pass the file to each run"],
    )
    return Const(path)
