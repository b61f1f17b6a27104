"""Evaluate expressions without running anything: constants, references, or the reason why not.

The result agrees with Python's on every machine and in every version, or it is no constant: sets
have no order here, `__file__` and the environment no value, and work is bounded in steps, depth
and size.

Invariant: work ends, and what the caller receives shares no container with what is kept here.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.folding.limits import Iterated, PathText, Refused, TooManyItems, copied, require_small
from flowc.frontend.folding.scope import Scope, Stuck
from flowc.ir.values import ConfigRef, Const, EnvRef, ParamRef, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.frontend.project.module import Module
    from flowc.frontend.project.modules import Project
    from flowc.ir.values import Constant, Value

MAX_STEPS = 100_000
MAX_DEPTH = 80


class Folder:
    """Evaluates expressions of a project. What a name means is worked out once.

    `configs` holds what each `Config(…)` expression was found to be, `config_names` the same by the
    configuration's name; `parameters` fills both, and `parameter_names`. `event_prefix` is that of
    `namespaced_event_name`, None while the branch is unknown. `said` holds what is reported once a project.
    """

    def __init__(self, project: Project, variables: Mapping[str, str] | None = None) -> None:
        self.project = project
        self.variables = variables or {}  # environment variables that the configuration gives
        self.configs: dict[ast.expr, Value] = {}
        self.config_names: dict[str, Value] = {}
        self.parameter_names: frozenset[str] | None = None
        self.event_prefix: str | None = "mfns"
        self.said: set[tuple[str, str]] = set()
        self.known: dict[tuple[ast.stmt, str, bool, bool], Value] = {}  # what names were found to mean
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

        A path built on `__file__` begins with `paths.ANCHOR`, which stands for the project root.
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
            if isinstance(expr, ast.Constant):
                return _literal(expr)
            from flowc.frontend.expressions import evaluate  # a plain flow has literals alone

            return evaluate(self, expr, scope)
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


def _literal(expr: ast.Constant) -> Value:
    if expr.value is ...:
        raise Refused("`...` is no value for a flow")
    return Const(expr.value)


def _copy(container: Constant) -> Value:
    try:
        require_small(container)
    except Refused:
        return Shape(type(container).__name__, len(container))  # type: ignore[arg-type]
    return Const(copied(container))
