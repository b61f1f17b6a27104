"""The configuration of a project: defaults, [tool.flowc], a profile, FLOWC_* variables, flags; later wins.

[tool.flowc] stands in the pyproject.toml of the project root, or its keys stand in a flowc.toml
beside it, which then counts alone. A fault of the file is a diagnostic at its key, a fault of a
flag or a variable a usage error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from flowc.cli.configuration.entries import BadValueError, entries, from_text
from flowc.diagnostics.catalog import INVALID_CONFIGURATION
from flowc.diagnostics.model import Sink
from flowc.records import replace
from flowc.source import SourceFile, Sources, Span, Unreadable
from flowc.target.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.cli.configuration.file import FileSettings
    from flowc.diagnostics.model import Diagnostic

# Settings whose variable the runtime uses for something else.
_NOT_FROM_ENVIRONMENT = frozenset({"code"})


class Asked(NamedTuple):
    """What the command line asks: a profile, and the values of flags by key."""

    profile: str | None
    values: Mapping[str, object]


class Configuration(NamedTuple):
    """What a command works with. `targets` is empty where none is configured."""

    root: str
    sources: Sources
    settings: Settings
    targets: tuple[str, ...]
    secrets: Mapping[str, object]
    diagnostics: tuple[Diagnostic, ...]


def load_configuration(
    root: str, asked: Asked, environ: Mapping[str, str], sources: Sources | None = None
) -> Configuration:
    """The configuration for the project at `root`."""
    sources = sources or Sources(root)
    sink = Sink()
    values: dict[str, object] = {}
    read = _read_file(sources, sink)
    if read is not None:
        values |= read.values
    profile = asked.profile or environ.get("FLOWC_ENV")
    if profile is not None:
        values |= _profile(profile, read)
    values |= dict(_from_environment(environ))
    attached = _attached(values.get("with", ()), asked.values.get("with", ()))
    values |= {**asked.values, "with": attached} if attached else asked.values
    targets = values.pop("targets", ())
    return Configuration(
        root=root,
        sources=sources,
        settings=make_settings(values),
        targets=tuple(dict.fromkeys(targets)) if isinstance(targets, tuple) else (),
        secrets=read.secrets if read else {},
        diagnostics=tuple(sink),
    )


def _attached(configured: object, asked: object) -> tuple[str, ...]:
    """The decorators of the command line, and those configured that it does not ask for in its own way."""
    first, then = (specs if isinstance(specs, tuple) else () for specs in (asked, configured))
    names = {spec.partition(":")[0] for spec in first}
    return (*first, *(spec for spec in then if spec.partition(":")[0] not in names))


def make_settings(values: Mapping[str, object]) -> Settings:
    """Settings from values by key; what is absent keeps its default."""
    base = Settings()
    if not values:
        return base
    known = entries()
    own: dict[str, dict[str, object]] = {"": {}, "argo": {}, "stepfunctions": {}}
    for key, value in values.items():
        own[key.rpartition(".")[0]][known[key].field] = value
    for part in ("argo", "stepfunctions"):
        if own[part]:
            own[""][part] = _replace(getattr(base, part), own[part])
    made = _replace(base, own[""])
    assert isinstance(made, Settings)  # noqa: S101 - a copy of one
    return made


def _replace(record: object, values: Mapping[str, object]) -> object:
    # `entries` has checked each value against its field, which the type checker cannot see.
    return replace(record, **values)  # type: ignore[type-var]


def setting_from_text(key: str, text: str, shown_as: str) -> object:
    """The value of a flag or a variable; a usage error that names it as `shown_as`."""
    try:
        return from_text(entries()[key], text)
    except BadValueError as bad:
        raise click.UsageError(f"{shown_as} {bad}") from None


def _read_file(sources: Sources, sink: Sink) -> FileSettings | None:
    """The configuration file's content; None where no file mentions flowc."""
    for path in ("flowc.toml", "pyproject.toml"):
        file = sources.get(path)
        if isinstance(file, Unreadable):
            where = Span(SourceFile(path, "", sources.root), 0, 0)
            sink.report(INVALID_CONFIGURATION, where, f"`{path}` cannot be read: {file.reason}")
        elif isinstance(file, SourceFile) and (path == "flowc.toml" or "flowc" in file.text):
            from flowc.cli.configuration.file import read_file

            return read_file(file, sink)
    return None


def _profile(name: str, read: FileSettings | None) -> Mapping[str, object]:
    profiles = read.profiles if read else {}
    if name in profiles:
        return profiles[name]
    from flowc.diagnostics.suggest import nearest

    near = nearest(name, profiles)
    hint = f"; did you mean `{near}`?" if near else ""
    listed = ", ".join(f"`{p}`" for p in profiles) or "nothing"
    raise click.UsageError(f"there is no profile `{name}`: [tool.flowc.env] has {listed}{hint}")


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """FLOWC_MAX_WORKERS and so on; a target's own as FLOWC_ARGO_NAMESPACE."""
    if not any(name.startswith("FLOWC_") for name in environ):
        return
    for key in entries():
        name = "FLOWC_" + key.replace(".", "_").upper()
        if key not in _NOT_FROM_ENVIRONMENT and environ.get(name):
            yield key, setting_from_text(key, environ[name], f"the variable {name}")
