"""Parsers for `Config(parser=…)` that flows import by name, or call themselves.

The files of Python packages give {"packages": {name: version}, "python": version or None}.
"""

from __future__ import annotations

import importlib
import re
import sys

from flowc.dsl import MetaflowException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_COMMENT = re.compile(r"(^|\s)#.*$")
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?P<extras>\[[^\]]*\])?\s*"
    r"(?:@\s*(?P<url>\S+)|\(?(?P<version>(?:[<>=!~]=?=?\s*[^;,()\s]+\s*,?\s*)*)\)?)\s*(?P<marker>;.*)?"
)
_CONDA = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)\s*(?P<version>[=<>!~].+)?")


class ParserValueError(MetaflowException):
    """A line that the parser does not take."""

    headline = "Value error"


def yaml_parser(content: str) -> Any:
    """The value of a YAML document. Raises MetaflowException without PyYAML."""
    try:
        import yaml
    except ImportError as error:
        raise MetaflowException(
            "yaml_parser needs PyYAML: add it to the image (pip install pyyaml)"
        ) from error
    return yaml.safe_load(content)


def requirements_txt_parser(content: str) -> dict[str, Any]:
    """What a requirements.txt asks for. Raises ParserValueError."""
    return _required(line for line in _lines(content) if line != "-e file:.")


def pyproject_toml_parser(content: str) -> dict[str, Any]:
    """What `[project]` of a pyproject.toml asks for. Raises ParserValueError, RuntimeError without a TOML reader."""
    try:
        toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    except ImportError as error:
        raise RuntimeError(
            "pyproject_toml_parser needs tomli before Python 3.11: add it to the image"
        ) from error
    project = toml.loads(content).get("project", {})
    parsed = _required(project.get("dependencies", []))
    python = project.get("requires-python")
    if python is not None:
        parsed["python"] = python.lstrip("=").strip()
    return parsed


def conda_environment_yml_parser(content: str) -> dict[str, Any]:
    """What the list `dependencies:` of an environment.yml asks for. Raises ParserValueError."""
    found: dict[str, str] = {}
    inside = False
    for line in _lines(content):
        if not inside or not line.startswith("-"):
            inside = line.lower().startswith("dependencies:")
            continue
        match = _CONDA.fullmatch(line.lstrip("-").strip())
        if match is None:
            raise ParserValueError(f"not a conda package: {line!r}")
        found[match["name"]] = (match["version"] or "").strip().lstrip("=").strip()
    return {"packages": found, "python": found.pop("python", None)}


def _lines(content: str) -> Iterator[str]:
    """The lines without comments that are not empty."""
    for line in content.splitlines():
        stripped = _COMMENT.sub("", line).strip()
        if stripped:
            yield stripped


def _required(lines: Iterable[str]) -> dict[str, Any]:
    packages: dict[str, str] = {}
    for line in lines:
        match = _REQUIREMENT.fullmatch(line.strip())
        if match is None:
            raise ParserValueError(f"not a requirement: {line!r}")
        if match["marker"]:
            raise ParserValueError(f"a requirement with an environment marker cannot be kept: {line!r}")
        extras = (match["extras"] or "").replace(" ", "")
        key = match["name"] + extras + (f"@{match['url']}" if match["url"] else "")
        parts = (match["version"] or "").replace(" ", "").split(",")
        packages[key] = ",".join(sorted(part for part in parts if part)).lstrip("=")
    return {"packages": packages, "python": packages.pop("python", None) or None}
