"""FC108: what a manifest needs and only running code could tell, with the reason and the way out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.dsl import STEP_DECORATORS
from flowc.frontend.decl import DecoratorDecl
from flowc.ir.values import ConfigRef, Const, EnvRef, ParamRef, Shape, Unknown

if TYPE_CHECKING:
    from flowc.diagnostics.model import Severity, Sink
    from flowc.frontend.folding.constants import Folder
    from flowc.frontend.parameters.api_calls import ApiCall
    from flowc.ir.values import Value
    from flowc.source import Span

WAY_OUT = "write the value out, assign it once at the top of the module, or load it with a `Config`"


def report_not_static(
    subject: str,
    expr: ast.expr,
    value: Value,
    decorator: DecoratorDecl | ApiCall,
    folder: Folder,
    sink: Sink,
    severity: Severity | None = None,
) -> None:
    """FC108: what `subject` is cannot be known before the flow runs, and a manifest needs it."""
    part, value = _obstacle(expr, value, decorator, folder)
    span = decorator.module.span(part)
    reason, helps = why_not(value)
    secondary: list[Label] = []
    if isinstance(value, Unknown) and not _inside(value.span, span):
        secondary = [Label(value.span, "this is what is not known")]
    sink.report(
        catalog.NOT_STATIC,
        span,
        f"{subject} is not known before the flow runs: {reason}",
        secondary=secondary,
        helps=[*helps, *_given_outside(decorator, value)],
        severity=severity,
    )


def _given_outside(decorator: DecoratorDecl | ApiCall, value: Value) -> list[str]:
    """How what the environment says gets into a step without standing in the flow."""
    name = decorator.name if isinstance(decorator, DecoratorDecl) else None
    if name not in STEP_DECORATORS or isinstance(value, (ConfigRef, ParamRef)):
        return []
    helps = [f"or leave `@{name}` out and give it to every step by `--with {name}:ATTRIBUTE=VALUE`"]
    if name == "environment":
        helps.append("a secret is better given by name: `@secrets(sources=['NAME'])`")
        helps.append("tasks on this machine have its variables even without `@environment`")
    return helps


def _inside(inner: Span, outer: Span) -> bool:
    return inner.file is outer.file and outer.start <= inner.start <= outer.end


def _obstacle(
    expr: ast.expr, value: Value, decorator: DecoratorDecl | ApiCall, folder: Folder
) -> tuple[ast.expr, Value]:
    """The innermost element of a written-out container that is no constant."""
    while isinstance(value, Shape):
        parts: list[ast.expr] = []
        if isinstance(expr, ast.Dict):
            parts = [*(k for k in expr.keys if k), *expr.values]
        elif isinstance(expr, (ast.List, ast.Tuple, ast.Set)):
            parts = expr.elts
        for part in parts:
            inner = folder.fold(part, decorator.module, decorator.owner)
            if not isinstance(inner, Const):
                expr, value = part, inner
                break
        else:
            break
    return expr, value


def why_not(value: Value) -> tuple[str, list[str]]:
    """Why a value is not static, and the way out."""
    match value:
        case Unknown(reason=reason):
            return reason, [WAY_OUT]
        case EnvRef(name=name):
            reason = f"it is the environment variable `{name}`, which differs from machine to machine"
            return reason, [
                f'write the value out, or configure it: `[tool.flowc.variables]` with `{name} = "…"`'
            ]
        case ConfigRef(name=name):
            reason = f"the configuration `{name}` has no value"
            return reason, [
                f"give one with `--config {name} FILE` or `--config-value {name} JSON`, or a default"
            ]
        case ParamRef(name=name):
            return f"the parameter `{name}` has a value only in a run", [WAY_OUT]
        case Shape(kind="lambda"):
            return "a function would have to be called", [WAY_OUT]
        case Shape(kind=kind):
            return f"the contents of the {kind} are not", [WAY_OUT]
        case Const():
            return "it is computed", [WAY_OUT]
