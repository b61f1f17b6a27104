"""Paths in constant expressions: `os.path` and `pathlib` as text, without looking at any disk."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, cast

from flowc.frontend.folding.limits import PathText, Refused

if TYPE_CHECKING:
    from flowc.frontend.folding.pure_calls import Pure
    from flowc.ir.values import Constant

# Where a project's own place is meant, `__file__` stands for a path below this root, which no
# path of a user begins with.
ANCHOR = "/\0"


def _absolute(path: Constant) -> Constant:
    text = str(path)
    if not text.startswith(ANCHOR):
        raise Refused("it depends on the folder that the command is run in")
    return type(path)(posixpath.normpath(text)) if isinstance(path, PathText) else posixpath.normpath(text)


def path_of(*parts: Constant) -> Constant:
    """`pathlib.Path(a, b)` or `a / b`."""
    if not all(isinstance(part, str) for part in parts):
        raise TypeError
    return PathText(posixpath.normpath(posixpath.join(*cast("tuple[str, ...]", parts or (".",)))))


PATH_FUNCTIONS: dict[str, Pure] = {
    "os.path.join": posixpath.join,
    "os.path.dirname": posixpath.dirname,
    "os.path.basename": posixpath.basename,
    "os.path.normpath": posixpath.normpath,
    "os.path.abspath": _absolute,
    "os.path.realpath": _absolute,
    "os.fspath": str,
    "pathlib.Path": path_of,
    "pathlib.PurePath": path_of,
    "pathlib.PurePosixPath": path_of,
}


PATH_METHODS: dict[str, Pure] = {
    "joinpath": path_of,
    "resolve": _absolute,
    "absolute": _absolute,
    "as_posix": str,
    "with_name": lambda p, name: path_of(posixpath.dirname(p), name),
}


PATH_ATTRIBUTES: dict[str, Pure] = {
    "parent": lambda p: path_of(posixpath.dirname(p) or "."),
    "name": posixpath.basename,
    "stem": lambda p: posixpath.splitext(posixpath.basename(p))[0],
    "suffix": lambda p: posixpath.splitext(p)[1],
}
