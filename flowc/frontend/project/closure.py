"""The static import closure of a flow: every file of the project that its code may import.

Imports inside functions count, `importlib.import_module("literal")` and `parser="module.function"` too,
and each package on the way with its `__init__`. A file that cannot be parsed is kept and not followed: it may be meant for
another Python.
"""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING

from flowc.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowc.frontend.project.module import Module
    from flowc.frontend.project.modules import Project


def import_closure(project: Project, include: Sequence[str]) -> tuple[str, ...]:
    """Paths from the project root, sorted: the flow file, what it imports and includes, and `include`.

    `include` are files, folders or globs.
    """
    found: dict[str, None] = {project.entry_path: None}
    waiting = [project.entry_path]
    for path in sorted(project.data_files):
        found.setdefault(path)
    for path in project.sources.files(include):
        found.setdefault(path)
        if path.endswith(".py"):
            waiting.append(path)
    while waiting:
        module = project.quiet_module(waiting.pop())
        for path in _imported_paths(project, module) if module else ():
            if path not in found:
                found[path] = None
                waiting.append(path)
    return tuple(sorted(found))


def _imported_paths(project: Project, module: Module) -> Iterator[str]:
    for source, level, names in _imports(module):
        yield from _with_packages(project, project.find(source, module, level))
        yield from _packages_of(project, module, source, level)
        for name in names:
            inner = f"{source}.{name}" if source else name
            yield from _with_packages(project, project.find(inner, module, level))


def _imports(module: Module) -> Iterator[tuple[str, int, Sequence[str]]]:
    """(dotted module, dots before it, names taken from it) of each import anywhere in a module."""
    top = None if "parser" in module.file.text else module.top_imports
    for node in ast.walk(module.tree) if top is None else top:
        match node:
            case ast.keyword(arg="parser", value=ast.Constant(value=str(function))) if "." in function[1:]:
                yield function.rpartition(".")[0], 0, ()
            case ast.Import(names=names):
                yield from ((alias.name, 0, ()) for alias in names)
            case ast.ImportFrom(module=source, level=level, names=names):
                yield source or "", level, [alias.name for alias in names]
            case ast.Call(func=func, args=[ast.Constant(value=str(source)), *_]) if _imports_by_name(func):
                level = len(source) - len(source.lstrip("."))
                yield source[level:], level, ()


def _imports_by_name(func: ast.expr) -> bool:
    match func:
        case ast.Attribute(value=ast.Name(id="importlib"), attr="import_module"):
            return True
        case ast.Name(id="import_module" | "__import__"):
            return True
        case _:
            return False


def _packages_of(project: Project, module: Module, source: str, level: int) -> Iterator[str]:
    """The packages that importing `a.b.c` imports first: a, then a.b."""
    parts = source.split(".")
    for count in range(1, len(parts)):
        yield from _with_packages(project, project.find(".".join(parts[:count]), module, level))


def _with_packages(project: Project, path: str | None) -> Iterable[str]:
    """A module's path with the `__init__` of each package around it."""
    if path is None:
        return []
    paths = [path]
    folder = posixpath.dirname(path)
    while folder:
        package = posixpath.join(folder, "__init__.py")
        if not isinstance(project.sources.get(package), SourceFile):
            break
        paths.append(package)
        folder = posixpath.dirname(folder)
    return paths
