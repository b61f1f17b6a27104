"""Which names of a module are changed after they were assigned.

A list that something appends to is not what its definition says. `early` changes may happen while
the module is imported, before any decorator is evaluated; `late` ones only in methods of classes.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.project.bindings import nested_bodies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MUTATORS = frozenset(
    """
    add append appendleft clear difference_update discard extend insert intersection_update pop popitem popleft
    remove reverse rotate setdefault sort symmetric_difference_update update __setitem__ __delitem__
    """.split()
)
# Calls that take a name of the module and leave it as it is.
_HARMLESS = frozenset({"print", "len", "sorted", "repr", "str"})


class Mutations:
    """Dotted names (`ITEMS`, `Config.items`) and the line that changes each."""

    __slots__ = ("early", "late")

    def __init__(self, tree: ast.Module) -> None:
        self.early: dict[str, int] = {}
        self.late: dict[str, int] = {}
        methods: list[ast.stmt] = []
        for node in _outside_methods(tree.body, methods):
            self._note(node, self.early)
        for method in methods:
            for inner in ast.walk(method):
                self._note(inner, self.late)

    def _note(self, node: ast.AST, into: dict[str, int]) -> None:
        for target in _changed(node):
            name = _root_name(target)
            if name:
                into.setdefault(name, getattr(node, "lineno", 0))


def _outside_methods(body: Iterable[ast.stmt], methods: list[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes of a module but those inside methods, which go to `methods`."""
    waiting = list(body)[::-1]
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                is_method = isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef))
                (methods if is_method else waiting).append(inner)
            continue
        nested = nested_bodies(statement)
        if nested:
            yield statement
            waiting.extend(reversed(nested))
        else:
            yield from ast.walk(statement)


def _changed(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(value=target, attr=attr)) if attr in _MUTATORS:
            yield target
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            yield from (t for t in targets if isinstance(t, (ast.Subscript, ast.Attribute)))
        case ast.AnnAssign(target=ast.Subscript() | ast.Attribute() as target):
            yield target
        case ast.AugAssign(target=target):
            yield target
        case ast.Expr(value=ast.Call(func=func, args=args)):
            if not (isinstance(func, ast.Name) and func.id in _HARMLESS):
                yield from (a for a in args if isinstance(a, (ast.Name, ast.Attribute)))


def _root_name(target: ast.expr) -> str:
    """`A.b` for `A.b["x"]["y"]`: the name whose value is changed, up to the first subscript."""
    while isinstance(target, ast.Subscript):
        target = target.value
    parts: list[str] = []
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
        if isinstance(target, ast.Subscript):
            parts.clear()
        while isinstance(target, ast.Subscript):
            target = target.value
    if not isinstance(target, ast.Name):
        return ""
    return ".".join((target.id, *reversed(parts)))
