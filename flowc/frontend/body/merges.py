"""`self.merge_artifacts(…)`: what a call of it names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics.suggest import nearest
from flowc.frontend.body.names import Kind, Ref
from flowc.frontend.body.refs import ref_of
from flowc.ir.body import Merge
from flowc.ir.values import Const

if TYPE_CHECKING:
    from flowc.frontend.body.builder import Builder


def merge(b: Builder, node: ast.Call) -> None:
    """The event of a call: the names it is limited to, where they are known, and what is wrong with its arguments."""
    given = dict(zip(("inputs", "exclude", "include"), node.args, strict=False))
    given.update((k.arg, k.value) for k in node.keywords if k.arg is not None)
    unread = any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords)
    fault = None if unread else _fault_of_merge(b, given)
    unread = unread or ref_of(b, given.get("inputs")) != Ref(Kind.INPUTS)  # some of the inputs alone
    lists: dict[str, tuple[str, ...] | None] = {}
    for word in ("include", "exclude"):
        lists[word], known = _names(b, given.get(word))
        unread = unread or not known
    b.forget_all()
    b.emit(Merge(b.span(node), lists["include"], lists["exclude"], static=not unread, fault=fault))


def _fault_of_merge(b: Builder, given: dict[str, ast.expr]) -> tuple[str, str] | None:
    """What is wrong with the arguments of a `merge_artifacts`, and what to write instead."""
    unknown = next((word for word in given if word not in ("inputs", "exclude", "include")), None)
    if unknown is not None:
        meant = nearest(unknown, ("include", "exclude"))
        help_text = f"did you mean `{meant}`?" if meant else "it takes `inputs`, `include` and `exclude`"
        return f"has no argument `{unknown}`", help_text
    if "inputs" not in given:
        return "is not given the inputs of the join", "write `self.merge_artifacts(inputs)`"
    match b.fold(given["include"]) if "include" in given else None:
        case Const(value=str(text)) if len(text) > 1:
            return f"takes each letter of {text!r} for a name", f"write a list: `include=[{text!r}]`"
        case _:
            return None


def _names(b: Builder, expr: ast.expr | None) -> tuple[tuple[str, ...] | None, bool]:
    """A list of names, and whether it is known."""
    if expr is None:
        return None, True
    match b.fold(expr):
        case Const(value=None):
            return None, True
        case Const(value=list() | tuple() | set() | frozenset() | dict() as names) if all(
            isinstance(name, str) for name in names
        ):
            words = [str(name) for name in names]
            return tuple(words if isinstance(names, (list, tuple, dict)) else sorted(words)), True
        case _:
            return None, False
