"""Every setting by its key: what it takes, and how text and TOML become its value.

The rows come from the fields of `Settings` themselves, so that a new field is a new setting
(`argo.namespace` for `ArgoSettings.namespace`); the tables below add what a type does not say.
schemas/config.schema.json publishes the same, and a test holds the two together.

Invariant: a value that leaves this module fits its field, or `BadValueError` says why not.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from flowc.target.settings import ArgoSettings, Settings, StepFunctionsSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TARGETS = ("argo", "stepfunctions")

# Keys whose name, unit or form differs from the field's.
_RENAMED = {
    "decorators": ("with", "decorators"),
    "max_peak_cpu_millis": ("max_peak_cpu", "cores"),
    "max_peak_memory_mb": ("max_peak_memory", "size"),
}
_CHOICES = {
    "code": ("embed", "image"),
    "argo.image_pull_policy": ("Always", "IfNotPresent", "Never"),
    "argo.concurrency_policy": ("Allow", "Forbid", "Replace"),
    "stepfunctions.platform": ("EC2", "FARGATE"),
    "stepfunctions.partition": ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b"),
    "targets": TARGETS,
}
_AT_LEAST_ONE = frozenset({"max_workers", "max_num_splits", "max_visits", "run_timeout_seconds"})
_KINDS = {
    "str": "text",
    "int": "count",
    "float": "number",
    "bool": "flag",
    "tuple[str, ...]": "texts",
    "Mapping[str, str]": "table",
    "tuple[Mapping[str, str], ...]": "tables",
}
_WORDS = {
    "text": "a string",
    "count": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "texts": "a list of strings",
    "table": "a table of strings",
    "tables": "a list of tables of strings",
    "cores": "a number of CPU cores",
    "size": 'a number of MB or a size like "64GiB"',
    "decorators": 'a list of decorators like "retry:times=2"',
}
_UNITS = {
    "": 1_000_000,
    "K": 1_000,
    "M": 1_000_000,
    "G": 10**9,
    "T": 10**12,
    "P": 10**15,
    "Ki": 1 << 10,
    "Mi": 1 << 20,
    "Gi": 1 << 30,
    "Ti": 1 << 40,
    "Pi": 1 << 50,
}


class BadValueError(Exception):
    """A value that a setting cannot have; the text says what it takes, after "`key`"."""


class Entry(NamedTuple):
    """One setting. `field` is its name in the dataclass; a `key` with a dot is of that target alone."""

    key: str
    field: str
    kind: str
    choices: tuple[str, ...]
    minimum: int


@cache
def entries() -> Mapping[str, Entry]:
    """All settings by key, in the order of the fields."""
    found = (
        *_of(Settings, ""),
        *_of(ArgoSettings, "argo."),
        *_of(StepFunctionsSettings, "stepfunctions."),
        Entry("targets", "", "texts", _CHOICES["targets"], 0),
    )
    return {entry.key: entry for entry in found}


def _of(cls: type, prefix: str) -> Iterator[Entry]:
    for field, annotation in cls.__annotations__.items():
        kind = _KINDS.get(str(annotation).removesuffix(" | None"))
        name, kind = _RENAMED.get(field, (field, kind))
        if kind is None:  # the targets' own settings
            continue
        key = prefix + name
        yield Entry(key, field, kind, _CHOICES.get(key, ()), 1 if name in _AT_LEAST_ONE else 0)


def from_toml(entry: Entry, raw: object) -> object:
    """The field's value for a value of a TOML file. Raises BadValueError."""
    match entry.kind, raw:
        case "text", str():
            return _address(raw) if entry.key == "datastore" else _chosen(entry, raw)
        case "flag", bool():
            return raw
        case "count", int() if not isinstance(raw, bool):
            return _counted(entry, raw)
        case (("number" | "cores"), int() | float()) if not isinstance(raw, bool):
            return _cores(raw) if entry.kind == "cores" else raw
        case "size", int() | str() if not isinstance(raw, bool):
            return _megabytes(raw)
        case (("texts" | "decorators"), list()) if all(isinstance(item, str) for item in raw):
            return tuple(_chosen(entry, item) for item in raw)
        case "table", dict() if _is_table(raw):
            return dict(raw)
        case "tables", list() if all(isinstance(item, dict) and _is_table(item) for item in raw):
            return tuple(dict(item) for item in raw)
    raise BadValueError(f"takes {_WORDS[entry.kind]}, not {_described(raw)}")


def from_text(entry: Entry, text: str) -> object:
    """The field's value for the text of a flag or an environment variable.

    A list is separated by commas, a list of decorators by blanks, a table is `a=x,b=y`. Raises BadValueError.
    """
    match entry.kind:
        case "text" | "size":
            return from_toml(entry, text)
        case "flag":
            return _flag(text)
        case "count" | "number" | "cores":
            return from_toml(entry, _number(entry, text))
        case "texts":
            return from_toml(entry, [part.strip() for part in text.split(",") if part.strip()])
        case "decorators":
            return from_toml(entry, text.split())
        case "table":
            return dict(_pair(part) for part in text.split(",") if part.strip())
        case _:
            raise BadValueError("can only be set in a configuration file")


def _is_table(raw: dict[object, object]) -> bool:
    return all(isinstance(k, str) and isinstance(v, str) for k, v in raw.items())


def _chosen(entry: Entry, text: str) -> str:
    if entry.choices and text not in entry.choices:
        listed = ", ".join(f"`{choice}`" for choice in entry.choices)
        raise BadValueError(f"takes one of {listed}, not `{text}`")
    return text


def _address(text: str) -> str:
    if not text.startswith(("s3://", "file:///")) or text in {"s3://", "file:///"}:
        raise BadValueError(f"takes s3://bucket/prefix or file:///folder, not `{text}`")
    return text


def _counted(entry: Entry, number: int) -> int:
    if number < entry.minimum:
        raise BadValueError(f"takes a whole number of at least {entry.minimum}, not {number}")
    return number


def _cores(number: float) -> int:
    if not 0 <= number < 1e9:
        raise BadValueError(f"takes a number of CPU cores, not {number}")
    return round(number * 1000)


def _megabytes(raw: int | str) -> int:
    text = str(raw).strip()
    digits = text.rstrip("KMGTPiBb ")
    unit = text[len(digits) :].strip().removesuffix("B")
    try:
        size = float(digits)
    except ValueError:
        size = -1.0
    if size < 0 or size > 1e15 or unit not in _UNITS:
        raise BadValueError(f"takes {_WORDS['size']}, not {raw!r}")
    return -int(-size * _UNITS[unit] // 1_000_000)


def _flag(text: str) -> bool:
    match text.strip().lower():
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off" | "":
            return False
    raise BadValueError(f"takes true or false, not `{text}`")


def _number(entry: Entry, text: str) -> int | float:
    try:
        return int(text) if entry.kind == "count" else float(text)
    except ValueError:
        raise BadValueError(f"takes {_WORDS[entry.kind]}, not `{text}`") from None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadValueError(f"takes `name=value` pairs separated by commas, not `{text}`")
    return name.strip(), value.strip()


def _described(raw: object) -> str:
    match raw:
        case bool():
            return "true" if raw else "false"
        case str():
            return f'the string "{raw}"'
        case int() | float():
            return f"the number {raw}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return f"`{raw}`"
