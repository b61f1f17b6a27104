"""The values of a run's parameters: what the engine passed, or the flow's own defaults."""

from __future__ import annotations

import importlib
import json
import os

from flowc import contract, dsl
from flowc.runtime.store import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from flowc.runtime.settings import TaskSettings


class ParameterFault(Exception):
    """A parameter has no value, or one that does not fit its type."""


def declared_parameters(flow_class: type) -> dict[str, dsl.Parameter]:
    """The parameters of a flow and of its bases by attribute."""
    found: dict[str, dsl.Parameter] = {}
    for base in reversed(flow_class.__mro__):
        found.update((name, value) for name, value in vars(base).items() if isinstance(value, dsl.Parameter))
    return found


def passed_values(encoded: str | None) -> dict[str, Any]:
    """What the engine passed, by parameter name. Raises ParameterFault."""
    passed = _passed(encoded)
    return {
        name: value
        for name, value in passed.items()
        if value != contract.SENTINEL and not name.startswith(contract.PARAM_PREFIX)
    }


def passed_events(encoded: str | None) -> list[dict[str, Any]]:
    """The events that started the run: what `current.trigger` keeps of each that came."""
    kinds = {contract.PARAM_EVENT: "event", contract.PARAM_FINISHED: "run"}
    told = [
        (kind, value)
        for name, value in _passed(encoded).items()
        for prefix, kind in kinds.items()
        if name.startswith(prefix) and value != contract.SENTINEL
    ]
    return [_event(kind, value) for kind, value in told]


def passed_tags(encoded: str | None) -> list[str]:
    """The tags that the run was started with. Raises ParameterFault."""
    told = _passed(encoded).get(contract.PARAM_TAGS) or "[]"
    try:
        tags = json.loads(told)
    except (TypeError, ValueError):
        tags = None
    if not isinstance(tags, list):
        raise ParameterFault(f"`{contract.PARAM_TAGS}` is {told!r}, which is no list of tags in JSON")
    return [str(tag) for tag in tags]


def _event(kind: str, told: Any) -> dict[str, Any]:
    """One event, from its payload, in which anything may stand."""
    try:
        payload = json.loads(told)
    except (TypeError, ValueError):
        payload = None
    known = payload if isinstance(payload, dict) else {}
    return {"type": kind, **{key: known.get(key) for key in ("name", "id", "timestamp")}}


def _passed(encoded: str | None) -> dict[str, Any]:
    """Values by name: Argo gives a list of name and value, others an object."""
    if not encoded:
        return {}
    from binascii import a2b_base64  # see `settings`

    try:
        content = json.loads(a2b_base64(encoded))
        if isinstance(content, str):  # an execution's input that was quoted twice
            content = json.loads(content)
    except ValueError as error:
        raise ParameterFault(f"the parameters passed to the run cannot be read: {error}") from error
    if isinstance(content, list):
        return {item["name"]: item.get("value") for item in content}
    return dict(content)


def resolve_parameters(
    flow_class: type, passed: dict[str, Any], settings: TaskSettings, known_entries: Collection[str] = ()
) -> dict[str, Any]:
    """The value of every parameter and config by attribute but `known_entries`. Raises ParameterFault.

    A default that the manifest could not hold comes from the document, a config as the compiler
    loaded it too; all else from the flow's own code.
    """
    defaults = settings.document.get(contract.DOCUMENT_DEFAULTS, {})
    configs = settings.document.get(contract.DOCUMENT_CONFIGS, {})
    declared = declared_parameters(flow_class)
    values: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for attribute, parameter in declared.items():
        if isinstance(parameter, dsl.Config):
            given = configs.get(parameter.name, configs.get(attribute))
            value = _config(parameter, settings.entry) if given is None else given
            values[attribute] = value
            known[attribute] = known[parameter.name] = dsl.config_value(value)
    for attribute, parameter in declared.items():
        if isinstance(parameter, dsl.Config) or attribute in known_entries:
            continue
        _evaluate_options(parameter, known)
        if parameter.name in passed:
            values[attribute] = _convert(parameter, passed[parameter.name], settings.entry)
        elif parameter.name in defaults:
            values[attribute] = _convert(parameter, defaults[parameter.name], settings.entry)
        else:
            values[attribute] = _default(parameter, settings.entry)
    return {attribute: value for attribute, value in values.items() if attribute not in known_entries}


