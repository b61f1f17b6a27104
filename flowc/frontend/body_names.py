"""What local names stand for while a method's body is read.

A name is followed only as far as it is certain: `this = self`, `model = inputs.fit`, `n = 10`. A
name bound in several places stands for what all of them agree on.
"""

from __future__ import annotations

import ast
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What kind of thing a name stands for."""

    SELF = "the flow"
    CLASS = "the flow's class"
    SUPER = "super()"
    ATTRIBUTE = "self.name"  # of the flow; `names` are those it may be
    OVERRIDDEN = "super().name"
    INPUTS = "all inputs of a join"
    INPUT = "one input of a join"  # `names` is its step or index; empty for any
    SEQUENCE = "some inputs of a join"
    ROW = "a tuple"  # `parts` are its items
    ROWS = "several tuples"
    FUNCTION = "a function defined here"


class Ref(NamedTuple):
    """What an expression stands for."""

    kind: Kind
    names: tuple[str | int, ...] = ()
    parts: tuple[Ref | None, ...] = ()
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None = None


SELF = Ref(Kind.SELF)
ANY_INPUT = Ref(Kind.INPUT)


def element(ref: Ref | None) -> Ref | None:
    """What iterating over `ref` gives."""
    match ref:
        case Ref(Kind.INPUTS | Kind.SEQUENCE):
            return ANY_INPUT
        case Ref(Kind.ROWS, parts=parts):
            return Ref(Kind.ROW, parts=parts)
        case _:
            return None


def item(ref: Ref | None, index: int) -> Ref | None:
    """What item number `index` of `ref` is."""
    match ref:
        case Ref(Kind.INPUTS):
            return Ref(Kind.INPUT, (index,))
        case Ref(Kind.SEQUENCE):
            return ANY_INPUT
        case Ref(Kind.ROW, parts=parts):
            return parts[index] if -len(parts) <= index < len(parts) else None
        case Ref(Kind.ROWS):
            return element(ref)
        case _:
            return None


def agree(left: Ref | None, right: Ref | None) -> Ref | None:
    """What holds of a name that is one or the other."""
    if left == right:
        return left
    if left is None or right is None or left.kind is not right.kind:
        return None
    if left.kind is Kind.INPUT:
        return ANY_INPUT
    if left.kind is Kind.ATTRIBUTE:
        return Ref(Kind.ATTRIBUTE, tuple(dict.fromkeys(left.names + right.names)))
    return None


class LocalNames:
    """How the names of one function are bound and used: one pass over its body.

    `bound` counts the bindings of each name, `touched` are names whose value may be changed in
    place or handed to code that could change it.
    """

    __slots__ = ("bound", "has_yield", "touched", "uses_defs")

    def __init__(self, function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        self.bound: dict[str, int] = {}
        self.touched: set[str] = set()
        self.has_yield = False
        self.uses_defs = False
        body = function.body if isinstance(function.body, list) else [function.body]
        stack: list[tuple[ast.AST, bool]] = [(node, True) for node in body]
        while stack:
            node, own = stack.pop()
            handler = _NOTED.get(type(node))
            if handler is not None:
                handler(self, node, own)
            inner = own and not isinstance(node, _SCOPES)
            for name in node._fields:
                child = getattr(node, name)
                if isinstance(child, ast.AST):
                    if child._fields:
                        stack.append((child, inner))
                elif isinstance(child, list):
                    stack.extend((c, inner) for c in child if isinstance(c, ast.AST))

    def bind(self, name: str) -> None:
        """Count one more binding."""
        self.bound[name] = self.bound.get(name, 0) + 1

    def _name(self, node: ast.Name, own: bool) -> None:
        if own and not isinstance(node.ctx, ast.Load):
            self.bind(node.id)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, own: bool) -> None:
        self.uses_defs = True
        if own:
            self.bind(node.name)

    def _named(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar, own: bool) -> None:
        if own and node.name:
            self.bind(node.name)

    def _mapping(self, node: ast.MatchMapping, own: bool) -> None:
        if own and node.rest:
            self.bind(node.rest)

    def _alias(self, node: ast.alias, own: bool) -> None:
        if own:
            self.bind(node.asname or node.name.partition(".")[0])

    def _outer(self, node: ast.Global | ast.Nonlocal, own: bool) -> None:
        for name in node.names:  # another scope may bind it at any time
            self.bound[name] = self.bound.get(name, 0) + 2

    def _yield(self, node: ast.AST, own: bool) -> None:
        self.has_yield = self.has_yield or own

    def _call(self, node: ast.Call, own: bool) -> None:
        if isinstance(node.func, ast.Attribute):
            self._touch(node.func.value)
        if isinstance(node.func, ast.Name) and node.func.id in PURE_FUNCTIONS:
            return
        for arg in (*node.args, *(keyword.value for keyword in node.keywords)):
            self._touch(arg)

    def _stored(self, node: ast.Subscript | ast.Attribute, own: bool) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._touch(node.value)

    def _augmented(self, node: ast.AugAssign, own: bool) -> None:
        self._touch(node.target)
        if own and isinstance(node.target, ast.Name):
            self.bind(node.target.id)

    def _assigned(self, node: ast.Assign | ast.AnnAssign | ast.NamedExpr, own: bool) -> None:
        if isinstance(node.value, ast.Name):
            self._touch(node.value)

    def _touch(self, expr: ast.expr) -> None:
        while isinstance(expr, (ast.Subscript, ast.Attribute, ast.Starred)):
            expr = expr.value
        if isinstance(expr, ast.Name):
            self.touched.add(expr.id)


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)

_NOTED = {
    ast.Name: LocalNames._name,
    ast.FunctionDef: LocalNames._definition,
    ast.AsyncFunctionDef: LocalNames._definition,
    ast.ClassDef: LocalNames._definition,
    ast.ExceptHandler: LocalNames._named,
    ast.MatchAs: LocalNames._named,
    ast.MatchStar: LocalNames._named,
    ast.MatchMapping: LocalNames._mapping,
    ast.alias: LocalNames._alias,
    ast.Global: LocalNames._outer,
    ast.Nonlocal: LocalNames._outer,
    ast.Yield: LocalNames._yield,
    ast.YieldFrom: LocalNames._yield,
    ast.Call: LocalNames._call,
    ast.Subscript: LocalNames._stored,
    ast.Attribute: LocalNames._stored,
    ast.AugAssign: LocalNames._augmented,
    ast.Assign: LocalNames._assigned,
    ast.AnnAssign: LocalNames._assigned,
    ast.NamedExpr: LocalNames._assigned,
}

# Calls that leave their arguments as they are and do not keep them.
PURE_FUNCTIONS = frozenset(
    """
    abs all any ascii bin bool bytes callable chr complex dict divmod enumerate filter float format frozenset
    getattr hasattr hash hex id int isinstance issubclass iter len list map max min next oct ord pow print range
    repr reversed round set slice sorted str sum tuple type zip
    """.split()
)
