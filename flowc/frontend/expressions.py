"""What an expression is whose parts may be known: each kind of syntax but literals.

Invariant: nothing is called but the functions of `pure_calls`, on constants; no attribute is read
from a Python object.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.folding import calls, classes, displays, names, operators, variables
from flowc.frontend.folding.constants import because
from flowc.frontend.folding.limits import ConfigDict, PathText, Refused, bounded, truth
from flowc.frontend.folding.paths import PATH_ATTRIBUTES, path_of
from flowc.frontend.folding.pure_calls import call
from flowc.frontend.folding.scope import Stuck
from flowc.ir.values import ConfigRef, Const, Shape, Unknown

if TYPE_CHECKING:
    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.folding.scope import Scope
    from flowc.ir.values import Constant, Value


def evaluate(folder: Folder, expr: ast.expr, scope: Scope) -> Value:  # noqa: C901, PLR0912 - a line each
    """What is known of an expression that is no literal; raises `Refused` or `Stuck` where that is nothing."""
    match expr:
        case ast.Name():
            return names.name(folder, expr, scope)
        case ast.Attribute():
            return _attribute(folder, expr, scope)
        case ast.Call():
            return calls.call_value(folder, expr, scope)
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict():
            return displays.display(folder, expr, scope)
        case ast.ListComp() | ast.SetComp() | ast.DictComp():
            return displays.comprehension(folder, expr, scope)
        case ast.BinOp():
            return _binary(folder, expr, scope)
        case ast.UnaryOp(op=op, operand=operand):
            return Const(operators.unary(op, folder.constant(operand, scope)))
        case ast.BoolOp(op=op, values=values):
            return _boolean(folder, op, values, scope)
        case ast.Compare():
            return Const(_comparison(folder, expr, scope))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return folder.value(body if truth(folder.constant(test, scope)) else orelse, scope)
        case ast.JoinedStr(values=values):
            return Const(_joined(folder, values, scope))
        case ast.Subscript():
            return _subscript(folder, expr, scope)
        case ast.Lambda():
            return Shape("lambda")
        case ast.GeneratorExp():
            return Shape("generator")
        case ast.NamedExpr(value=value):
            return folder.value(value, scope)
        case _:
            raise Refused("such an expression has a value only when the flow runs")


def _binary(folder: Folder, expr: ast.BinOp, scope: Scope) -> Value:
    # A long sum nests to the left as deep as it is long: walked down, not recursed into.
    chain = [expr]
    while isinstance(chain[-1].left, ast.BinOp):
        chain.append(chain[-1].left)
    result = folder.value(chain[-1].left, scope)
    for node in reversed(chain):
        folder.spend()
        right = folder.value(node.right, scope)
        if isinstance(result, Const) and isinstance(right, Const):
            result = _combine(node, result.value, right.value)
        else:
            result = displays.combined_shape(node.op, result, right) or _blame(node, result, right, scope)
    return result


def _combine(node: ast.BinOp, left: Constant, right: Constant) -> Value:
    if isinstance(node.op, ast.Div) and (isinstance(left, PathText) or isinstance(right, PathText)):
        return Const(call(path_of, (left, right), {}))
    return Const(operators.binary(node.op, left, right))


def _blame(node: ast.BinOp, left: Value, right: Value, scope: Scope) -> Value:
    if isinstance(left, Const):
        return because(right, node.right, scope)
    return because(left, node.left, scope)


def _boolean(folder: Folder, op: ast.boolop, values: list[ast.expr], scope: Scope) -> Value:
    stops_at = isinstance(op, ast.Or)
    result: Value = Const(None)
    for value in values:
        result = folder.value(value, scope)
        if not isinstance(result, Const):
            if value is not values[-1]:
                raise Stuck(because(result, value, scope))
            return result
        if truth(result.value) == stops_at:
            return result
    return result


def _comparison(folder: Folder, expr: ast.Compare, scope: Scope) -> bool:
    left = folder.constant(expr.left, scope)
    for op, comparator in zip(expr.ops, expr.comparators, strict=True):
        right = folder.constant(comparator, scope)
        if not operators.compare(op, left, right):
            return False
        left = right
    return True


def _joined(folder: Folder, parts: list[ast.expr], scope: Scope) -> str:
    texts: list[str] = []
    for part in parts:
        match part:
            case ast.Constant(value=str(text)):
                texts.append(text)
            case ast.FormattedValue(value=value, conversion=conversion, format_spec=spec):
                inner = spec.values if isinstance(spec, ast.JoinedStr) else []
                specification = _joined(folder, inner, scope)
                texts.append(operators.as_text(folder.constant(value, scope), conversion, specification))
            case _:
                raise Refused("such a part of an f-string is not computed")
        folder.spend(1 + len(texts[-1]) // 100)
    return str(bounded("".join(texts)))


def _subscript(folder: Folder, expr: ast.Subscript, scope: Scope) -> Value:
    if names.outside(folder, expr.value, scope) == "os.environ":
        return variables.subscripted(folder, _key(folder, expr, scope), scope)
    if names.is_python_major(folder, expr, scope):
        return Const("3" if isinstance(expr.value, ast.Call) else 3)
    base = folder.value(expr.value, scope)
    if isinstance(base, ConfigRef):
        return ConfigRef(base.name, (*base.path, _key(folder, expr, scope)))
    if not isinstance(base, Const):
        raise Stuck(because(base, expr.value, scope))
    if isinstance(expr.slice, ast.Slice):
        parts = (expr.slice.lower, expr.slice.upper, expr.slice.step)
        bounds = [folder.constant(p, scope) if p else None for p in parts]
        return Const(operators.subscript(base.value, slice(*bounds)))  # type: ignore[arg-type]
    return Const(operators.subscript(base.value, folder.constant(expr.slice, scope)))


def _key(folder: Folder, expr: ast.Subscript, scope: Scope) -> str:
    """The text between the brackets, where a name stands there."""
    key = folder.constant(expr.slice, scope)
    if not isinstance(key, (str, int)):
        raise Refused("its key is no text")
    return str(key)


def _attribute(folder: Folder, expr: ast.Attribute, scope: Scope) -> Value:
    found = classes.attribute(folder, expr, scope)
    if found is not None:
        return found
    base = folder.value(expr.value, scope)
    match base:
        case ConfigRef(name=name, path=path):
            return ConfigRef(name, (*path, expr.attr))
        case Const(value=ConfigDict() as entries):
            return _config_entry(entries, expr, scope)
        case Const(value=PathText() as path) if expr.attr in PATH_ATTRIBUTES:
            return Const(call(PATH_ATTRIBUTES[expr.attr], (path,), {}))
        case Const():
            raise Refused(f"the attribute `{expr.attr}` is not computed")
        case _:
            raise Stuck(because(base, expr.value, scope))


def _config_entry(entries: ConfigDict, expr: ast.Attribute, scope: Scope) -> Value:
    if expr.attr in entries:
        return Const(entries[expr.attr])
    known = ", ".join(f"`{key!s}`" for key in entries) or "nothing"
    reason = f"the configuration has no `{expr.attr}`; it has {known}"
    return Unknown(scope.module.span(expr), reason)
