"""Loops: `while`, `for` and comprehensions.

A loop over a constant, or over the inputs of a join (there is always one), is known to run: what
its body assigns is assigned afterwards.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from flowc.frontend.body.assign import bind_target
from flowc.frontend.body.expressions import condition, look, matters
from flowc.frontend.body.frames import Loop
from flowc.frontend.body.names import Kind, element
from flowc.frontend.body.refs import constant_items, ref_of
from flowc.ir.values import Const, length_of

if TYPE_CHECKING:
    from flowc.frontend.body.builder import Builder, Visitor, Work


def while_(b: Builder, node: ast.While) -> None:
    """`while`: the test before each round; `else` where it fails."""
    test, body, done, after = (b.draft.block() for _ in range(4))
    b.do(
        lambda: b.draft.go(test), lambda: b.draft.start(test),
        lambda: condition(b, node.test, body, done),
        lambda: b.enter(body), lambda: b.frames.append(Loop(after, test)),
        *node.body,
        b.frames.pop, lambda: b.join(test),
        lambda: b.enter(done), *node.orelse, lambda: b.join(after),
        lambda: b.draft.start(after),
    )  # fmt: skip


def for_(b: Builder, node: ast.For | ast.AsyncFor) -> None:
    """`for`: over a constant, or over the inputs of a join, it is known whether the body runs at all."""
    head, body, done, after = (b.draft.block() for _ in range(4))
    runs = has_items(b, node.iter)
    iterated = ref_of(b, node.iter)

    def test() -> None:
        b.draft.start(head)
        b.draft.edge(body, b.decide(node.iter, "has one more item"))
        b.draft.go(done, b.decide(node.iter, "has no more items"))

    def begin() -> None:
        b.draft.go(head if runs is None else body if runs else done)
        if runs is None:
            test()

    def bind() -> None:
        bind_target(b, node.target, element(iterated))
        remember_choices(b, node.target, node.iter)

    b.do(
        lambda: look(b, node.iter), begin,
        lambda: b.enter(body), lambda: b.frames.append(Loop(after, head)), bind,
        *node.body,
        b.frames.pop, lambda: b.join(head), *([] if runs is None else [test]),
        lambda: b.enter(done), *node.orelse, lambda: b.join(after),
        lambda: b.draft.start(after),
    )  # fmt: skip


def has_items(b: Builder, iterated: ast.expr) -> bool | None:
    """Whether a loop over the value runs at least once; None where that is not known."""
    ref = ref_of(b, iterated)
    if ref is not None:
        return (
            True if ref.kind is Kind.INPUTS or (ref.kind is Kind.ROWS and _over_inputs(b, iterated)) else None
        )
    length = length_of(b.fold(iterated))
    return None if length is None else length > 0


def _over_inputs(b: Builder, iterated: ast.expr) -> bool:
    """Whether `enumerate(inputs)` is iterated over; a `zip` may stop before its first row."""
    match iterated:
        case ast.Call(func=ast.Name(id="enumerate"), args=[arg, *_]):
            found = ref_of(b, arg)
            return found is not None and found.kind is Kind.INPUTS
        case _:
            return False


def remember_choices(b: Builder, target: ast.expr, iterated: ast.expr) -> None:
    """Remember what a loop's name goes through: `for name in ("a", "b"): setattr(self, name, …)`."""
    if not isinstance(target, ast.Name):
        return
    folded = b.fold(iterated)
    items = constant_items(folded.value) if isinstance(folded, Const) else None
    if items and b.names.bound.get(target.id) == 1:
        b.choices[target.id] = tuple(Const(value) for value in items)


# --------------------------------------------------------------------------- comprehensions
def comprehension(b: Builder, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
    """Loops inside one another, with names of their own."""
    if not matters(b, node):
        return
    results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    out = after = b.draft.block()
    work: list[Work] = []
    for i, generator in enumerate(node.generators):
        head = b.draft.block()
        work += _round(b, generator, head, out, first=i == 0)
        out = head
    innermost = out
    b.do(
        b.down, *work, *results, lambda: b.draft.go(innermost),
        b.scopes.pop, b.up, lambda: b.draft.start(after),
    )  # fmt: skip


def _round(b: Builder, generator: ast.comprehension, head: int, out: int, *, first: bool) -> list[Work]:
    """One `for … in … if …` of a comprehension: what comes before its innermost part."""
    body = b.draft.block()

    def begin() -> None:
        runs = has_items(b, generator.iter)
        iterated = element(ref_of(b, generator.iter))
        b.draft.go(head if runs is None else body if runs else out)
        b.draft.force(head)
        b.draft.edge(body)
        b.draft.go(out)
        b.draft.start(body)
        if first:
            b.scopes.append({})
        bind_target(b, generator.target, iterated)

    work: list[Work] = [lambda: look(b, generator.iter), begin]
    for test in generator.ifs:
        kept = b.draft.block()
        work += [
            partial(condition, b, test, kept, head),
            partial(b.draft.start, kept),
        ]
    return work


LOOPS: dict[type[ast.AST], Visitor] = {
    ast.AsyncFor: for_,
    ast.DictComp: comprehension,
    ast.For: for_,
    ast.GeneratorExp: comprehension,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.While: while_,
}
