"""Assignments: to local names, which may come to stand for something, and to artifacts.

Invariant: the value of a `Write` is what the folder proves, or `Unknown` with the place to blame.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from flowc.frontend.body.expressions import look, read_own
from flowc.frontend.body.names import Kind, element, item
from flowc.frontend.body.refs import ref_of
from flowc.ir.body import Delete, Mutate, Write
from flowc.ir.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.frontend.body.builder import Builder, Work
    from flowc.frontend.body.names import Ref
    from flowc.ir.values import Value


_ALIASED = (Kind.SELF, Kind.FUNCTION)


def assign(b: Builder, node: ast.Assign | ast.AnnAssign) -> None:
    """`target = value`, once for each target."""
    value = node.value
    if value is None:
        return
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    work: list[Work] = [partial(bind_value, b, target, value) for target in targets]
    if not _is_alias(b, targets, value):
        work.insert(0, value)
    if len(targets) > 1:
        # `self.xs = ys = []`: what changes the one changes the other.
        work += [partial(changed, b, target, target) for target in targets]
    b.do(*work)


def _is_alias(b: Builder, targets: Sequence[ast.expr], value: ast.expr) -> bool:
    """`this = self`: the flow gets a second name, and nothing else happens."""
    ref = ref_of(b, value) if isinstance(value, ast.Name) else None
    return ref is not None and ref.kind in _ALIASED and all(isinstance(t, ast.Name) for t in targets)


def bind_value(b: Builder, target: ast.expr, value: ast.expr) -> None:
    """Bind a target to an expression that was just read."""
    stack = [(target, value)]
    while stack:
        part, given = stack.pop()
        match part, given:
            case ast.Name(id=name), _:
                b.set_value(name, given)
                b.bind(name, ref_of(b, given), part)
            case (
                (ast.Tuple(elts=names) | ast.List(elts=names)),
                (ast.Tuple(elts=values) | ast.List(elts=values)),
            ) if len(names) == len(values) and not any(isinstance(e, ast.Starred) for e in (*names, *values)):
                stack.extend(reversed(list(zip(names, values, strict=True))))
            case ast.Attribute(), _ if artifact(b, part) is not None:
                write(b, part, b.fold(given))
            case _:
                bind_target(b, part, ref_of(b, given))


def bind_target(b: Builder, target: ast.expr, ref: Ref | None) -> None:
    """Bind a target to a value of which only `ref` is known."""
    stack = [(target, ref)]
    while stack:
        part, found = stack.pop()
        match part:
            case ast.Name(id=name):
                b.bind(name, found, part)
            case ast.Starred(value=value):
                stack.append((value, None))
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                starred = any(isinstance(e, ast.Starred) for e in elements)
                several = [(e, element(found) if starred else item(found, i)) for i, e in enumerate(elements)]
                stack.extend(reversed(several))
            case ast.Attribute() if artifact(b, part) is not None:
                write(b, part, Unknown(b.span(part), "it is given its value by unpacking or by a loop"))
            case _:
                store_inside(b, part)


def artifact(b: Builder, target: ast.expr) -> str | None:
    """The artifact that `self.name` is, as a target."""
    match ref_of(b, target):
        case ref if ref is not None and ref.kind is Kind.ATTRIBUTE and isinstance(target, ast.Attribute):
            return b.mangled(target.attr)
        case _:
            return None


def write(b: Builder, target: ast.Attribute, value: Value) -> None:
    """Record `self.name = value`."""
    name = b.mangled(target.attr)
    if target.attr == "__dict__":
        b.escape(target, "`__dict__` is replaced")
    elif b.context.half_of(name, "setter"):
        b.call(f"{name}.setter", b.span(target))
    elif b.context.has_unseen_setter(name):
        b.escape(target, f"the setter of `{name}` may assign anything")
    elif target.attr != "__class__":
        b.write(Write(name, b.span(target), value))


def store_inside(b: Builder, target: ast.expr) -> None:
    """`self.table[key] = value` and `self.model.rate = value` change an artifact in place."""
    root = target
    while isinstance(root, (ast.Subscript, ast.Attribute, ast.Starred)):
        inner = ref_of(b, root, 2)
        if inner is not None and inner.kind is Kind.ATTRIBUTE:
            break
        root = root.value
    match target:
        case ast.Subscript(value=value, slice=key) if is_dict_of_self(b, value):
            _store_in_dict(b, target, key)
            return
        case ast.Subscript(slice=key):
            parts: list[Work] = [lambda: look(b, target.value), key]
        case ast.Attribute(value=value):
            parts = [lambda: look(b, value)]
        case _:
            return
    b.do(*parts, lambda: changed(b, root, target))


def _store_in_dict(b: Builder, target: ast.Subscript, key: ast.expr) -> None:
    names = b.texts(key)
    if names is None:
        b.do(key, lambda: b.escape(target, "`self.__dict__` is changed by a name known only at run time"))
        return
    for name in names:
        b.write(Write(name, b.span(target), Unknown(b.span(target), "it is assigned by name")))


def is_dict_of_self(b: Builder, expr: ast.expr) -> bool:
    """`self.__dict__` or `vars(self)`."""
    match expr:
        case ast.Attribute(value=value, attr="__dict__"):
            found = ref_of(b, value)
        case ast.Call(func=ast.Name(id="vars"), args=[arg]) if not b.is_local("vars"):
            found = ref_of(b, arg)
        case _:
            return False
    return found is not None and found.kind is Kind.SELF


def changed(b: Builder, root: ast.expr, node: ast.expr) -> None:
    """Record that the artifact `root`, if it is one, may be changed in place."""
    ref = ref_of(b, root)
    if ref is None or ref.kind is not Kind.ATTRIBUTE:
        return
    for name in ref.names:
        if isinstance(name, str) and b.context.is_artifact(name):
            b.forget(name)
            b.emit(Mutate(b.mangled(name), b.span(node)))


def augment(b: Builder, node: ast.AugAssign) -> None:
    """`self.n += 1` reads and writes; `x += 1` may change a list in place."""
    target = node.target
    name = artifact(b, target)

    def finish() -> None:
        if name is not None and isinstance(target, ast.Attribute):
            write(
                b,
                target,
                Unknown(b.span(node), f"`{b.span(target).text}` is computed from its earlier value"),
            )
        elif isinstance(target, ast.Name):
            changed(b, target, node.target)
            b.bind(target.id, None, node)
        else:
            store_inside(b, target)

    def begin() -> None:
        if name is not None:
            read_own(b, target, name, b.span(target), kept=False)

    b.do(begin, lambda: look(b, node.value), finish)


def delete(b: Builder, node: ast.Delete) -> None:
    """`del self.x`, `del x`, `del self.xs[0]`."""
    for target in node.targets:
        name = artifact(b, target)
        if name is not None and b.context.half_of(name, "deleter"):
            b.call(f"{name}.deleter", b.span(target))
        elif name is not None:
            b.forget(name)
            b.emit(Delete(name, b.span(target), b.guarded))
        elif isinstance(target, (ast.Subscript, ast.Attribute)):
            store_inside(b, target)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                b.do(ast.Delete(targets=[part]))
