"""The parameters, included files and configurations of a flow.

Configurations come first: the defaults of parameters and the arguments of decorators may use them.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc import contract
from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.frontend.decl import Origin
from flowc.frontend.decorators.attribute_values import shown
from flowc.frontend.decorators.static_values import why_not
from flowc.frontend.parameters.api_calls import ApiCall, api_call, call_name, is_callable
from flowc.frontend.parameters.defaults import FILE_TYPE, default_of, included_file, parameter_type
from flowc.frontend.project.api_names import API_NAMES
from flowc.frontend.project.imports import check_flow_imports, report_not_imported
from flowc.ir.params import Parameter, ParameterType
from flowc.ir.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import AttributeDecl, FlowDecl
    from flowc.frontend.folding.constants import Folder
    from flowc.ir.params import Config
    from flowc.ir.values import Value
    from flowc.source import Span
    from flowc.target.settings import Settings

# Options of the run command itself; `-` and `_` mean the same there.
_RESERVED = frozenset(
    """
    params with tag namespace obj tags decospecs run_id_file max_num_splits max_workers max_log_size
    user_namespace run_id task_id runner_attribute_file
    """.split()
)


def parameters(
    flow: FlowDecl, folder: Folder, settings: Settings, sink: Sink
) -> tuple[Mapping[str, Parameter], Mapping[str, Config], Mapping[str, Value]]:
    """Parameters and configs, each by attribute name, and what is known of the other class attributes."""
    check_flow_imports(flow, folder.project, sink)
    calls = {a.name: call for a in flow.attributes if (call := api_call(a, folder, sink)) is not None}
    configs = _configs(calls, folder, settings, sink)
    found = _parameters(calls, folder, sink)
    folder.parameter_names = frozenset(p.name for p in found.values())
    others = {a.name: _other(a, folder, sink) for a in flow.attributes if a.name not in calls}
    return found, configs, others


def _configs(
    calls: Mapping[str, ApiCall], folder: Folder, settings: Settings, sink: Sink
) -> dict[str, Config]:
    found: dict[str, Config] = {}
    seen: dict[str, Span] = {}
    for attribute, call in calls.items():
        name = call_name(call, folder, sink) if call.kind == "Config" else None
        if name is None:
            continue
        from flowc.frontend.parameters.configs import config_of  # most flows have none

        _check_name(name, call, seen, sink)
        config = config_of(name, call, folder, settings, sink)
        folder.configs[call.node] = config.value
        folder.config_names[name] = config.value
        found[attribute] = config
    return found


def _parameters(calls: Mapping[str, ApiCall], folder: Folder, sink: Sink) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    seen: dict[str, Span] = {}
    for attribute, call in calls.items():
        name = call_name(call, folder, sink) if call.kind != "Config" else None
        if name is None:
            continue
        _check_name(name, call, seen, sink)
        build = _file_parameter if call.kind == "IncludeFile" else _parameter
        found[attribute] = build(name, call, folder, sink)
    return found


def _check_name(name: str, call: ApiCall, seen: dict[str, Span], sink: Sink) -> None:
    span = call.span_of("name")
    option = name.replace("-", "_").lower()
    if name.replace("-", "_") in _RESERVED or name.startswith(contract.PARAM_PREFIX):
        owner = "flowc" if name.startswith(contract.PARAM_PREFIX) else "the `run` command"
        sink.report(
            catalog.PARAMETER_NAME,
            span,
            f"`{name}` is an option of {owner}, so that no parameter can have this name",
            helps=["choose another name; the attribute of the flow may stay"],
        )
    first = seen.setdefault(option, span)
    if first is not span:
        sink.report(
            catalog.DUPLICATE_PARAMETER,
            span,
            f"two parameters are named `{name}`",
            secondary=[Label(first, "the first one")],
            notes=["upper and lower case, `-` and `_` are the same in an option"],
            helps=["rename one of them"],
        )


def _parameter(name: str, call: ApiCall, folder: Folder, sink: Sink) -> Parameter:
    label = f"the parameter `{name}`"
    called = is_callable(call, "default", folder)
    separator = call.constant("separator", folder)
    kind = parameter_type(label, call, called, folder, sink)
    if isinstance(separator, str) and separator:
        kind = _separated(label, kind, call, sink)
    default: Value | None = None
    if called:
        reason = why_not(Unknown(call.span_of("default"), "a function gives it when a run starts"))[0]
        default = Unknown(call.span_of("default"), reason)
    elif call.given("default"):
        default = default_of(label, kind, call, folder, sink)
        called = isinstance(default, Unknown)
    return Parameter(
        attribute=call.attribute.name,
        name=name,
        span=call.span,
        type=kind,
        default=default,
        required=bool(call.constant("required", folder)) and default is None,
        help=_help(call, folder),
        separator=separator if isinstance(separator, str) and separator else None,
        callable_default=called,
    )


def _separated(label: str, kind: ParameterType, call: ApiCall, sink: Sink) -> ParameterType:
    if kind in (ParameterType.STR, ParameterType.LIST):
        return ParameterType.LIST
    sink.report(
        catalog.PARAMETER_TYPE,
        call.span_of("separator"),
        f"{label} has a `separator`, and its type is `{kind.value}`: only text can be split",
        helps=["remove `separator`, or make the type `str`"],
    )
    return kind


def _file_parameter(name: str, call: ApiCall, folder: Folder, sink: Sink) -> Parameter:
    label = f"the file `{name}`"
    called = is_callable(call, "default", folder)
    default: Value | None = None
    if called:
        default = Unknown(call.span_of("default"), "a function gives it when a run starts")
    elif call.given("default"):
        default = included_file(label, call, folder, sink)
    return Parameter(
        attribute=call.attribute.name,
        name=name,
        span=call.span,
        type=FILE_TYPE,
        default=default,
        required=bool(call.constant("required", folder)) and default is None,
        help=_help(call, folder),
        callable_default=called,
    )


def _help(call: ApiCall, folder: Folder) -> str:
    text = call.constant("help", folder)
    return text if isinstance(text, str) else ""


def _other(attribute: AttributeDecl, folder: Folder, sink: Sink) -> Value:
    """A class attribute that is no parameter; a call of an API name that nothing imports is said here."""
    value = attribute.value
    if value is None:
        return Unknown(attribute.span, f"`{attribute.name}` is declared without a value")
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        name = value.func.id
        origin = folder.project.origin(attribute.module, value.func, attribute.owner)
        if name in API_NAMES and origin is Origin.UNBOUND:
            span = attribute.module.span(value.func)
            report_not_imported(name, span, attribute.module, sink, use="a class")
            return Unknown(span, f"{shown(name)} is never imported")
    return folder.fold(value, attribute.module, attribute.owner)
