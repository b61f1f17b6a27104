"""Names as they are written, and what a module says of its own names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.project.api_names import API_MODULES

if TYPE_CHECKING:
    from flowc.frontend.project.bindings import Binding
    from flowc.frontend.project.module import Module


def is_builtin(name: str) -> bool:
    """Whether Python itself gives the name a meaning in every module."""
    import builtins

    return hasattr(builtins, name) or name in ("__file__", "__name__", "__doc__", "__package__", "__spec__")


def chain(expr: ast.expr) -> list[str]:
    """`a.b.c` as ["a", "b", "c"]; empty for any other expression."""
    parts: list[str] = []
    while isinstance(expr, ast.Attribute):
        parts.append(expr.attr)
        expr = expr.value
    if not isinstance(expr, ast.Name):
        return []
    parts.append(expr.id)
    return parts[::-1]


def is_api(binding: Binding) -> bool:
    """Whether an import takes its name from flowc or metaflow."""
    return binding.level == 0 and (binding.source or "").partition(".")[0] in API_MODULES


def is_api_star(statement: ast.ImportFrom) -> bool:
    """Whether `from flowc import *` or `from metaflow import *`."""
    return statement.level == 0 and (statement.module or "").partition(".")[0] in API_MODULES


def listed_exports(module: Module) -> set[str] | None:
    """`__all__` where it is one list of strings; None where every public name is exported."""
    found = module.bindings.get("__all__")
    value = found[0].value if len(found) == 1 else None
    if not isinstance(value, (ast.List, ast.Tuple)):
        return None
    words = [e.value for e in value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return set(words) if len(words) == len(value.elts) else None


def function_globals(module: Module) -> set[str]:
    """The names that functions of a module bind at its top level by `global`."""
    if "global " not in module.file.text:
        return set()
    return {name for node in ast.walk(module.tree) if isinstance(node, ast.Global) for name in node.names}
