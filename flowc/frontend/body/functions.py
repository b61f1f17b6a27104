"""Functions defined inside a method, lambdas among them.

One that is called by its name is read where it is called. One that is handed to other code is read
where that happens, as something that may run now, later, often or never: its reads prove nothing,
and what it assigns is unknown.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.body.frames import Inlined
from flowc.frontend.body.names import Kind, Ref
from flowc.frontend.body.refs import ref_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.frontend.body.builder import Builder, Function, Visitor, Work

_DEPTH = 8  # functions that call one another
_COUNT = 200  # calls of them in one method


def function(b: Builder, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """A function defined here: read where it is called, or where it is handed on."""
    defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
    b.do(*node.decorator_list, *defaults, lambda: b.bind(node.name, Ref(Kind.FUNCTION, function=node), node))


def class_(b: Builder, node: ast.ClassDef) -> None:
    """A class defined here: its body runs now."""
    b.do(
        *node.decorator_list,
        *node.bases,
        *(k.value for k in node.keywords),
        lambda: b.bind(node.name, None, node),
    )


def lambda_(b: Builder, node: ast.Lambda) -> None:
    """A function without a name: whoever receives it may call it."""
    b.do(*node.args.defaults, lambda: hand_on(b, node))


def hand_on(b: Builder, function: Function) -> None:
    """Read a function that goes to other code, once."""
    if function in b.handed or b.draft.at is None:
        return
    b.handed.add(function)
    body, after = b.draft.block(), b.draft.block()
    b.draft.edge(after)
    b.draft.go(body)
    b.draft.start(body)
    b.deferred += 1

    def end() -> None:
        b.deferred -= 1
        b.draft.start(after)

    b.do(*_inline(b, function, after, {}), end)


def call_function(b: Builder, function: Function, args: Sequence[ast.expr]) -> None:
    """Read a function that is called here."""
    active = [frame.function for frame in b.frames if isinstance(frame, Inlined)]
    if function in active or len(active) >= _DEPTH or b.inlined >= _COUNT:
        return
    b.inlined += 1
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    refs = {name: ref_of(b, arg) for name, arg in zip(names, args, strict=False)}
    after = b.draft.block()
    b.do(*_inline(b, function, after, refs), lambda: b.draft.start(after))


def call_lambda(b: Builder, function: ast.Lambda, given: Ref | None, after: int) -> None:
    """Read a lambda that a builtin calls here with items that are `given`."""
    parameters = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    refs = {parameters[0]: given} if parameters else {}
    b.do(*function.args.defaults, *_inline(b, function, after, refs), lambda: b.draft.start(after))


def _inline(b: Builder, function: Function, after: int, refs: Mapping[str, Ref | None]) -> list[Work]:
    """The body of a function, with names of its own; `return` leads to `after`."""
    args = function.args
    own = [*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
    body = function.body if isinstance(function.body, list) else [function.body]

    def begin() -> None:
        b.depth += 1
        b.scopes.append({parameter.arg: refs.get(parameter.arg) for parameter in own})
        b.frames.append(Inlined(after, function))

    def end() -> None:
        b.depth -= 1
        b.scopes.pop()
        b.frames.pop()
        b.draft.go(after)

    return [begin, *body, end]


FUNCTIONS: dict[type[ast.AST], Visitor] = {
    ast.AsyncFunctionDef: function,
    ast.ClassDef: class_,
    ast.FunctionDef: function,
    ast.Lambda: lambda_,
}
