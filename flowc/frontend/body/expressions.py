"""How expressions read artifacts, and where they branch.

`look` reads a value that is used and dropped; visiting a node reads one that is kept, so that an
artifact reached through it may later change in place.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from flowc.frontend.body.draft import Via
from flowc.frontend.body.functions import hand_on
from flowc.frontend.body.names import Kind
from flowc.frontend.body.refs import ref_of
from flowc.frontend.project.bindings import children
from flowc.ir.body import InputRead, Mutate, Present, Read, TaskRead
from flowc.ir.values import Const

if TYPE_CHECKING:
    from flowc.frontend.body.builder import Builder, Visitor, Work
    from flowc.frontend.body.names import Ref
    from flowc.source import Span


def look(b: Builder, expr: ast.expr) -> None:
    """Read a value that nothing keeps."""
    ref = ref_of(b, expr) if isinstance(expr, (ast.Attribute, ast.Name)) else None
    if ref is None:
        b.do(expr)
    elif isinstance(expr, ast.Attribute):
        _read_attribute(b, expr, ref, kept=False)


# --------------------------------------------------------------------------- names and attributes
def name(b: Builder, node: ast.Name) -> None:
    """A bare name: nothing happens unless the flow itself is handed on."""
    ref = b.lookup(node.id)
    if ref is None:
        return
    if ref.kind is Kind.SELF:
        b.escape(node, f"`{node.id}` is handed to code that may change its artifacts")
    elif ref.kind is Kind.FUNCTION and ref.function is not None:
        hand_on(b, ref.function)


def attribute(b: Builder, node: ast.Attribute) -> None:
    """`self.x`, `inputs.a.x`, or an attribute of anything else."""
    ref = ref_of(b, node)
    if ref is None:
        _read_inside(b, node)
    else:
        _read_attribute(b, node, ref, kept=True)


def _read_inside(b: Builder, node: ast.Attribute) -> None:
    base = ref_of(b, node.value)
    if base is not None and base.kind is Kind.INPUT:
        found = base
        b.do(*_on_the_way(node.value), lambda: read_input(b, found, node.attr, b.span(node), guarded=False))
    elif base is None or base.kind is not Kind.CLASS:
        b.do(lambda: look(b, node.value))


def _on_the_way(expr: ast.expr) -> list[ast.AST]:
    """What happens while an input is found: `max(inputs, key=…)`, `inputs[self.best]`."""
    match expr:
        case ast.Name() | ast.Attribute():
            return []
        case ast.Subscript(slice=index):
            return [index]
        case _:
            return [expr]


def _read_attribute(b: Builder, node: ast.Attribute, ref: Ref, *, kept: bool) -> None:
    span = b.span(node)
    match ref.kind:
        case Kind.ATTRIBUTE:
            read_own(b, node, str(ref.names[0]), span, kept=kept)
        case Kind.INPUT:
            b.emit(InputRead(ref.names[0] if ref.names else None, None, span, b.guarded))
        case _:
            return


def read_own(b: Builder, node: ast.expr, name: str, span: Span, *, kept: bool) -> None:
    """Read `self.name`, whatever it is: an artifact, a property, a method handed on."""
    context = b.context
    if name in context.methods:
        if context.methods[name].is_property:
            b.call(name, span)
        else:
            b.maybe_call(name, span)
    elif name == "__dict__":
        b.escape(node, "`__dict__` may be changed")
    elif name in TASK_NAMES:
        b.emit(TaskRead(name, span))
    elif context.is_artifact(name):
        read_artifact(b, b.mangled(name), span)
        if kept:
            b.emit(Mutate(b.mangled(name), span))


def read_artifact(b: Builder, name: str, span: Span, *, guarded: bool = False) -> None:
    """Read an artifact by its name."""
    b.emit(Read(name, span, guarded or b.guarded))


def read_input(b: Builder, base: Ref, name: str, span: Span, *, guarded: bool) -> None:
    """Read an artifact of one of the inputs of a join."""
    if name.startswith("__") or not b.context.is_artifact(name):
        return
    branch = base.names[0] if base.names else None
    b.emit(InputRead(branch, name, span, guarded or b.guarded))


TASK_NAMES = frozenset({"index", "input"})


def subscript(b: Builder, node: ast.Subscript) -> None:
    """`inputs[0]`, `self.__dict__['x']`, `self.rows[i]`."""
    ref = ref_of(b, node)
    if ref is not None and ref.kind is Kind.INPUT:
        b.emit(InputRead(ref.names[0] if ref.names else None, None, b.span(node), b.guarded))
        b.do(node.slice)
        return
    b.do(lambda: look(b, node.value), lambda: look(b, node.slice))


def used_only(b: Builder, node: ast.AST) -> None:
    """An expression that makes a new value of its parts: none of them is kept."""
    b.do(*(partial(look, b, child) if isinstance(child, ast.expr) else child for child in children(node)))


def nothing(b: Builder, node: ast.AST) -> None:
    """A constant, `pass`, `global`."""
    del b, node


def walrus(b: Builder, node: ast.NamedExpr) -> None:
    """`name := value`."""
    value, target = node.value, node.target

    def bind() -> None:
        b.set_value(target.id, value)
        b.bind(target.id, ref_of(b, value), node)

    b.do(value, bind)


# --------------------------------------------------------------------------- conditions
def condition(b: Builder, test: ast.expr, yes: int, no: int) -> None:
    """Go to `yes` where `test` holds and to `no` where it does not, in the order Python evaluates it."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            b.do(lambda: condition(b, operand, no, yes))
        case ast.BoolOp(op=op, values=values) if matters(b, test):
            work: list[Work] = []
            for value in values[:-1]:
                more = b.draft.block()
                ways = (more, no) if isinstance(op, ast.And) else (yes, more)
                work += [partial(condition, b, value, *ways), partial(b.draft.start, more)]
            b.do(*work, lambda: condition(b, values[-1], yes, no))
        case _:
            b.do(lambda: look(b, test), lambda: _branch(b, test, yes, no))


