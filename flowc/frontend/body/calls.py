"""Calls: of the flow's own methods, of `self.next`, of anything else.

What is called with an artifact may change it in place, unless it is a builtin that does not.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from flowc.diagnostics.suggest import nearest
from flowc.frontend.body.assign import changed
from flowc.frontend.body.by_name import BUILTINS, by_name
from flowc.frontend.body.expressions import look
from flowc.frontend.body.flow_class import is_exit
from flowc.frontend.body.frames import Exit
from flowc.frontend.body.functions import call_function, call_lambda
from flowc.frontend.body.locals import PURE_FUNCTIONS
from flowc.frontend.body.names import Kind, Ref
from flowc.frontend.body.next import read_next
from flowc.frontend.body.refs import attributes_of, ref_of
from flowc.ir.body import TaskRead

if TYPE_CHECKING:
    from flowc.frontend.body.builder import Builder, Visitor, Work

# Methods of lists, dicts, sets, texts and tables that leave the object as it is.
_READING = frozenset(
    """
    copy count describe difference endswith format get head hex index intersection isdisjoint issubset issuperset
    items join keys lower max mean median min replace split std startswith strip sum tail title tolist to_dict
    union upper values
    """.split()
)


def call(b: Builder, node: ast.Call) -> None:
    """Any call: the function first, its arguments, then what the call does."""
    func = node.func
    if isinstance(func, ast.Name) and not b.is_local(func.id):
        builtin = BUILTINS.get(func.id)
        if builtin is not None and b.context.project.lookup(b.module, func.id) is None:
            builtin(b, node)
            return
    ref = ref_of(b, func)
    match ref:
        case Ref(Kind.ATTRIBUTE, names=names):
            _of_flow(b, node, [str(name) for name in names])
        case Ref(Kind.OVERRIDDEN, names=(str(name),)):
            _of_base(b, node, name)
        case Ref(Kind.FUNCTION, function=function) if function is not None:
            b.do(*_arguments(b, node), lambda: call_function(b, function, node.args))
        case _:
            _of_anything(b, node)


# --------------------------------------------------------------------------- the flow's own methods
def _of_flow(b: Builder, node: ast.Call, names: list[str]) -> None:
    name = names[0]
    context = b.context
    if "next" in names:
        b.do(*_next_arguments(b, node), lambda: _next(b, node))
    elif name == "merge_artifacts":
        b.do(*_arguments(b, node, skip_inputs=True), lambda: _merge(b, node))
    elif name == "foreach_stack":
        b.emit(TaskRead(name, b.span(node)))
    elif name in context.methods and not context.methods[name].is_property and len(names) == 1:
        b.do(*_arguments(b, node), lambda: b.call(name, b.span(node)))
    elif name in context.methods:
        b.do(node.func, *_arguments(b, node))
    elif name in context.steps:
        b.do(*_arguments(b, node), lambda: _call_step(b, node, name))
    elif name in ("__setattr__", "__delattr__", "__getattribute__", "__getattr__"):
        by_name(b, name.strip("_"), node, node.args)
    elif name in context.attributes:
        # A function that the class was given is called with the flow.
        b.do(
            *_arguments(b, node), lambda: b.escape(node, f"`{name}` may be a function that changes artifacts")
        )
    elif _means_next(b, node, name):
        b.misspelt.append(b.span(node.func))
        b.do(*_next_arguments(b, node), lambda: _next(b, node))
    else:
        b.do(lambda: look(b, node.func), *_arguments(b, node), lambda: changed(b, node.func, node))


def _call_step(b: Builder, node: ast.Call, name: str) -> None:
    b.called_steps.append((name, b.span(node)))
    b.escape(node, f"the step `{name}` is called like a function")


def _means_next(b: Builder, node: ast.Call, name: str) -> bool:
    """Whether a step calls `self.nxt(self.train)`: no such method is known, and it is given steps alone."""
    steps = b.context.steps
    if b.function.name not in steps or not b.context.decl.complete or not node.args:
        return False
    return nearest(name, ("next",)) is not None and all(_names_steps(b, arg) for arg in node.args)


def _names_steps(b: Builder, expr: ast.expr) -> bool:
    named = expr.values if isinstance(expr, ast.Dict) else [expr]
    found = [attributes_of(b, value) for value in named]
    return all(names and b.context.steps.keys() >= set(names) for names in found)


def _next_arguments(b: Builder, node: ast.Call) -> list[Work]:
    """What naming the targets does besides: conditions, keys of a table, the size of a gang."""
    work: list[Work] = []
    for arg in node.args:
        if isinstance(arg, ast.Dict):
            work += [key for key in arg.keys if key is not None]
        elif isinstance(arg, ast.IfExp):
            work.append(arg.test)
        elif isinstance(arg, ast.Call) and _names_steps(b, arg.func):
            work += _arguments(b, arg)  # that the step is called is a fault of the argument
        elif not attributes_of(b, arg):
            work.append(arg)
    return [*work, *(partial(look, b, keyword.value) for keyword in node.keywords)]


def _next(b: Builder, node: ast.Call) -> None:
    if b.is_nested:
        b.outside.append(b.span(node))
        return
    ways = read_next(b, node)
    b.cut()
    if len(ways) == 1:
        b.draft.emit(ways[0])
        return
    blocks, after = [b.draft.block() for _ in ways], b.draft.block()
    for block in blocks:
        b.draft.edge(block)
    for block, way in zip(blocks, ways, strict=True):
        b.draft.start(block)
        b.draft.emit(way)
        b.draft.go(after)
    b.draft.start(after)


def _merge(b: Builder, node: ast.Call) -> None:
    from flowc.frontend.body.merges import merge

    merge(b, node)


def _of_base(b: Builder, node: ast.Call, name: str) -> None:
    """`super().name(…)`."""
    if name in ("__setattr__", "__delattr__", "__getattribute__"):
        by_name(b, name.strip("_"), node, node.args)
        return
    member = b.context.overridden(name, b.owner)
    work = _arguments(b, node)
    if member is not None:
        key = b.context.key(member)
        work.append(lambda: b.call(key, b.span(node)))
    elif name == "next":
        work = [*_next_arguments(b, node), lambda: _next(b, node)]
    elif name == "merge_artifacts":
        work = [*_arguments(b, node, skip_inputs=True), lambda: _merge(b, node)]
    elif not b.context.decl.complete:
        work.append(lambda: b.escape(node, f"`{name}` of a base class outside the project is called"))
    b.do(*work)


# --------------------------------------------------------------------------- everything else
def _of_anything(b: Builder, node: ast.Call) -> None:
    func = node.func
    own = _own_method(b, node)
    if own is not None:
        b.do(*_arguments(b, node, first=1), lambda: b.call(own, b.span(node)))
        return
    work: list[Work] = []
    if isinstance(func, ast.Attribute):
        work.append(lambda: look(b, func.value))
    elif not isinstance(func, ast.Name):
        work.append(func)
    work += _arguments(b, node)
    if isinstance(func, ast.Attribute) and func.attr not in _READING:
        root = _root(b, func.value)
        work.append(lambda: changed(b, root, node))
    if isinstance(func, (ast.Name, ast.Attribute)):
        work.append(lambda: _may_end(b, func))
    b.do(*work)


def _own_method(b: Builder, node: ast.Call) -> str | None:
    """`Base.method(self, …)`: the key of the body called."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=class_name), attr=attr), args=[first, *_]):
            ref = ref_of(b, first)
            if ref is not None and ref.kind is Kind.SELF:
                member = b.context.of_class(attr, class_name)
                return b.context.key(member) if member is not None else None
    return None


