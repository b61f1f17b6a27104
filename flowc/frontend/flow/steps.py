"""Judge the steps of a flow as definitions: names, parameters, which is the first and which the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label, Severity
from flowc.diagnostics.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flowc.diagnostics.model import Rule, Sink
    from flowc.frontend.decl import FlowDecl, StepDecl
    from flowc.source import Span

MAYBE_IN_BASE = "it may be in a base class that is not found in the project"

_RESERVED = frozenset({"name", "next", "input", "index", "cmd"})


def check_steps(decl: FlowDecl, sink: Sink) -> None:
    """Report steps whose name or parameters no task can have, and a class without `self.next` (FC110, FC111, FC129)."""
    for step in decl.steps:
        if step.name in _RESERVED:
            sink.report(
                catalog.RESERVED_STEP_NAME,
                step.span,
                f"`{step.name}` cannot be a step: `self.{step.name}` has a meaning of its own in every flow",
                helps=["rename the step"],
            )
        _check_arguments(step, sink)
    for attribute in decl.attributes:
        if attribute.name == "next" and decl.steps:
            sink.report(
                catalog.NAME_CLASH,
                attribute.span,
                f"`{decl.name}` assigns `next`, so that no step can go on by `self.next`",
                helps=["rename the attribute"],
                severity=Severity.ERROR,
            )


def _check_arguments(step: StepDecl, sink: Sink) -> None:
    args = step.function.args
    positional = [*args.posonlyargs, *args.args]
    required = [a for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is None]
    if not positional and args.vararg is None:
        sink.report(
            catalog.STEP_ARGUMENTS,
            step.span,
            f"the step `{step.name}` does not take `self`",
            helps=[f"write `def {step.name}(self):`"],
        )
        return
    surplus = [*positional[2:], *required]
    if surplus:
        sink.report(
            catalog.STEP_ARGUMENTS,
            step.module.span(surplus[0]),
            f"the step `{step.name}` takes `{surplus[0].arg}`, which nothing gives it",
            secondary=[Label(step.span, "a step takes `self`, a join `self` and `inputs`")],
            helps=["pass values from step to step as artifacts: `self.name = value`"],
        )


def check_shadowed(decl: FlowDecl, shadowed: Iterable[tuple[str, Span]], sink: Sink) -> None:
    """Report artifacts called like a step or a method of `FlowSpec`: no later step finds them (FC129)."""
    steps = {step.name: step for step in decl.steps}
    own = {a.name for a in decl.attributes} | {m.name for m in decl.methods}
    for name, span in shadowed:
        if name in own:
            continue  # the class says itself what the name means
        what = "a step" if name in steps else "a method of `FlowSpec`"
        means = "the step" if name in steps else "the method"
        sink.report(
            catalog.NAME_CLASH,
            span,
            f"the artifact `{name}` is called like {what}, and `self.{name}` means {means} in every later one",
            secondary=[Label(steps[name].span, "the step")] if name in steps else (),
            helps=["rename the artifact"],
        )


def find_ends(decl: FlowDecl, goes_on: Callable[[str], bool], sink: Sink) -> tuple[str | None, str | None]:
    """The names of the first and the last step; None for one that was reported missing or doubtful.

    `@step(start=True)` and `@step(end=True)` decide, else the names `start` and `end`. The only
    step of a flow is both, unless it goes on by `self.next`.
    """
    if len(decl.steps) == 1 and not goes_on(decl.steps[0].name):
        return decl.steps[0].name, decl.steps[0].name
    starts = [step for step in decl.steps if step.is_start]
    ends = [step for step in decl.steps if step.is_end]
    last = _only_last(decl, goes_on)
    return (
        _find_end(decl, starts, "start", "first", (catalog.SEVERAL_STARTS, catalog.NO_START), None, sink),
        _find_end(decl, ends, "end", "last", (catalog.SEVERAL_ENDS, catalog.NO_END), last, sink),
    )


def likely_ends(decl: FlowDecl, goes_on: Callable[[str], bool]) -> set[str]:
    """The steps of which each may be meant to be the last, where none or several are."""
    found = {
        step.name for step in decl.steps if (step.is_end or step.name == "end") and not goes_on(step.name)
    }
    last = _only_last(decl, goes_on)
    return found | {last.name} if last else found


def _only_last(decl: FlowDecl, goes_on: Callable[[str], bool]) -> StepDecl | None:
    """The one step of the flow that does not go on by `self.next`."""
    found = [step for step in decl.steps if not goes_on(step.name)]
    return found[0] if len(found) == 1 else None


def _find_end(
    decl: FlowDecl, marked: list[StepDecl], word: str, ordinal: str, rules: tuple[Rule, Rule],
    likely: StepDecl | None, sink: Sink,
) -> str | None:  # fmt: skip
    several, none = rules
    named = next((step for step in decl.steps if step.name == word), None)
    claims = [named, *marked] if named is not None and named not in marked else marked
    if len(claims) == 1:
        return claims[0].name
    if claims:
        sink.report(
            several,
            claims[1].span,
            f"`{claims[1].name}` and `{claims[0].name}` both claim to be the {ordinal} step",
            secondary=[Label(claims[0].span, f"the other {ordinal} step")],
            helps=[
                f"keep one: mark it by `@step({word}=True)`, and let no other step be marked or called `{word}`"
            ],
        )
        return None
    _report_none(decl, word, ordinal, none, likely, sink)
    return None


def _report_none(
    decl: FlowDecl, word: str, ordinal: str, rule: Rule, likely: StepDecl | None, sink: Sink
) -> None:
    if not decl.steps:
        if word == "start":
            sink.report(
                rule,
                decl.span,
                f"the flow `{decl.name}` has no steps",
                helps=["give it methods with `@step`, the first called `start` and the last `end`"],
            )
        return
    meant = nearest(word, [step.name for step in decl.steps])
    sink.report(
        rule,
        decl.span,
        f"the flow `{decl.name}` has no {ordinal} step",
        secondary=[Label(likely.span, "has no `self.next`")] if likely else [],
        notes=[] if decl.complete else [MAYBE_IN_BASE],
        helps=[f"call the {ordinal} step `{word}`, or mark it by `@step({word}=True)`"]
        + ([f"is `{meant}` a misspelt `{word}`?"] if meant else []),
    )
