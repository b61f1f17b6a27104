"""Which decorator may stand where: on a step, above `@step`, on the flow, on no other method.

Each function reports what is misplaced and gives back what remains, so that no later stage judges
a decorator where it cannot be.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix
from flowc.diagnostics.suggest import did_you_mean
from flowc.frontend.decl import Origin
from flowc.frontend.project.api_names import FLOW_DECORATOR_NAMES, STEP_DECORATOR_NAMES

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl
    from flowc.source import Span


def of_class(decorators: list[DecoratorDecl], sink: Sink) -> list[DecoratorDecl]:
    """Refuse step decorators on a flow."""
    kept = []
    for decorator in decorators:
        if not _is_step_decorator(decorator):
            kept.append(decorator)
        elif decorator.name == "step":
            report_not_a_method(decorator.span, "step", "a class", sink, used=True)
        else:
            sink.report(
                catalog.DECORATOR_MISPLACED,
                decorator.span,
                f"`@{decorator.name}` is a step decorator, and stands on the flow",
                helps=["put it above `@step` of each step that needs it"],
            )
    return kept


def of_step(name: str, decorators: list[DecoratorDecl], at: int, sink: Sink) -> list[DecoratorDecl]:
    """Refuse flow decorators on a step and step decorators below its `@step`, which is number `at`."""
    kept = []
    fix = _reordered(decorators[at:])
    for i, decorator in enumerate(decorators):
        if i == at:
            continue
        if _is_flow_decorator(decorator):
            _report_on_step(name, decorator, sink)
            continue
        if i > at and _is_step_decorator(decorator):
            sink.report(
                catalog.DECORATOR_ORDER,
                decorator.span,
                f"`@{decorator.name}` stands below `@step` of `{name}`",
                helps=["move `@step` to the last line above the `def`"],
                fix=fix,
            )
            fix = None  # one for all of them
        kept.append(decorator)
    return kept


def _reordered(decorators: list[DecoratorDecl]) -> Fix | None:
    """Put the step decorators that follow `@step`, the first of these, above it; others stay below."""
    step, *below = decorators
    above = [decorator for decorator in below if _is_step_decorator(decorator)]
    if not above:
        return None
    order = [*above, step, *(decorator for decorator in below if decorator not in above)]
    moved = zip(decorators, order, strict=True)
    edits = tuple(Edit(old.whole, new.whole.text) for old, new in moved if old is not new)
    return Fix("Move `@step` below the other decorators of steps", edits)


def of_method(name: str, decorators: list[DecoratorDecl], sink: Sink) -> None:
    """Refuse step and flow decorators on a method that is no step."""
    for decorator in decorators:
        if _is_flow_decorator(decorator):
            _report_on_step(name, decorator, sink)
        elif _is_step_decorator(decorator):
            sink.report(
                catalog.DECORATOR_WITHOUT_STEP,
                decorator.span,
                f"`@{decorator.name}` is on `{name}`, which is no step",
                helps=[f"add `@step` below it, or remove `@{decorator.name}`"],
            )


def report_kind(
    node: ast.FunctionDef | ast.AsyncFunctionDef, decorators: list[DecoratorDecl], span: Span, sink: Sink
) -> None:
    """Refuse `@step` on what is no plain method."""
    if isinstance(node, ast.AsyncFunctionDef):
        report_not_a_method(span, node.name, "an `async def`", sink)
    for decorator in decorators:
        if decorator.name in ("staticmethod", "classmethod", "property"):
            report_not_a_method(span, node.name, f"a `{decorator.name}`", sink)


def report_not_a_method(span: Span, name: str, what: str, sink: Sink, *, used: bool = False) -> None:
    """FC112 at `span`: `name` is `what`, which no task can run."""
    message = f"`@step` is on {what}" if used else f"the step `{name}` is {what}, which cannot be a step"
    sink.report(
        catalog.NOT_A_STEP_METHOD,
        span,
        message,
        helps=["a step is a plain method: `@step` above `def name(self):`"],
    )


def step_arguments(decorator: DecoratorDecl, sink: Sink) -> dict[str, bool]:
    """What `@step(start=True, end=True)` says."""
    claims: dict[str, bool] = {}
    for keyword in decorator.keywords:
        if keyword.arg in ("start", "end"):
            claims[keyword.arg] = isinstance(keyword.value, ast.Constant) and bool(keyword.value.value)
        elif keyword.arg is not None:
            sink.report(
                catalog.UNKNOWN_ATTRIBUTE,
                decorator.module.span(keyword),
                f"`@step` has no attribute `{keyword.arg}`",
                notes=["its attributes: `start`, `end`"],
                helps=did_you_mean(keyword.arg, ("start", "end")),
            )
    return claims


def _report_on_step(name: str, decorator: DecoratorDecl, sink: Sink) -> None:
    sink.report(
        catalog.DECORATOR_MISPLACED,
        decorator.span,
        f"`@{decorator.name}` is a flow decorator, and stands on the method `{name}`",
        helps=["put it above the class"],
    )


def _is_step_decorator(decorator: DecoratorDecl) -> bool:
    return decorator.origin is Origin.API and decorator.name in STEP_DECORATOR_NAMES


def _is_flow_decorator(decorator: DecoratorDecl) -> bool:
    return decorator.origin is Origin.API and decorator.name in FLOW_DECORATOR_NAMES
