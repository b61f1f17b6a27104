"""`Config`: loaded while compiling, from what the command gives, the default file or the default value.

Invariant: no parser of the flow's own is called. JSON, TOML and YAML are read, and a parser that only
computes is followed as any function is; anything else leaves a `ConfigRef`, and what depends on it
is not static.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

from flowc.diagnostics import catalog
from flowc.frontend.decorators.attribute_values import shown
from flowc.frontend.folding.displays import config_value
from flowc.frontend.project.files import find_file, without_anchor
from flowc.ir.params import Config
from flowc.ir.values import ConfigRef, Const

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.parameters.api_calls import ApiCall
    from flowc.frontend.project.bindings import Binding
    from flowc.ir.values import Constant, Value
    from flowc.source import Span
    from flowc.target.settings import Settings

_PARSERS = {
    "json.loads": "JSON",
    "tomllib.loads": "TOML",
    "tomli.loads": "TOML",
    "toml.loads": "TOML",
    "yaml.safe_load": "YAML",
    "yaml_parser": "YAML",
    "metaflow.yaml_parser": "YAML",
    ".yaml_parser": "YAML",
    ".plugins.parsers.yaml_parser": "YAML",
    "metaflow.plugins.parsers.yaml_parser": "YAML",
}


def config_of(name: str, call: ApiCall, folder: Folder, settings: Settings, sink: Sink) -> Config:
    """A configuration with its value: a constant, None where it may be absent, a `ConfigRef` where only code reads it."""
    path, value = _value(name, call, folder, settings, sink)
    text = call.constant("help", folder)
    return Config(
        attribute=call.attribute.name,
        name=name,
        span=call.span,
        value=value,
        required=bool(call.constant("required", folder)),
        help=text if isinstance(text, str) else "",
        path=path,
    )


def _value(
    name: str, call: ApiCall, folder: Folder, settings: Settings, sink: Sink
) -> tuple[str | None, Value]:
    if name in settings.loaded_configs:
        return None, Const(config_value(settings.loaded_configs[name]))
    if call.given("default") and call.given("default_value"):
        sink.report(
            catalog.CONFIG_VALUE,
            call.span_of("default_value"),
            f"the configuration `{name}` has both `default` and `default_value`",
            helps=["keep the file's path (`default`) or the value (`default_value`)"],
        )
    if name in settings.config_values:
        given = settings.config_values[name]
        return None, _parsed(name, given, f"`--config-value {name}`", call.span, call, folder, sink)
    if name in settings.configs:
        return _from_file(name, settings.configs[name], f"`--config {name}`", call.span, call, folder, sink)
    if call.given("default"):
        return _default_file(name, call, folder, sink)
    if call.given("default_value"):
        return None, _default_value(name, call, folder, sink)
    if call.constant("required", folder):
        _report(name, f"the configuration `{name}` is required, and nothing gives its value", call.span, sink)
        return None, ConfigRef(name, ())
    return None, Const(None)


def _default_file(name: str, call: ApiCall, folder: Folder, sink: Sink) -> tuple[str | None, Value]:
    expr = call.arguments.get("default")
    span = call.span_of("default")
    value = folder.fold_path(expr, call.module, call.owner) if expr else call.value("default", folder)
    if not isinstance(value, Const):
        return None, ConfigRef(name, ())  # a function gives the path; what needs the value says so
    if not isinstance(value.value, str):
        _report(
            name, f"the default of the configuration `{name}` is {shown(value.value)}, no path", span, sink
        )
        return None, ConfigRef(name, ())
    return _from_file(
        name, value.value, f"the default of the configuration `{name}`", span, call, folder, sink
    )


def _default_value(name: str, call: ApiCall, folder: Folder, sink: Sink) -> Value:
    value = call.value("default_value", folder)
    if not isinstance(value, Const):
        return ConfigRef(name, ())
    span = call.span_of("default_value")
    if isinstance(value.value, str):
        subject = f"`default_value` of the configuration `{name}`"
        return _parsed(name, value.value, subject, span, call, folder, sink)
    return Const(config_value(value.value))


def _from_file(
    name: str, path: str, subject: str, span: Span, call: ApiCall, folder: Folder, sink: Sink
) -> tuple[str | None, Value]:
    found = find_file(folder.project, path)
    raw = folder.project.sources.read_bytes(found) if found else None
    if found is None or raw is None:
        _report(
            name, f"{subject} is the file `{without_anchor(path)}`, which is not in the project", span, sink
        )
        return None, ConfigRef(name, ())
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        _report(name, f"the file `{found}` of the configuration `{name}` is no UTF-8 text", span, sink)
        return found, ConfigRef(name, ())
    return found, _parsed(name, text, f"the file `{found}`", span, call, folder, sink)


# --------------------------------------------------------------------------- parsing
def _parsed(
    name: str, text: str, subject: str, span: Span, call: ApiCall, folder: Folder, sink: Sink
) -> Value:
    plain = bool(call.constant("plain", folder))
    if not call.given("parser"):
        language = "" if plain else "JSON"
    else:
        parser = _parser_name(call, folder)
        if parser not in _PARSERS:
            return _followed(name, text, plain, call, folder)
        language = _PARSERS[parser]
    if not language:
        return Const(text)
    try:
        value = _load(language, text)
    except ValueError as error:
        line = str(error).splitlines()[0] if str(error) else "it cannot be read"
        _report(name, f"{subject} is no {language}: {line}", span, sink)
        return ConfigRef(name, ())
    if not plain and not isinstance(value, dict):
        _report(
            name, f"{subject} holds {shown(cast('Constant', value))}, where a mapping is needed", span, sink
        )
        return ConfigRef(name, ())
    return Const(config_value(value) if not plain else cast("Constant", value))


def _parser_name(call: ApiCall, folder: Folder) -> str:
    expr = call.arguments.get("parser")
    if isinstance(expr, (ast.Name, ast.Attribute)):
        word = folder.project.api_name(call.module, expr)
        return word or folder.project.dotted(call.module, expr) or ""
    value = call.constant("parser", folder)
    return value if isinstance(value, str) else ""


def _followed(name: str, text: str, plain: bool, call: ApiCall, folder: Folder) -> Value:
    """What a parser of the project makes of the text, where it does no more than compute."""
    expr = call.arguments.get("parser")
    module, owner = call.module, call.owner
    if isinstance(expr, ast.Constant) and isinstance(expr.value, str):
        binding = _named_parser(expr.value, call, folder)
        if binding is None:
            return ConfigRef(name, ())
        expr = ast.copy_location(ast.Name(binding.name, ast.Load()), binding.node)
        module, owner = binding.module, None
    if expr is None:
        return ConfigRef(name, ())
    applied = ast.Call(func=expr, args=[ast.Constant(text)], keywords=[])
    for node in (applied, applied.args[0]):
        ast.copy_location(node, expr)
    value = folder.fold(applied, module, owner)
    if isinstance(value, Const) and _is_json(value.value) and (plain or isinstance(value.value, dict)):
        return value if plain else Const(config_value(value.value))
    return ConfigRef(name, ())


def _named_parser(dotted: str, call: ApiCall, folder: Folder) -> Binding | None:
    """The function of the project that `parser="module.function"` names."""
    path, _, word = dotted.rpartition(".")
    module = folder.project.load(path, call.module) if path else None
    found = module.bindings.get(word) if module is not None else ()
    return found[-1] if found else None


def _is_json(value: object) -> bool:
    match value:
        case dict():
            return all(isinstance(key, str) and _is_json(inner) for key, inner in value.items())
        case list():
            return all(map(_is_json, value))
        case _:
            return value is None or isinstance(value, (str, int, float))


def _load(language: str, text: str) -> object:
    """Raises ValueError with a line for a user."""
    if language == "JSON":
        import json

        return json.loads(text)
    if language == "TOML":
        import tomllib

        return _without_dates(tomllib.loads(text))
    import yaml

    try:
        return _without_dates(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"{getattr(error, 'problem', 'it cannot be read')}{place}") from error


def _without_dates(value: object) -> object:
    """Dates as the text they were written as: a manifest has no others."""
    match value:
        case dict():
            return {key: _without_dates(inner) for key, inner in value.items()}
        case list():
            return [_without_dates(inner) for inner in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _report(name: str, message: str, span: Span, sink: Sink) -> None:
    sink.report(
        catalog.CONFIG_VALUE,
        span,
        message,
        helps=[
            f"give it with `--config {name} FILE` or `--config-value {name} JSON`, or correct the default"
        ],
    )
