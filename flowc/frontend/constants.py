"""Evaluate expressions without running anything: constants, references, or the reason why not.

The result agrees with Python's on every machine and in every version, or it is no constant: sets
have no order here, `__file__` and the environment no value, and work is bounded in steps, depth
and size.

Invariant: nothing is called but the functions of `pure_calls`, on constants; no attribute is read
from a Python object. What the caller receives shares no container with what is kept here.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend import calls, classes, displays, names, operators
from flowc.frontend.limits import (
    ConfigDict,
    Iterated,
    Refused,
    TooManyItems,
    bounded,
    copied,
    require_small,
    truth,
)
from flowc.frontend.paths import PATH_ATTRIBUTES, PathText, path_of
from flowc.frontend.pure_calls import call
from flowc.frontend.scope import Scope, Stuck
from flowc.ir.values import ConfigRef, Const, EnvRef, ParamRef, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.frontend.modules import Module, Project
    from flowc.ir.values import Constant, Value

MAX_STEPS = 100_000
MAX_DEPTH = 80


class Folder:
    """Evaluates expressions of a project. What a name means is worked out once.

    `configs` holds what each `Config(…)` expression was found to be, `config_names` the same by the
    configuration's name; `parameters` fills both, and `parameter_names`. `event_prefix` is that of
    `namespaced_event_name`, None while the branch is unknown. `said` holds what is reported once a project.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.configs: dict[ast.expr, Value] = {}
        self.config_names: dict[str, Value] = {}
        self.parameter_names: frozenset[str] | None = None
        self.event_prefix: str | None = "mfns"
        self.said: set[tuple[str, str]] = set()
        self.known: dict[tuple[ast.stmt, str, bool], Value] = {}  # what names were found to mean
        self.open: set[tuple[ast.AST, str]] = set()  # names and functions being evaluated: cycles end here
        self._steps = 0
        self._depth = 0

    def fold(
        self,
        expr: ast.expr,
        module: Module,
        owner: ast.ClassDef | None = None,
        extra: Mapping[str, Value] | None = None,
    ) -> Value:
        """What is known of an expression of `module`, in the body of the class `owner` if one is given.

        `extra` gives the local names of a method, and dotted ones such as `self.x`; a name that is
        local must be in it, as `Unknown` if need be, or the module's name of that spelling counts.
        Giving it means that the expression runs inside a task.
        """
        return self._outcome(expr, Scope(module, owner, extra or {}, late=extra is not None))

    def fold_path(self, expr: ast.expr, module: Module, owner: ast.ClassDef | None = None) -> Value:
        """Like `fold`, for the path of a file of the project.

        A path built on `__file__` begins with `pure_calls.ANCHOR`, which stands for the project root.
        """
        return self._outcome(expr, Scope(module, owner, anchored=True))

    def _outcome(self, expr: ast.expr, scope: Scope) -> Value:
        self._steps = MAX_STEPS
        match self.value(expr, scope):
            case Const(value=Iterated() as items):
                return Shape(items.kind, len(items))
            case Const(value=PathText() as path):
                return Const(str(path))
            case Const(value=tuple() | list() | set() | dict() as container):
                return _copy(container)
            case other:
                return other

    def value(self, expr: ast.expr, scope: Scope) -> Value:
        """What is known of a part of an expression."""
        self._depth += 1
        try:
            self.spend()
            return _evaluate(self, expr, scope)
        except TooManyItems as refusal:
            if refusal.kind:
                return Shape(refusal.kind, refusal.length)
            return Unknown(scope.module.span(expr), refusal.reason)
        except Refused as refusal:
            return Unknown(scope.module.span(expr), refusal.reason)
        except Stuck as stuck:
            return stuck.value
        finally:
            self._depth -= 1

    def constant(self, expr: ast.expr, scope: Scope) -> Constant:
        """The constant that a part must be for the whole to be one; raises `Stuck` otherwise."""
        found = self.value(expr, scope)
        if isinstance(found, Const):
            return found.value
        raise Stuck(because(found, expr, scope))

    def spend(self, steps: int = 1) -> None:
        """Pay for work; raises when an expression takes too much or is nested too deeply."""
        self._steps -= steps
        if self._depth > MAX_DEPTH:
            raise Refused("it is nested too deeply to be computed")
        if self._steps < 0:
            raise Refused("it takes too many steps to be computed")


def because(value: Value, expr: ast.expr, scope: Scope) -> Value:
    """What is known of a whole, one part of which is `value` and no constant."""
    match value:
        case Unknown():
            return value
        case ParamRef(name=name):
            reason = f"it depends on the parameter `{name}`, whose value only a run knows"
        case ConfigRef(name=name, path=path):
            reason = f"it depends on `{'.'.join((name, *path))}`, a configuration that has no value yet"
        case EnvRef(name=name):
            reason = f"it depends on the environment variable `{name}`"
        case Shape(kind=kind):
            reason = f"it depends on the contents of a {kind}, known only when the flow runs"
        case Const():
            reason = "it is not computed"
    return Unknown(scope.module.span(expr), reason)


def _copy(container: Constant) -> Value:
    try:
        require_small(container)
    except Refused:
        return Shape(type(container).__name__, len(container))  # type: ignore[arg-type]
    return Const(copied(container))


def _evaluate(folder: Folder, expr: ast.expr, scope: Scope) -> Value:  # noqa: C901, PLR0912 - a line each
    match expr:
        case ast.Constant(value=value):
            if value is ...:
                raise Refused("`...` is no value for a flow")
            return Const(value)
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
        return EnvRef(_key(folder, expr, scope))
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