def _evaluate_options(parameter: dsl.Parameter, configs: dict[str, Any]) -> None:
    """Give options that are parts of configurations their values."""
    for option, value in parameter.options.items():
        if isinstance(value, dsl.Config):
            parameter.options[option] = configs[value.name]
        elif isinstance(value, dsl.ConfigExpression):
            parameter.options[option] = value.evaluate(configs)


def _default(parameter: dsl.Parameter, entry: str) -> Any:
    options = parameter.options
    default = options.get("default")
    if callable(default):
        default = default(_Context(parameter.name))
    if default is None:
        if options.get("required"):
            raise ParameterFault(f"parameter `{parameter.name}` is required and was not given")
        return None
    return _convert(parameter, default, entry)


class _Context:
    """What a callable default is given, as in Metaflow."""

    def __init__(self, parameter_name: str) -> None:
        self.parameter_name = parameter_name
        self.flow_name = os.environ.get(contract.ENV_FLOW, "")
        self.user_name = os.environ.get("USER", "")


def _config(parameter: dsl.Parameter, entry: str) -> Any:
    value = parameter.options.get("default_value")
    path = parameter.options.get("default")
    if value is None and path is not None:
        value = _read_file(path, entry, encoding="utf-8")
    parser = parameter.options.get("parser")
    if not isinstance(value, str):
        return value
    if isinstance(parser, str):
        parser = _named_parser(parameter.name, parser)
    if callable(parser):
        return parser(value)
    try:
        return json.loads(value)
    except ValueError as error:
        place = f"the file {path}" if parameter.options.get("default_value") is None else "its default"
        raise ParameterFault(f"config `{parameter.name}` is no JSON: {place}: {error}") from error


def _named_parser(config: str, dotted: str) -> Any:
    """The function that `parser="module.function"` names; `.module` is one of Metaflow's."""
    path, _, name = (f"metaflow{dotted}" if dotted.startswith(".") else dotted).rpartition(".")
    try:
        return getattr(importlib.import_module(path), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ParameterFault(f"config `{config}` has no parser `{dotted}`: {error}") from error


def _convert(parameter: dsl.Parameter, value: Any, entry: str) -> Any:
    options = parameter.options
    if isinstance(parameter, dsl.IncludeFile):
        if not isinstance(value, str):
            raise ParameterFault(f"parameter `{parameter.name}` is {value!r}, which is no path of a file")
        text = options.get("is_text", True)
        return _read_file(value, entry, options.get("encoding") or "utf-8" if text else None)
    kind = options.get("type") or _type_of(options.get("default"))
    separator = options.get("separator")
    try:
        if separator and isinstance(value, str):
            return value.split(separator)
        if isinstance(kind, dsl.JSONTypeClass) or kind is dsl.JSONTypeClass:
            return json.loads(value) if isinstance(value, str) else value
        if kind is bool:
            return _boolean(value)
        if kind in (int, float, str) and value is not None:
            return kind(value)
    except (TypeError, ValueError) as error:
        raise ParameterFault(f"parameter `{parameter.name}` is {value!r}: {error}") from error
    return value


def _type_of(default: Any) -> Any:
    return str if default is None or callable(default) else type(default)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in contract.TRUE_WORDS | contract.FALSE_WORDS:
        return word in contract.TRUE_WORDS
    raise ValueError("not true or false")


def _read_file(path: str, entry: str, encoding: str | None) -> Any:
    """The text or bytes of a file beside the flow, below the working folder, or at an s3:// address."""
    if path.startswith("s3://"):
        content = _read_object(path)
        return _decoded(path, content, encoding) if encoding else content
    content = _read_local(path, entry)
    # A text file's lines end as Python's `open` ends them, whatever system wrote it.
    return (
        _decoded(path, content, encoding).replace("\r\n", "\n").replace("\r", "\n") if encoding else content
    )


def _decoded(path: str, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise ParameterFault(
            f"cannot read {path} as text: {error}; give its `encoding`, or `is_text=False` for bytes"
        ) from error


def _read_object(url: str) -> bytes:
    bucket, _, key = url[len("s3://") :].partition("/")
    content = open_store(f"s3://{bucket}").get(key)
    if content is None:
        raise ParameterFault(f"there is no object {url}")
    return content


def _read_local(path: str, entry: str) -> bytes:
    place = path if os.path.isabs(path) else os.path.join(os.path.dirname(os.path.abspath(entry)), path)
    if not os.path.exists(place):
        place = path
    try:
        with open(place, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise ParameterFault(f"cannot read {path}: {error.strerror or error}") from error