def _branch(b: Builder, test: ast.expr, yes: int, no: int) -> None:
    draft = b.draft
    known = truth(b, test)
    if known is not None and known[1]:
        draft.go(yes if known[0] else no)
        return
    says = presence(b, test)
    for target, holds in ((yes, True), (no, False)):
        via = Via.CONTRADICTED if known is not None and known[0] is not holds else Via.PLAIN
        decision = b.decide(test, "is true" if holds else "is false")
        if says is None or says[1] is not holds:
            draft.edge(target, decision, via)
            continue
        here, noted = draft.at, draft.block()
        draft.edge(noted, decision, via)
        draft.start(noted)
        draft.emit(Present(says[0], b.span(test)))
        draft.go(target)
        draft.at = here
    draft.at = None


def truth(b: Builder, test: ast.expr) -> tuple[bool, bool] | None:
    """What a condition is known to be, and whether by itself (`while True`) or by a constant elsewhere."""
    if isinstance(test, ast.Constant):
        return bool(test.value), True
    if isinstance(test, ast.Name) and test.id == "__debug__":
        return None
    if not isinstance(test, (ast.Name, ast.Compare, ast.Attribute)):
        return None
    folded = b.fold(test)
    return (bool(folded.value), False) if isinstance(folded, Const) else None


def presence(b: Builder, test: ast.expr) -> tuple[str, bool] | None:
    """The artifact that is known to be there when `test` is true (or, by the flag, false)."""
    match test:
        case ast.Call(func=ast.Name(id="hasattr"), args=[base, name]):
            return _present(b, base, name, holds=True)
        case ast.Call(func=ast.Name(id="getattr"), args=[base, name, ast.Constant(value=default)]) if (
            not default
        ):
            return _present(b, base, name, holds=True)
        case ast.Compare(
            left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
        ):
            match left:
                case ast.Call(func=ast.Name(id="getattr"), args=[base, name, ast.Constant(value=None)]):
                    return _present(b, base, name, holds=isinstance(op, ast.IsNot))
        case ast.Compare(left=name, ops=[ast.In() | ast.NotIn() as op], comparators=[container]):
            match container:
                case (
                    ast.Attribute(value=base, attr="__dict__")
                    | ast.Call(func=ast.Name(id="vars" | "dir"), args=[base])
                ):
                    return _present(b, base, name, holds=isinstance(op, ast.In))
    return None


def _present(b: Builder, base: ast.expr, name: ast.expr, *, holds: bool) -> tuple[str, bool] | None:
    ref = ref_of(b, base)
    texts = b.texts(name) if ref is not None else None
    if ref is None or not texts or len(texts) > 1:
        return None
    if ref.kind is Kind.INPUT:
        b.probed.add(texts[0])
    return (texts[0], holds) if ref.kind is Kind.SELF else None


def matters(b: Builder, expr: ast.expr) -> bool:
    """Whether the parts of a condition must be told apart: one reads an artifact or may end the method."""
    for node in ast.walk(expr):
        match node:
            case ast.Name(id=name) if name in b.followed or name in _ENDING:
                return True
            case ast.NamedExpr() | ast.Constant(value=True | False):
                return True
    return False


_ENDING = frozenset({"sys", "os", "exit", "quit"})


def bool_op(b: Builder, node: ast.BoolOp) -> None:
    """`a and b` as a value: the last part is reached only through the others."""
    if not matters(b, node):
        return
    after = b.draft.block()
    work: list[Work] = []
    for value in node.values[:-1]:
        more = b.draft.block()
        ways = (more, after) if isinstance(node.op, ast.And) else (after, more)
        work += [partial(condition, b, value, *ways), partial(b.draft.start, more)]
    b.do(*work, node.values[-1], lambda: b.draft.go(after), lambda: b.draft.start(after))


def if_exp(b: Builder, node: ast.IfExp) -> None:
    """`a if test else b`."""
    yes, no, after = b.draft.block(), b.draft.block(), b.draft.block()
    b.do(
        lambda: condition(b, node.test, yes, no),
        lambda: b.enter(yes), node.body, lambda: b.join(after),
        lambda: b.enter(no), node.orelse, lambda: b.join(after),
        lambda: b.draft.start(after),
    )  # fmt: skip


EXPRESSIONS: dict[type[ast.AST], Visitor] = {
    ast.Attribute: attribute,
    ast.BinOp: used_only,
    ast.BoolOp: bool_op,
    ast.Compare: used_only,
    ast.Constant: nothing,
    ast.FormattedValue: used_only,
    ast.IfExp: if_exp,
    ast.Name: name,
    ast.NamedExpr: walrus,
    ast.Subscript: subscript,
    ast.UnaryOp: used_only,
}
