"""Files that a flow names: where they are in the project.

A path built on `__file__` says so itself. A relative one is looked for beside the flow file, then
from the project root; where a command is run makes no difference.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from flowc.frontend.folding.paths import ANCHOR

if TYPE_CHECKING:
    from flowc.frontend.project.modules import Project


def find_file(project: Project, path: str) -> str | None:
    """The path from the project root of a file that is there; None where it is not or lies outside."""
    for candidate in _candidates(project, path):
        clean = posixpath.normpath(candidate)
        if not clean.startswith("..") and project.sources.read_bytes(clean) is not None:
            return clean
    return None


def _candidates(project: Project, path: str) -> list[str]:
    if path.startswith(ANCHOR):
        return [path[len(ANCHOR) :].lstrip("/")]
    if path.startswith("/"):
        root = project.sources.root
        return [path[len(root) :].lstrip("/")] if root and path.startswith(root.rstrip("/") + "/") else []
    return [posixpath.join(posixpath.dirname(project.entry_path), path), path]


def beside_flow(project: Project, path: str) -> str:
    """A path from the project root, as seen from the folder of the flow file."""
    return posixpath.relpath(path, posixpath.dirname(project.entry_path) or ".")


def without_anchor(path: str) -> str:
    """A folded path for a message."""
    return path[len(ANCHOR) :].lstrip("/") if path.startswith(ANCHOR) else path
