"""What the top level of a module, or the body of a class, binds names to.

Every statement that binds is listed, in source order, including those inside `try`, `if` and
loops: whether a name is bound at all and whether it is bound exactly once are different questions.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowc.frontend.project.module import Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One place that binds `name` at the top level of `module` (or in a class of it).

    An import has `source`, the dotted module written, with `level` dots before it; `imported` is the
    name taken from it, None where the module itself is bound. `conditional`: in a branch, a loop or
    a `try`, or bound from inside a function.
    """

    name: str
    module: Module
    node: ast.stmt
    conditional: bool = False
    source: str | None = None
    level: int = 0
    imported: str | None = None

    @property
    def is_import(self) -> bool:
        """Whether an import statement binds the name."""
        return self.source is not None

    @property
    def value(self) -> ast.expr | None:
        """The expression assigned by `name = value` or `name: type = value`; None for all else."""
        match self.node:
            case ast.Assign(value=value) | ast.AnnAssign(value=value) if not isinstance(value, ast.Yield):
                return value
            case _:
                return None


class Bindings:
    """The names that a body binds. `stars` are its `from … import *` statements.

    `opaque`: something (`exec`, `globals()`) may bind names that cannot be seen.
    """

    __slots__ = ("names", "stars")

    def __init__(self, module: Module, body: Sequence[ast.stmt]) -> None:
        names: dict[str, list[Binding]] = {}
        self.stars: list[ast.ImportFrom] = []
        for binding in _bindings(module, body, self.stars):
            names.setdefault(binding.name, []).append(binding)
        self.names = names

    def get(self, name: str) -> Sequence[Binding]:
        """All bindings of a name, in source order."""
        return self.names.get(name, ())


def _bindings(module: Module, body: Sequence[ast.stmt], stars: list[ast.ImportFrom]) -> Iterator[Binding]:
    # A stack of iterators instead of recursion: an `elif` chain nests as deep as it is long.
    stack: list[tuple[Iterator[ast.stmt], bool]] = [(iter(body), False)]
    while stack:
        statements, conditional = stack[-1]
        statement = next(statements, None)
        if statement is None:
            stack.pop()
            continue
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            stars.append(statement)
            continue
        yield from _of_statement(module, statement, conditional)
        nested = nested_bodies(statement)
        if nested:
            inner = conditional or not isinstance(statement, ast.With)
            stack.append((iter(nested), inner))


def nested_bodies(statement: ast.stmt) -> list[ast.stmt]:
    """The statements inside a compound statement that share its scope, in source order."""
    match statement:
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
            return [*statement.body, *statement.orelse]
        case ast.With() | ast.AsyncWith():
            return statement.body
        case ast.Try() | ast.TryStar():
            handled = [inner for handler in statement.handlers for inner in handler.body]
            return [*statement.body, *handled, *statement.orelse, *statement.finalbody]
        case ast.Match():
            return [inner for case in statement.cases for inner in case.body]
        case _:
            return []


def _of_statement(module: Module, statement: ast.stmt, conditional: bool) -> Iterator[Binding]:
    match statement:
        case ast.Import():
            for alias in statement.names:
                yield _import(module, statement, alias, conditional)
        case ast.ImportFrom():
            for alias in statement.names:
                yield Binding(
                    name=alias.asname or alias.name,
                    module=module,
                    node=statement,
                    conditional=conditional,
                    source=statement.module or "",
                    level=statement.level,
                    imported=alias.name,
                )
        case _:
            for name in bound_names(statement):
                yield Binding(name=name, module=module, node=statement, conditional=conditional)


def _import(module: Module, statement: ast.Import, alias: ast.alias, conditional: bool) -> Binding:
    # `import a.b` binds `a` to module a; `import a.b as c` binds `c` to module a.b.
    source = alias.name if alias.asname else alias.name.partition(".")[0]
    name = alias.asname or source
    return Binding(name=name, module=module, node=statement, conditional=conditional, source=source)


def bound_names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds itself, imports and nested statements apart."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Assign():
            yield from _target_names(statement.targets)
        case ast.AnnAssign(value=value):
            if value is not None:
                yield from _target_names([statement.target])
        case ast.AugAssign() | ast.For() | ast.AsyncFor():
            yield from _target_names([statement.target])
        case ast.Delete():
            yield from _target_names(statement.targets)
        case ast.With() | ast.AsyncWith():
            yield from _target_names(item.optional_vars for item in statement.items if item.optional_vars)
        case ast.Try() | ast.TryStar():
            yield from (handler.name for handler in statement.handlers if handler.name)
        case ast.Match():
            yield from _pattern_names(statement)
        case _ if type(statement).__name__ == "TypeAlias":  # Python 3.12
            yield from _target_names([statement.name])  # type: ignore[attr-defined]
    yield from _walrus_names(statement)


def _target_names(targets: Iterable[ast.expr]) -> Iterator[str]:
    stack = list(targets)[::-1]
    while stack:
        match stack.pop():
            case ast.Name(id=name):
                yield name
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                stack.extend(reversed(elements))
            case ast.Starred(value=value):
                stack.append(value)


def _pattern_names(statement: ast.Match) -> Iterator[str]:
    for case in statement.cases:
        for node in ast.walk(case.pattern):
            match node:
                case (
                    ast.MatchAs(name=str(name))
                    | ast.MatchStar(name=str(name))
                    | ast.MatchMapping(rest=str(name))
                ):
                    yield name


def _walrus_names(statement: ast.stmt) -> Iterator[str]:
    """`(name := …)` in a condition: rare enough that the text is asked first."""
    test = statement.test if isinstance(statement, (ast.If, ast.While)) else None
    if test is None and isinstance(statement, ast.Expr):
        test = statement.value
    if test is None:
        return
    for node in ast.walk(test):
        if isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name):
            yield node.target.id


def children(node: ast.AST) -> list[ast.AST]:
    """The parts of a node in the order of the source, contexts and operators left out."""
    found: list[ast.AST] = []
    for name in node._fields:
        child = getattr(node, name)
        if isinstance(child, ast.AST):
            if child._fields:
                found.append(child)
        elif isinstance(child, list):
            found.extend(c for c in child if isinstance(c, ast.AST) and c._fields)
    return found
