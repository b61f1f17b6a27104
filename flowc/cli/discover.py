"""The flow files that a command line names: files as given, folders searched.

A folder is searched in sorted order; hidden folders, virtual environments, caches and installed
packages are passed over. A file found in a folder counts when it may define a flow; one that the
user names counts always.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PASSED_OVER = frozenset({"__pycache__", "node_modules", "site-packages"})


class Found(NamedTuple):
    """A Python file, and whether the user named it."""

    path: str
    named: bool


def find_files(paths: Iterable[str]) -> list[Found]:
    """The files of the paths, each once, in the order given and sorted within a folder."""
    found: dict[str, Found] = {}
    for path in paths:
        if os.path.isdir(path):
            for inner in _walk(path):
                found.setdefault(os.path.abspath(inner), Found(inner, named=False))
        elif os.path.exists(path):
            found[os.path.abspath(path)] = Found(path, named=True)
        else:
            raise click.UsageError(f"there is no file or folder `{path}`")
    return list(found.values())


def _walk(folder: str) -> Iterator[str]:
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_passed_over(os.path.join(at, name), name))
        paths = (os.path.normpath(os.path.join(at, name)) for name in sorted(files) if name.endswith(".py"))
        # A pipe or a socket would keep its reader waiting; a link that leads nowhere holds no flow.
        yield from (path for path in paths if os.path.isfile(path))


def _is_passed_over(path: str, name: str) -> bool:
    return name.startswith(".") or name in _PASSED_OVER or os.path.exists(os.path.join(path, "pyvenv.cfg"))
