"""Functions of the project inside constant expressions.

A function is followed when its body is only assignments to local names, `if`s over constants and
`return`: then its value depends on nothing but its arguments and constants.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.folding.displays import assign
from flowc.frontend.folding.limits import Refused, truth
from flowc.ir.values import Const, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.frontend.folding.calls import Arguments
    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.folding.scope import Scope
    from flowc.frontend.project.module import Module
    from flowc.ir.values import Constant, Value


def apply_lambda(folder: Folder, node: ast.Lambda, given: Arguments, scope: Scope) -> Value:
    """`(lambda x: x + 1)(2)`."""
    names = dict(scope.names)
    names.update(_bound(folder, node.args, given, scope, "the lambda"))
    return folder.value(node.body, scope.inner(names))


def apply_function(
    folder: Folder, node: ast.FunctionDef, module: Module, given: Arguments, scope: Scope
) -> Value:
    """What a function of the project returns for these arguments; raises where it does more than compute."""
    called = f"`{node.name}(…)`"
    if node.decorator_list:
        raise Refused(f"what {called} gives is known only when the flow runs: `{node.name}` has a decorator")
    mark = (node, "")
    if mark in folder.open:
        raise Refused(f"`{node.name}` calls itself")
    outer = scope.of(module)
    folder.open.add(mark)
    try:
        names = _bound(folder, node.args, given, outer, f"`{node.name}`")
        result = _run(folder, node.body, names, outer, called)
        return Const(None) if result is None else result
    finally:
        folder.open.discard(mark)


def _bound(
    folder: Folder, parameters: ast.arguments, given: Arguments, scope: Scope, called: str
) -> dict[str, Value]:
    """The parameters' values, by name."""
    names: dict[str, Value] = {}
    in_order = [*parameters.posonlyargs, *parameters.args]
    for parameter, default in zip(reversed(in_order), reversed(parameters.defaults), strict=False):
        names[parameter.arg] = folder.value(default, scope)
    for parameter, wanted in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
        if wanted is not None:
            names[parameter.arg] = folder.value(wanted, scope)
    names.update({p.arg: v for p, v in zip(in_order, given.positional, strict=False)})
    known = {p.arg for p in (*parameters.args, *parameters.kwonlyargs)}
    names.update({name: v for name, v in given.keywords.items() if name in known})
    further = given.positional[len(in_order) :]
    others = {name: v for name, v in given.keywords.items() if name not in known}
    if parameters.vararg:
        names[parameters.vararg.arg] = _tuple(further)
    elif further:
        raise Refused(f"{called} takes fewer arguments")
    if parameters.kwarg:
        names[parameters.kwarg.arg] = _dict(others)
    elif others:
        raise Refused(f"{called} has no such argument")
    missing = [p.arg for p in (*in_order, *parameters.kwonlyargs) if p.arg not in names]
    if missing:
        raise Refused(f"{called} lacks its argument `{missing[0]}`")
    return names


def _tuple(values: Sequence[Value]) -> Value:
    """What `*args` is."""
    known = tuple(value.value for value in values if isinstance(value, Const))
    return Const(known) if len(known) == len(values) else Shape("tuple", len(values))


def _dict(values: Mapping[str, Value]) -> Value:
    """What `**keywords` is."""
    known: dict[Constant, Constant] = {
        name: value.value for name, value in values.items() if isinstance(value, Const)
    }
    return Const(known) if len(known) == len(values) else Shape("dict", len(values))


def _run(
    folder: Folder, body: Sequence[ast.stmt], names: dict[str, Value], outer: Scope, called: str
) -> Value | None:
    """Follow statements until one returns; None when none does."""
    scope = outer.inner(names)
    for statement in body:
        folder.spend()
        match statement:
            case ast.Return(value=None):
                return Const(None)
            case ast.Return(value=ast.expr() as value):
                return folder.value(value, scope)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[name] = folder.value(value, scope)
            case ast.Assign(targets=[target], value=value):
                assign(target, folder.constant(value, scope), names)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                names[name] = folder.value(value, scope)
            case ast.If(test=test, body=then, orelse=otherwise):
                result = _run(
                    folder, then if truth(folder.constant(test, scope)) else otherwise, names, outer, called
                )
                if result is not None:
                    return result
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Import() | ast.AnnAssign():
                pass
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    reason = f"`{alias.asname or alias.name}` is imported inside the function"
                    names[alias.asname or alias.name] = Unknown(outer.module.span(statement), reason)
            case _:
                line = statement.lineno
                raise Refused(f"what {called} gives is known only when the flow runs (line {line} does more)")
    return None
