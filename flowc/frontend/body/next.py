"""A `self.next` call as written: what its arguments name, before it is judged.

The reader of a method's body makes it where it meets the call, since only there is known what a
local name stands for. One call may be several declarations: `self.next(self.a if c else self.b)`
goes to one of two steps.
"""

from __future__ import annotations

import ast
from itertools import product
from typing import TYPE_CHECKING

from flowc.frontend.body.refs import attributes_of, expression_of, items_of
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.frontend.body.builder import Builder
    from flowc.ir.values import Value
    from flowc.source import Span

_VARIANTS = 64  # calls that could go more ways are not followed


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument, or the value of a switch's table: the flow's attribute, or why it is none."""

    span: Span
    attribute: str | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A row of a switch's table."""

    key: Value
    key_span: Span
    target: Argument


@dataclass(frozen=True, slots=True)
class Table:
    """A switch's table; `cases` is None where it cannot be read."""

    span: Span
    cases: tuple[Case, ...] | None


@dataclass(frozen=True, slots=True)
class Keyword:
    """`name=value`; `span` is the value's, `whole` both. `attribute`: the value is written `self.attribute`."""

    name: str
    value: Value
    span: Span
    whole: Span
    attribute: str | None = None


class NextDecl:
    """One way of one `self.next` call. Two are equal only if they are the same object."""

    __slots__ = ("arguments", "keywords", "span", "table", "unread")

    def __init__(
        self,
        span: Span,
        arguments: tuple[Argument, ...],
        table: Table | None,
        keywords: tuple[Keyword, ...],
        unread: Span | None,
    ) -> None:
        self.span = span  # the whole call
        self.arguments = arguments
        self.table = table  # the first argument, where it is a dict
        self.keywords = keywords
        self.unread = unread  # `*args` or `**keywords` that cannot be read


def read_next(builder: Builder, call: ast.Call) -> list[NextDecl]:
    """All ways that a call of `self.next` can go."""
    positional, unread = _positional(builder, call.args)
    keywords, unread_keywords = _keywords(builder, call.keywords)
    span = builder.span(call)
    unread = unread or unread_keywords
    if len(positional) == 1:
        table = _table(builder, positional[0])
        if table is None and _is_unread_table(builder, positional[0], keywords):
            table = Table(builder.span(positional[0]), None)
        if table is not None:
            return [NextDecl(span, (), table, keywords, unread)]
    ways = [_arguments(builder, expr) for expr in positional]
    several = product(*ways) if _count(ways) <= _VARIANTS else [tuple(way[0] for way in ways)]
    return [NextDecl(span, arguments, None, keywords, unread) for arguments in several]


def _is_unread_table(builder: Builder, expr: ast.expr, keywords: Sequence[Keyword]) -> bool:
    """With `condition=` the one argument is a table, whether it can be read or not."""
    return any(k.name == "condition" for k in keywords) and not attributes_of(builder, expr)


def _count(ways: Sequence[Sequence[Argument]]) -> int:
    count = 1
    for way in ways:
        count *= len(way)
    return count


def _positional(builder: Builder, args: Sequence[ast.expr]) -> tuple[list[ast.expr], Span | None]:
    found: list[ast.expr] = []
    unread: Span | None = None
    for arg in args:
        if not isinstance(arg, ast.Starred):
            found.append(arg)
            continue
        listed, _ = expression_of(builder, arg.value)
        if isinstance(listed, (ast.List, ast.Tuple)) and not any(
            isinstance(e, ast.Starred) for e in listed.elts
        ):
            found += listed.elts
        else:
            unread = builder.span(arg)
    return found, unread


def _keywords(builder: Builder, keywords: Sequence[ast.keyword]) -> tuple[tuple[Keyword, ...], Span | None]:
    found: list[Keyword] = []
    unread: Span | None = None
    for keyword in keywords:
        whole = builder.module.span(keyword)
        if keyword.arg is not None:
            found.append(_keyword(builder, keyword.arg, keyword.value, whole))
            continue
        table, _ = expression_of(builder, keyword.value)
        if not isinstance(table, ast.Dict):
            unread = whole
            continue
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.append(_keyword(builder, key.value, value, whole))
            else:
                unread = whole
    return tuple(found), unread


