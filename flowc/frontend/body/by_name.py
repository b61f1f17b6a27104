"""Builtins that reach artifacts by name (`getattr`, `setattr`, …), or may be given the flow without harm."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from flowc.frontend.body.assign import is_dict_of_self
from flowc.frontend.body.expressions import look, nothing, read_artifact, read_input, read_own
from flowc.frontend.body.names import Kind, Ref
from flowc.frontend.body.refs import ref_of
from flowc.ir.body import Delete, Write

if TYPE_CHECKING:
    from flowc.frontend.body.builder import Builder, Visitor

# Builtins that may be given the flow itself without reaching its artifacts.
_HARMLESS = frozenset({"bool", "hash", "id", "isinstance", "issubclass", "print", "repr", "str", "type"})


def _getattr(b: Builder, node: ast.Call) -> None:
    by_name(b, "getattr", node, node.args[1:], node.args[0] if node.args else None)


def _setattr(b: Builder, node: ast.Call) -> None:
    by_name(b, "setattr", node, node.args[1:], node.args[0] if node.args else None)


def _delattr(b: Builder, node: ast.Call) -> None:
    by_name(b, "delattr", node, node.args[1:], node.args[0] if node.args else None)


def by_name(
    b: Builder, action: str, node: ast.Call, args: list[ast.expr], base: ast.expr | None = None
) -> None:
    """`getattr(base, name, …)` and the like; without `base` it is the flow."""
    ref = ref_of(b, base) if base is not None else Ref(Kind.SELF)
    if ref is None or ref.kind not in (Kind.SELF, Kind.INPUT) or not args:
        b.do(*(a for a in node.args))
        return
    names = b.texts(args[0])
    rest = args[1:]
    if names is None:
        reason = f"`{action}` with a name known only at run time"
        b.do(args[0], *rest, lambda: b.escape(node, reason) if ref.kind is Kind.SELF else None)
        return
    b.do(*rest, *(partial(_one_by_name, b, action, node, name, ref, rest) for name in names))


def _one_by_name(b: Builder, action: str, node: ast.Call, name: str, ref: Ref, rest: list[ast.expr]) -> None:
    span = b.span(node)
    if ref.kind is Kind.INPUT:
        if action.startswith("getattr"):
            read_input(b, ref, name, span, guarded=bool(rest))
        return
    if action == "setattr":
        value = b.fold(rest[0]) if rest else b.unknown(node, "it is assigned by name")
        b.write(Write(name, span, value))
    elif action == "delattr":
        b.forget(name)
        b.emit(Delete(name, span, b.guarded))
    elif not b.context.is_artifact(name):
        read_own(b, node, name, span, kept=True)
    else:
        read_artifact(b, name, span, guarded=bool(rest))


def _hasattr(b: Builder, node: ast.Call) -> None:
    base = ref_of(b, node.args[0]) if node.args else None
    if base is not None and base.kind is Kind.INPUT and len(node.args) > 1:
        b.probed.update(b.texts(node.args[1]) or ())
        return
    if base is None or base.kind is not Kind.SELF:
        b.do(*(partial(look, b, arg) for arg in node.args))


def _exec(b: Builder, node: ast.Call) -> None:
    b.do(*node.args, lambda: b.escape(node, "code in a text may do anything"))


def _vars(b: Builder, node: ast.Call) -> None:
    if is_dict_of_self(b, node):
        b.escape(node, "`vars(self)` may be changed")
    else:
        b.do(*node.args)


def _harmless(b: Builder, node: ast.Call) -> None:
    def one(arg: ast.expr) -> None:
        ref = ref_of(b, arg)
        if ref is None or ref.kind is not Kind.SELF:
            look(b, arg.value if isinstance(arg, ast.Starred) else arg)

    b.do(*(partial(one, arg) for arg in (*node.args, *(k.value for k in node.keywords))))


BUILTINS: dict[str, Visitor] = {
    "delattr": _delattr,
    "eval": _exec,
    "exec": _exec,
    "getattr": _getattr,
    "hasattr": _hasattr,
    "setattr": _setattr,
    "super": nothing,  # `super(Class, self)` hands nothing on
    "vars": _vars,
    **dict.fromkeys(_HARMLESS, _harmless),
}
