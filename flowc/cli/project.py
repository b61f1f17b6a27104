"""The project around a flow file, and how its paths are shown.

The root is the nearest folder upward that holds pyproject.toml, flowc.toml or .git, else the
flow's own folder, or the one around its packages. Paths in what flowc writes are relative to it, so that output is the same from
any folder; paths shown to the user are relative to where the command runs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowc.source import SourceFile

_SIGNS = ("pyproject.toml", "flowc.toml", ".git")


def find_root(folder: str) -> str:
    """The project root for files in `folder`, absolute."""
    folder = os.path.abspath(folder)
    at = folder
    while True:
        if is_marked(at):
            return at
        parent = os.path.dirname(at)
        if parent == at:
            return _outside_packages(folder)
        at = parent


def is_marked(folder: str) -> bool:
    """Whether something in the folder says that a project begins here."""
    return any(os.path.exists(os.path.join(folder, sign)) for sign in _SIGNS)


def _outside_packages(folder: str) -> str:
    """The folder from which Python imports the package that `folder` is; itself where it is none."""
    while os.path.isfile(os.path.join(folder, "__init__.py")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def inside(root: str, path: str) -> str:
    """A path of the user, relative to where the command runs, as a POSIX path from the root."""
    return os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")


def displayed(file: SourceFile) -> str:
    """A source file's path as a person in this folder would write it."""
    if file.root is None:
        return file.path
    path = os.path.join(file.root, file.path)
    relative = os.path.relpath(path)
    # Far away, an absolute path is easier to read than a ladder of `..`.
    return os.path.abspath(path) if relative.startswith(os.path.join("..", "..", "..")) else relative
