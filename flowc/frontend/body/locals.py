"""How the names of one function are bound and used: one pass over its body, before it is read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.frontend.body.builder import Function


class LocalNames:
    """`bound` counts the bindings of each name, `imported` are those that only an import binds.

    `touched` are names whose value may be changed in place.

    A function inside may touch a name of this one, but binds its own.
    """

    __slots__ = ("bound", "has_yield", "imported", "touched")

    def __init__(self, function: Function) -> None:
        self.bound: dict[str, int] = {}
        self.imported: set[str] = set()
        self.touched: set[str] = set()
        self.has_yield = False
        body = function.body if isinstance(function.body, list) else [function.body]
        stack: list[tuple[ast.AST, bool]] = [(node, True) for node in body]
        while stack:
            node, own = stack.pop()
            kind = type(node)
            if own and kind in _BINDING:
                _BINDING[kind](self, node)
            if kind in _TOUCHING:
                _TOUCHING[kind](self, node)
            inner = own and kind not in _SCOPES
            for name in () if kind in _LEAVES else node._fields:
                child = getattr(node, name)
                if isinstance(child, ast.AST):
                    if child._fields:
                        stack.append((child, inner))
                elif isinstance(child, list):
                    stack.extend((c, inner) for c in child if isinstance(c, ast.AST))

    def bind(self, name: str | None) -> None:
        """Count one more binding."""
        if name:
            self.bound[name] = self.bound.get(name, 0) + 1
            self.imported.discard(name)

    def touch(self, expr: ast.expr) -> None:
        """Note that what a name holds may be changed."""
        while isinstance(expr, (ast.Subscript, ast.Attribute, ast.Starred)):
            expr = expr.value
        if isinstance(expr, ast.Name):
            self.touched.add(expr.id)


def _name(found: LocalNames, node: ast.Name) -> None:
    if not isinstance(node.ctx, ast.Load):
        found.bind(node.id)


def _named(found: LocalNames, node: ast.FunctionDef | ast.ExceptHandler | ast.MatchAs) -> None:
    found.bind(node.name)


def _rest(found: LocalNames, node: ast.MatchMapping) -> None:
    found.bind(node.rest)


def _alias(found: LocalNames, node: ast.alias) -> None:
    name = node.asname or node.name.partition(".")[0]
    only = name not in found.bound or name in found.imported
    found.bind(name)
    if only:
        found.imported.add(name)


def _outer(found: LocalNames, node: ast.Global | ast.Nonlocal) -> None:
    for name in node.names:  # another scope may bind it at any time
        found.bind(name)
        found.bind(name)


def _yield(found: LocalNames, node: ast.AST) -> None:
    del node
    found.has_yield = True


def _call(found: LocalNames, node: ast.Call) -> None:
    func = node.func
    if isinstance(func, ast.Attribute):
        if func.attr == "next":  # `self.next` keeps nothing
            return
        found.touch(func.value)
    if isinstance(func, ast.Name) and func.id in PURE_FUNCTIONS:
        return
    for arg in (*node.args, *(keyword.value for keyword in node.keywords)):
        found.touch(arg)


def _stored(found: LocalNames, node: ast.Subscript | ast.Attribute) -> None:
    if not isinstance(node.ctx, ast.Load):
        found.touch(node.value)


def _augmented(found: LocalNames, node: ast.AugAssign) -> None:
    found.touch(node.target)


def _augmented_name(found: LocalNames, node: ast.AugAssign) -> None:
    if isinstance(node.target, ast.Name):
        found.bind(node.target.id)


def _assigned(found: LocalNames, node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> None:
    if isinstance(node.value, ast.Name):
        found.touch(node.value)


_LEAVES = (ast.Constant, ast.Name)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)

_BINDING: dict[type[ast.AST], Callable[[LocalNames, Any], None]] = {
    ast.AsyncFunctionDef: _named,
    ast.AugAssign: _augmented_name,
    ast.ClassDef: _named,
    ast.ExceptHandler: _named,
    ast.FunctionDef: _named,
    ast.Global: _outer,
    ast.MatchAs: _named,
    ast.MatchMapping: _rest,
    ast.MatchStar: _named,
    ast.Name: _name,
    ast.Nonlocal: _outer,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.alias: _alias,
}
_TOUCHING: dict[type[ast.AST], Callable[[LocalNames, Any], None]] = {
    ast.AnnAssign: _assigned,
    ast.Assign: _assigned,
    ast.Attribute: _stored,
    ast.AugAssign: _augmented,
    ast.Call: _call,
    ast.NamedExpr: _assigned,
    ast.Subscript: _stored,
}

# Calls that leave their arguments as they are and do not keep them.
PURE_FUNCTIONS = frozenset(
    """
    abs all any ascii bin bool bytes callable chr complex dict divmod enumerate filter float format frozenset
    getattr hasattr hash hex id int isinstance issubclass iter len list map max min next oct ord pow print range
    repr reversed round set slice sorted str sum tuple type zip
    """.split()
)