def _keyword(builder: Builder, name: str, value: ast.expr, whole: Span) -> Keyword:
    attributes = attributes_of(builder, value)
    return Keyword(
        name, builder.fold(value), builder.span(value), whole, attributes[0] if attributes else None
    )


def _arguments(builder: Builder, expr: ast.expr) -> list[Argument]:
    """What an argument may name, at least one."""
    found: list[Argument] = []
    stack = [expr]
    while stack:
        part = stack.pop()
        if isinstance(part, ast.IfExp):
            stack += (part.orelse, part.body)
            continue
        names = attributes_of(builder, part)
        found += [Argument(builder.span(part), name) for name in names]
        if not names:
            found.append(Argument(builder.span(part), None, _problem(builder, part)))
    return found


def _problem(builder: Builder, expr: ast.expr) -> str:
    match expr:
        case ast.Constant(value=str(text)) if text in builder.context.steps:
            return f"is text; name the step itself: `self.{text}`"
        case ast.Constant():
            return "is no step"
        case ast.Name(id="self"):
            return "is the flow itself, not one of its steps"
        case ast.Name(id=name) if name in builder.context.steps:
            return f"is a local name, not a step: write `self.{name}`"
        case ast.Name():
            return "is a local name, whose value only the running step knows"
        case ast.List(elts=parts) | ast.Tuple(elts=parts) if parts:
            steps = ", ".join(ast.unparse(part) for part in parts)
            return f"is one value; give the steps one by one: `self.next({steps})`"
        case ast.Call(func=ast.Attribute(value=ast.Name(), attr=attr)):
            return f"is the result of a call: name the step without calling it, `self.{attr}`"
        case ast.Dict():
            return "is a table: a switch has one table and nothing else"
        case ast.Call() | ast.Subscript():
            return "cannot be known without running the step"
        case _:
            return "is no step of the flow"


def _table(builder: Builder, expr: ast.expr) -> Table | None:
    """The table, where the argument is one; None where it is something else."""
    span = builder.span(expr)
    written, in_class = expression_of(builder, expr)
    match written:
        case ast.Dict(keys=keys, values=values):
            if any(key is None for key in keys):
                return Table(span, None)
            rows = [(key, value) for key, value in zip(keys, values, strict=True) if key is not None]
            return _rows(builder, span, rows, in_class)
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=named) if named:
            if any(keyword.arg is None for keyword in named):
                return Table(span, None)
            constants = [ast.copy_location(ast.Constant(keyword.arg), keyword.value) for keyword in named]
            return _rows(
                builder, span, [(k, n.value) for k, n in zip(constants, named, strict=True)], in_class
            )
        case ast.DictComp():
            return Table(span, tuple(cases) if (cases := list(_comprehended(builder, written))) else None)
        case _:
            return None


def _rows(builder: Builder, span: Span, rows: Sequence[tuple[ast.expr, ast.expr]], in_class: bool) -> Table:
    cases = []
    for key, value in rows:
        names = attributes_of(builder, value)
        if in_class and isinstance(value, ast.Name):
            names = (value.id,)
        target = Argument(builder.span(value), names[0]) if len(names) == 1 else None
        if target is None:
            target = Argument(builder.span(value), None, _problem(builder, value))
        cases.append(Case(builder.fold(key), builder.span(key), target))
    return Table(span, tuple(cases))


def _comprehended(builder: Builder, node: ast.DictComp) -> Iterator[Case]:
    """`{k: getattr(self, v) for k, v in ROUTES.items()}`, one case for each item of a constant."""
    if len(node.generators) != 1 or node.generators[0].ifs:
        return
    for values in items_of(builder, node.generators[0]):
        names = attributes_of(builder, node.value, values)
        if len(names) != 1:
            return
        yield Case(
            builder.fold(node.key, values),
            builder.span(node.key),
            Argument(builder.span(node.value), names[0]),
        )
