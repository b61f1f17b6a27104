"""A configuration file: TOML to values by key, and a diagnostic at each key that is wrong.

What is wrong is left out, so that the rest of the command works with what is right.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, NamedTuple

from flowc import __version__
from flowc.cli.configuration.entries import BadValueError, entries, from_toml
from flowc.cli.configuration.toml_places import Place, find, key_places
from flowc.cli.configuration.versions import BadSpecifierError, satisfies
from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.diagnostics.model import Rule, Sink
    from flowc.source import SourceFile

_SECRET_SOURCES = ("file", "env")
_TARGET_TABLES = ("argo", "stepfunctions")
_TOP_ONLY = ("required-version", "env", "secrets")


class FileSettings(NamedTuple):
    """Values by key, profiles likewise by name, and the local sources of plain secrets."""

    values: Mapping[str, object]
    profiles: Mapping[str, Mapping[str, object]]
    secrets: Mapping[str, object]


class _Reading(NamedTuple):
    """The file being read: where its keys are, and the sink."""

    file: SourceFile
    places: dict[tuple[str, ...], Place]
    sink: Sink

    def report(
        self, rule: Rule, path: tuple[str, ...], message: str, *helps: str, value: bool = False
    ) -> None:
        """One fault at the key `path`, or at its value."""
        place = find(self.places, path) or Place((0, 0), (0, 0))
        start, end = place.value if value else place.key
        self.sink.report(rule, Span(self.file, start, end), message, helps=helps)


def read_file(file: SourceFile, sink: Sink) -> FileSettings | None:
    """The settings of pyproject.toml ([tool.flowc]) or flowc.toml (the same keys at its top)."""
    try:
        document = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        _report_toml(file, str(error), sink)
        return None
    prefix: tuple[str, ...] = ("tool", "flowc")
    table = document.get("tool", {})
    table = table.get("flowc") if isinstance(table, dict) else None
    if table is None and file.path.endswith("flowc.toml"):
        prefix, table = (), document
    if table is None:
        return None
    reading = _Reading(file, key_places(file.text), sink)
    if not isinstance(table, dict):
        reading.report(catalog.SETTING_VALUE, prefix, "`tool.flowc` takes a table of settings")
        return None
    return _read_top(reading, prefix, table)


def _read_top(reading: _Reading, prefix: tuple[str, ...], table: dict[str, object]) -> FileSettings:
    _check_version(reading, (*prefix, "required-version"), table.get("required-version"))
    own = {key: value for key, value in table.items() if key not in _TOP_ONLY}
    values = dict(_read_table(reading, prefix, own, (*entries(), *_TARGET_TABLES, *_TOP_ONLY)))
    inner = (*entries(), *_TARGET_TABLES)
    profiles = {
        name: dict(_read_table(reading, (*prefix, "env", name), profile, inner))
        for name, profile in _tables(reading, (*prefix, "env"), table.get("env", {}))
    }
    secrets = {
        name: source
        for name, source in _tables(reading, (*prefix, "secrets"), table.get("secrets", {}))
        if _is_secret(reading, (*prefix, "secrets", name), source)
    }
    return FileSettings(values, profiles, secrets)


def _read_table(
    reading: _Reading,
    prefix: tuple[str, ...],
    table: Mapping[str, object],
    known: tuple[str, ...],
    inside: str = "",
) -> Iterator[tuple[str, object]]:
    """The values of a table by key; what no setting is called is reported."""
    for name, raw in table.items():
        path, key = (*prefix, name), inside + name
        entry = entries().get(key)
        if name in _TARGET_TABLES and not inside:
            for _, inner in _tables(reading, prefix, {name: raw}):
                yield from _read_table(reading, path, inner, _names_of(name), f"{name}.")
        elif entry is None:
            _report_unknown(reading, path, key, known, inside)
        else:
            try:
                yield key, from_toml(entry, raw)
            except BadValueError as bad:
                reading.report(catalog.SETTING_VALUE, path, f"`{key}` {bad}", value=True)


def _names_of(target: str) -> tuple[str, ...]:
    return tuple(key.removeprefix(f"{target}.") for key in entries() if key.startswith(f"{target}."))


def _report_unknown(
    reading: _Reading, path: tuple[str, ...], key: str, known: tuple[str, ...], inside: str
) -> None:
    name = path[-1]
    homes = [k for k in entries() if k.endswith(f".{name}")]
    where = f"[tool.flowc{'.' + inside[:-1] if inside else ''}]"
    if not inside and homes:
        helps: tuple[str, ...] = (f"it is a setting of one target: write it as `{homes[0]}`",)
    elif inside and name in entries():
        helps = (f"`{name}` belongs to no target: move it up to [tool.flowc]",)
    else:
        helps = did_you_mean(name, [k for k in known if "." not in k])
    reading.report(
        catalog.UNKNOWN_SETTING, path, f"{where} has no setting `{key.rpartition('.')[2]}`", *helps
    )


def _tables(
    reading: _Reading, prefix: tuple[str, ...], raw: object
) -> Iterator[tuple[str, dict[str, object]]]:
    """The tables inside a table; whatever is no table is reported."""
    if not isinstance(raw, dict):
        reading.report(
            catalog.SETTING_VALUE, prefix, f"`{prefix[-1]}` takes tables, not a single value", value=True
        )
        return
    for name, inner in raw.items():
        if isinstance(inner, dict):
            yield name, inner
        else:
            reading.report(
                catalog.SETTING_VALUE, (*prefix, name), f"`{name}` takes a table of settings", value=True
            )


def _is_secret(reading: _Reading, path: tuple[str, ...], source: dict[str, object]) -> bool:
    for name, raw in source.items():
        if name not in _SECRET_SOURCES:
            helps = did_you_mean(name, _SECRET_SOURCES) or ("a local secret comes from `file` or `env`",)
            reading.report(
                catalog.UNKNOWN_SETTING, (*path, name), f"a secret has no setting `{name}`", *helps
            )
            return False
        if not isinstance(raw, str):
            reading.report(catalog.SETTING_VALUE, (*path, name), f"`{name}` takes a string", value=True)
            return False
    if len(source) != 1:
        reading.report(catalog.SETTING_VALUE, path, f"the secret `{path[-1]}` takes either `file` or `env`")
    return len(source) == 1


def _check_version(reading: _Reading, path: tuple[str, ...], wanted: object) -> None:
    if wanted is None:
        return
    if not isinstance(wanted, str):
        reading.report(
            catalog.SETTING_VALUE, path, '`required-version` takes a string like ">=0.1"', value=True
        )
        return
    try:
        if not satisfies(__version__, wanted):
            message = f"the project asks for flowc {wanted}, and this is flowc {__version__}"
            reading.report(
                catalog.REQUIRED_VERSION, path, message, f'pip install "flowc{wanted}"', value=True
            )
    except BadSpecifierError as bad:
        reading.report(catalog.SETTING_VALUE, path, f"`required-version` cannot be read: {bad}", value=True)


def _report_toml(file: SourceFile, message: str, sink: Sink) -> None:
    """FC512 at the line and column that Python's reader names at the end of its message."""
    text, _, place = message.partition(" (at ")
    digits = [int(part) for part in "".join(c if c.isdigit() else " " for c in place).split()]
    line, column = digits if len(digits) == 2 else (len(file.line_starts), 1)
    start = file.line_starts[min(line, len(file.line_starts)) - 1] + column - 1
    start = min(start, len(file.text))
    sink.report(
        catalog.INVALID_CONFIGURATION,
        Span(file, start, start + 1),
        f"`{file.path}` is not valid TOML: {text[:1].lower()}{text[1:]}",
        helps=["its settings were not read"],
    )
