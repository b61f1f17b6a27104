"""`try` and `with`.

Any statement of a `try` body may lead to its handlers. A `finally` is read once for each way out of
its `try`, so that no path is made up that mixes two of them.
"""

from __future__ import annotations

import ast
import builtins
from functools import partial
from typing import TYPE_CHECKING

from flowc.frontend.body.assign import bind_target
from flowc.frontend.body.frames import Catch, Exit, Finally
from flowc.frontend.body.refs import ref_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.frontend.body.builder import Builder, Visitor, Work

_SHARED_FINALLY = 3  # a `finally` nested deeper in others is read once for all ways out


def try_(b: Builder, node: ast.Try | ast.TryStar) -> None:
    """`try` with handlers, `else` and `finally`."""
    handlers, after = b.draft.block(), b.draft.block()
    final = Finally() if node.finalbody else None
    work: list[Work] = []
    if final is not None:
        work.append(lambda: b.frames.append(final))
    if node.handlers:
        work += _caught(b, node.body, [h.type for h in node.handlers], handlers)
    else:
        work += [b.down, *node.body, b.up]
    work += [*node.orelse, lambda: _finish(b, final, after)]
    if node.handlers:
        work += _handlers(b, node, handlers, final, after)
    if final is not None:
        work += [b.frames.pop, lambda: _finally(b, final, node.finalbody, after)]
    b.do(*work, lambda: b.draft.start(after))


def _caught(b: Builder, body: list[ast.stmt], types: list[ast.expr | None], handlers: int) -> list[Work]:
    """The statements of a `try`, any of which may lead to the handlers."""
    guards = int(any(_catches(AttributeError, t) for t in types))

    def begin() -> None:
        b.frames.append(Catch(handlers, exits=any(_catches(SystemExit, t) for t in types)))
        b.guards += guards

    def end() -> None:
        b.frames.pop()
        b.guards -= guards

    work: list[Work] = [begin, b.down]
    for statement in body:
        work += [b.cut, statement]
    return [*work, b.up, end]


def _catches(exception: type[BaseException], written: ast.expr | None) -> bool:
    """Whether `except written:` may catch an exception; what is no builtin exception may."""
    stack = [written]
    while stack:
        part = stack.pop()
        if isinstance(part, ast.Tuple):
            stack.extend(part.elts)
            continue
        caught = getattr(builtins, part.id, None) if isinstance(part, ast.Name) else None
        if part is None:
            return True
        if isinstance(caught, type) and issubclass(caught, BaseException):
            if issubclass(exception, caught):
                return True
        elif exception is not SystemExit:
            return True
    return False


def _handlers(
    b: Builder, node: ast.Try | ast.TryStar, entry: int, final: Finally | None, after: int
) -> list[Work]:
    blocks = [b.draft.block() for _ in node.handlers]

    def dispatch() -> None:
        b.draft.start(entry)
        for block, handler in zip(blocks, node.handlers, strict=True):
            b.draft.edge(
                block, b.decide(handler.type or handler, "is caught" if handler.type else "is entered")
            )
        if not _catches_all(node.handlers):
            uncaught = b.draft.block()
            b.draft.go(uncaught)
            b.draft.start(uncaught)
            b.leave(Exit(Exit.RAISE))

    work: list[Work] = [dispatch]
    for block, handler in zip(blocks, node.handlers, strict=True):
        name = handler.name
        work += [
            partial(b.enter, block),
            *([handler.type] if handler.type else []),
            *([partial(b.bind, name, None, node)] if name else []),
            *handler.body,
            b.up,
            lambda: _finish(b, final, after),
        ]
    return work


def _catches_all(handlers: list[ast.ExceptHandler]) -> bool:
    return any(h.type is None or (isinstance(h.type, ast.Name) and h.type.id in _ALL) for h in handlers)


_ALL = ("BaseException", "Exception")


def _finish(b: Builder, final: Finally | None, after: int) -> None:
    """The normal end of a `try` body or of a handler."""
    if final is None:
        b.draft.go(after)
    else:
        b.leave(Exit(Exit.NORMAL))


def _finally(b: Builder, final: Finally, body: list[ast.stmt], after: int) -> None:
    """Read the `finally` for each way out; deep inside others once for all of them."""
    ways = list(final.pending.items())

    def onward(way: Exit) -> None:
        if way.kind == Exit.NORMAL:
            b.draft.go(after)
        else:
            b.leave(way)

    if b.finals < _SHARED_FINALLY:
        work: list[Work] = []
        for way, block in ways:
            work += [partial(b.enter, block), *body, b.up, partial(onward, way)]
    else:
        shared = b.draft.block()
        work = [lambda: _gather(b, ways, shared), lambda: b.enter(shared), *body, b.up]
        work.append(lambda: _scatter(b, ways, onward))
    b.finals += 1
    b.do(*work, b.end_final)


def _gather(b: Builder, ways: list[tuple[Exit, int]], shared: int) -> None:
    for _, block in ways:
        b.draft.start(block)
        b.draft.go(shared)


def _scatter(b: Builder, ways: list[tuple[Exit, int]], onward: Callable[[Exit], None]) -> None:
    blocks = [b.draft.block() for _ in ways]
    for block in blocks:
        b.draft.edge(block)
    for (way, _), block in zip(ways, blocks, strict=True):
        b.draft.start(block)
        onward(way)


def with_(b: Builder, node: ast.With | ast.AsyncWith) -> None:
    """`with`: its body; `with suppress(…)` is a `try` that goes on after what it catches."""
    after = b.draft.block()
    suppressed = next(
        (_suppressed(item.context_expr) for item in node.items if _suppressed(item.context_expr)), None
    )
    work: list[Work] = []
    for item in node.items:
        work.append(item.context_expr)
        if item.optional_vars is not None:
            work.append(partial(_bind_item, b, item.context_expr, item.optional_vars))
    if suppressed is None:
        b.do(*work, *node.body)
        return
    caught = b.draft.block()
    b.do(
        *work,
        *_caught(b, node.body, [*suppressed], caught),
        lambda: b.draft.go(after),
        lambda: b.draft.start(caught),
        lambda: b.draft.go(after, b.decide(node.items[0].context_expr, "catches an exception")),
        lambda: b.draft.start(after),
    )


def _bind_item(b: Builder, context: ast.expr, target: ast.expr) -> None:
    bind_target(b, target, ref_of(b, context))


def _suppressed(context: ast.expr) -> list[ast.expr] | None:
    match context:
        case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=args) if args:
            return args
        case _:
            return None


TRIES: dict[type[ast.AST], Visitor] = {
    ast.AsyncWith: with_,
    ast.Try: try_,
    ast.TryStar: try_,
    ast.With: with_,
}
