"""How each statement shapes the graph.

A visitor looks at its node, then puts on the builder's stack, by one call of `do`, everything the
statement does, in order.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.body.assign import assign, augment, delete
from flowc.frontend.body.expressions import condition, look, nothing
from flowc.frontend.body.frames import Exit

if TYPE_CHECKING:
    from flowc.frontend.body.builder import Builder, Visitor, Work


def expression(b: Builder, node: ast.Expr) -> None:
    """A call, or a value that nobody keeps."""
    look(b, node.value)


# --------------------------------------------------------------------------- branches
def if_(b: Builder, node: ast.If) -> None:
    """`if`; an `elif` is an `if` inside `else`."""
    yes, no, after = b.draft.block(), b.draft.block(), b.draft.block()
    b.do(
        lambda: condition(b, node.test, yes, no),
        lambda: b.enter(yes), *node.body, lambda: b.join(after),
        lambda: b.enter(no), *node.orelse, lambda: b.join(after),
        lambda: b.draft.start(after),
    )  # fmt: skip


def match_(b: Builder, node: ast.Match) -> None:
    """`match`: the cases in turn; without one that takes everything, also the way past them all."""
    after = b.draft.block()
    work: list[Work] = [lambda: look(b, node.subject)]
    for case in node.cases:
        work += _case(b, case, after)
    b.do(*work, lambda: _no_case(b, node, after))


def _case(b: Builder, case: ast.match_case, after: int) -> list[Work]:
    taken, body, otherwise = b.draft.block(), b.draft.block(), b.draft.block()

    def choose() -> None:
        if not takes_everything(case.pattern):
            b.draft.edge(otherwise)
        b.draft.go(taken, b.decide(case.pattern, "matches"))
        b.draft.start(taken)

    def guard() -> None:
        if case.guard is None:
            b.draft.go(body)
        else:
            condition(b, case.guard, body, otherwise)

    return [
        *(n for n in ast.walk(case.pattern) if isinstance(n, ast.expr)),
        choose,
        lambda: _bind_pattern(b, case.pattern),
        guard,
        lambda: b.enter(body), *case.body, lambda: b.join(after),
        lambda: b.draft.start(otherwise),
    ]  # fmt: skip


def _bind_pattern(b: Builder, pattern: ast.pattern) -> None:
    for node in ast.walk(pattern):
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if isinstance(name, str):
            b.bind(name, None, b.function.body[0])


def _no_case(b: Builder, node: ast.Match, after: int) -> None:
    b.draft.go(after, b.decide(node.subject, "matches no case"))
    b.draft.start(after)


def takes_everything(pattern: ast.pattern) -> bool:
    """Whether a pattern matches any value."""
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return takes_everything(inner)
        case ast.MatchOr(patterns=patterns):
            return any(takes_everything(p) for p in patterns)
        case _:
            return False


# --------------------------------------------------------------------------- leaving
def break_(b: Builder, node: ast.Break) -> None:
    """Out of the innermost loop."""
    b.leave(Exit(Exit.BREAK, b.span(node)))


def continue_(b: Builder, node: ast.Continue) -> None:
    """To the next round."""
    b.leave(Exit(Exit.CONTINUE, b.span(node)))


def return_(b: Builder, node: ast.Return) -> None:
    """`return`, also `return self.next(…)`."""
    work: list[Work] = [node.value] if node.value else []
    b.do(*work, lambda: b.leave(Exit(Exit.RETURN, b.span(node))))


def raise_(b: Builder, node: ast.Raise) -> None:
    """`raise`: no way of returning."""
    parts = [part for part in (node.exc, node.cause) if part is not None]
    b.do(*parts, lambda: b.leave(Exit(Exit.RAISE)))


def assert_(b: Builder, node: ast.Assert) -> None:
    """`assert`: what follows holds; `assert False` ends the method."""
    holds, fails = b.draft.block(), b.draft.block()
    b.do(
        lambda: condition(b, node.test, holds, fails),
        lambda: b.draft.start(fails), lambda: b.leave(Exit(Exit.RAISE)),
        lambda: b.draft.start(holds),
    )  # fmt: skip


# --------------------------------------------------------------------------- names
def import_(b: Builder, node: ast.Import | ast.ImportFrom) -> None:
    """Imports bind names and may fail."""
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        b.bind(bound, None, node)
        if isinstance(node, ast.ImportFrom):
            b.imported[bound] = f"{node.module}.{alias.name}"
        else:
            b.imported[bound] = alias.name if alias.asname else bound


STATEMENTS: dict[type[ast.AST], Visitor] = {
    ast.Assert: assert_,
    ast.Assign: assign,
    ast.AnnAssign: assign,
    ast.AugAssign: augment,
    ast.Break: break_,
    ast.Continue: continue_,
    ast.Delete: delete,
    ast.Expr: expression,
    ast.Global: nothing,
    ast.If: if_,
    ast.Import: import_,
    ast.ImportFrom: import_,
    ast.Match: match_,
    ast.Nonlocal: nothing,
    ast.Pass: nothing,
    ast.Raise: raise_,
    ast.Return: return_,
}