def _root(b: Builder, expr: ast.expr) -> ast.expr:
    """The artifact at the root of `self.table["x"].rows`, whose inside a method changes."""
    for _ in range(10):
        ref = ref_of(b, expr, 2)
        if ref is not None or not isinstance(expr, (ast.Subscript, ast.Attribute)):
            break
        expr = expr.value
    return expr


def _may_end(b: Builder, func: ast.Name | ast.Attribute) -> None:
    if _never_returns(b, func):
        b.leave(Exit(Exit.LEAVE))


def _never_returns(b: Builder, func: ast.expr) -> bool:
    """Whether a call of `func` ends the task."""
    match func:
        case ast.Name(id=head):
            rest = ""
        case ast.Attribute(value=ast.Name(id=head), attr=rest):
            pass
        case _:
            return False
    if head in b.imported:
        return is_exit(f"{b.imported[head]}.{rest}".rstrip("."))
    return not b.is_local(head) and b.context.never_returns(b.module, func)


def _arguments(b: Builder, node: ast.Call, *, first: int = 0, skip_inputs: bool = False) -> list[Work]:
    """What the arguments do; artifacts given to unknown code may be changed by it."""
    func = node.func
    plain = isinstance(func, ast.Name) and func.id in PURE_FUNCTIONS and not b.is_local(func.id)
    work: list[Work] = []
    for arg in (*node.args[first:], *(keyword.value for keyword in node.keywords)):
        expr = arg.value if isinstance(arg, ast.Starred) else arg
        if skip_inputs and ref_of(b, expr) == Ref(Kind.INPUTS):
            continue
        if plain and isinstance(expr, ast.Lambda):
            work.append(partial(_called_now, b, expr, node))
        elif plain:
            work.append(partial(look, b, expr))
        else:
            work.append(expr)
    return work


def _called_now(b: Builder, function: ast.Lambda, node: ast.Call) -> None:
    """`max(inputs, key=lambda i: i.score)`: called once for each item of the other argument."""
    from flowc.frontend.body.loops import has_items

    others = [arg for arg in node.args if arg is not function]
    iterated = others[0] if others else None
    items = ref_of(b, iterated)
    given = Ref(Kind.INPUT) if items is not None and items.kind in (Kind.INPUTS, Kind.SEQUENCE) else None
    body, after = b.draft.block(), b.draft.block()
    if iterated is None or has_items(b, iterated) is not True:
        b.draft.edge(after)
    b.draft.go(body)
    b.draft.start(body)
    call_lambda(b, function, given, after)


CALLS: dict[type[ast.AST], Visitor] = {ast.Call: call}
