"""A step's transition, from all the `self.next` calls on its paths.

Every path that returns must reach exactly one call. Calls that make the same control output are
one arm; several arms are a choice, which the step's own code (or a switch's condition) decides.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix, Label
from flowc.diagnostics.suggest import nearest
from flowc.diagnostics.wording import shortened
from flowc.frontend.transitions.call import judge
from flowc.frontend.transitions.paths import called_twice, missing_path
from flowc.ir.graph import Arm, Choose, Finish, Foreach, Gang
from flowc.ir.values import Unknown
from flowc.source import Located, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flowc.diagnostics.model import Sink
    from flowc.frontend.body.flow_class import ClassContext
    from flowc.frontend.body.method import Reading
    from flowc.frontend.body.next import NextDecl
    from flowc.frontend.decl import StepDecl
    from flowc.frontend.transitions.call import Judged
    from flowc.frontend.transitions.paths import MissingPath
    from flowc.ir.graph import Simple, Transition

_SHOWN_DECISIONS = 4


class StepTransition(NamedTuple):
    """What a step goes to; `keys` are the arms that each of its calls may take.

    After a report it is not `sound`: a choice of the arms that are sure. `meant`: see `Judged`.
    """

    transition: Transition
    span: Span
    keys: Mapping[NextDecl, tuple[str, ...]]
    sound: bool = True
    meant: tuple[str, ...] = ()


# The key of a `self.next` that takes no arm, as where it leads is not known.
_NO_ARM = "?"


def broken(step: StepDecl) -> StepTransition:
    """The transition of a step of which nothing is sure."""
    return StepTransition(Finish(), step.span, {}, sound=False)


def finish(step: StepDecl, reading: Reading, sink: Sink) -> StepTransition:
    """The transition of the last step, which has none."""
    calls = sorted(reading.draft.next_calls(), key=lambda call: call.span.start)
    for call in calls[:1]:
        sink.report(
            catalog.NEXT_IN_END,
            call.span,
            f"`{step.name}` is the last step, and goes on by `self.next`",
            secondary=[Label(step.span, "the last step")],
            helps=["remove the call, or name another step `end`"],
        )
    return StepTransition(Finish(), step.span, {}, sound=not calls)


def step_transition(step: StepDecl, reading: Reading, context: ClassContext, sink: Sink) -> StepTransition:
    """The transition of any other step."""
    reached = sorted(reading.draft.next_calls(), key=lambda call: call.span.start)
    calls = reached or reading.tail
    judged = {call: judge(step.name, call, context, sink) for call in calls}
    sound = _check_paths(step, reading, bool(reached), context, sink)
    sound = sound and all(found.sound for found in judged.values())
    if not calls:  # where that is sound, it always raises: `check_reachability` reports it
        return StepTransition(Finish(), step.span, {}, sound)
    keys = {call: tuple(arm.key for arm in found.arms) or (_NO_ARM,) for call, found in judged.items()}
    meant = tuple(name for found in judged.values() for name in found.meant)
    transition = combine(judged.values()) if sound else _sure_of(judged.values())
    return StepTransition(transition, calls[0].span, keys, sound, meant)


def combine(judged: Collection[Judged]) -> Transition:
    """One transition of all calls: arms with the same key are the same arm."""
    conditions = {found.condition.value if found.condition else None for found in judged}
    condition = next(iter(judged)).condition if len(conditions) == 1 else None
    arms = _arms(judged)
    if len(arms) == 1:
        return next(iter(arms.values())).then
    chosen = arms.values() if condition else [_without_cases(arm) for arm in arms.values()]
    return Choose(tuple(chosen), condition)


def _sure_of(judged: Iterable[Judged]) -> Transition:
    """What a step with a fault goes to among others: a choice, though it may have only one arm."""
    arms = tuple(_without_cases(arm) for arm in _arms(judged).values())
    return Choose(arms) if arms else Finish()


def _arms(judged: Iterable[Judged]) -> dict[str, Arm]:
    arms: dict[str, Arm] = {}
    for found in judged:
        for arm in found.arms:
            arms[arm.key] = _merged(arms[arm.key], arm) if arm.key in arms else arm
    return arms


def _without_cases(arm: Arm) -> Arm:
    return Arm(key=arm.key, then=arm.then, spans=arm.spans) if arm.cases else arm


def _merged(left: Arm, right: Arm) -> Arm:
    cases = {case.value: case for case in (*left.cases, *right.cases)}
    return Arm(
        key=left.key,
        then=_same(left.then, right.then),
        cases=tuple(cases.values()),
        spans=tuple(dict.fromkeys(left.spans + right.spans)),
    )


def _same(left: Simple, right: Simple) -> Simple:
    """Two transitions with one key: the items of both, the size only if they agree."""
    match left, right:
        case Foreach(), Foreach():
            items = {item.value: item for item in (*right.items, *left.items)}
            return Foreach(left.target, tuple(items.values()) if left.items and right.items else ())
        case Gang(), Gang() if left.size.value != right.size.value:
            return Gang(
                left.target,
                Located(Unknown(right.size.span, "two places of the step give two sizes"), left.size.span),
            )
        case _:
            return left


# --------------------------------------------------------------------------- paths
def _check_paths(
    step: StepDecl, reading: Reading, has_calls: bool, context: ClassContext, sink: Sink
) -> bool:
    if reading.has_yield:
        sink.report(
            catalog.NOT_A_STEP_METHOD,
            step.span,
            f"the step `{step.name}` has a `yield`, so that calling it runs none of its code",
            helps=["move the generator to a function, and call that"],
        )
        return False
    if _reports_outside(reading, sink):
        return False
    _report_misspelt(step, reading, sink)
    missing = missing_path(reading.draft)
    if missing is not None:
        _report_missing(step, missing, has_calls, context, sink)
    pairs = called_twice(reading.draft)
    for first, second in pairs:
        _report_twice(step, first, second, sink)
    return missing is None and not pairs and not reading.misspelt


def _report_misspelt(step: StepDecl, reading: Reading, sink: Sink) -> None:
    for span in reading.misspelt:
        name = Span(span.file, span.start + span.text.rindex(".") + 1, span.end)
        sink.report(
            catalog.MISSING_NEXT,
            span,
            f"`{step.name}` goes on by `{span.text}`, which no flow has",
            helps=["did you mean `self.next`?"],
            fix=Fix("write `next`", (Edit(name, "next"),)),
        )


def _reports_outside(reading: Reading, sink: Sink) -> bool:
    for span in reading.outside:
        sink.report(
            catalog.NEXT_OUTSIDE_STEP,
            span,
            "`self.next` is called in a function defined inside the step",
            helps=["return a value from the function, and call `self.next` in the step's own body"],
        )
    return bool(reading.outside)


def _report_missing(
    step: StepDecl, path: MissingPath, has_calls: bool, context: ClassContext, sink: Sink
) -> None:
    if not has_calls:
        _report_absent(step, path, context, sink)
        return
    shown = path.decisions[-_SHOWN_DECISIONS:]
    lines = [f"line {d.span.line}: `{_one_line(d.span)}` {d.text}" for d in shown]
    where = "at this `return`" if path.returns is not None else "at the end of the method"
    sink.report(
        catalog.MISSING_NEXT,
        path.returns or step.span,
        f"`{step.name}` can end without `self.next`"
        + (f", when `{_one_line(shown[-1].span)}` {shown[-1].text}" if shown else ""),
        secondary=[Label(d.span, f"when it {d.text}") for d in shown],
        notes=[f"the path: {'; '.join([*lines, where])}"] if lines else [f"it returns {where}"],
        helps=["call `self.next` on this path too, or end it by an exception"],
    )


def _report_absent(step: StepDecl, path: MissingPath, context: ClassContext, sink: Sink) -> None:
    misspelt = _misspelt_call(step)
    if misspelt is not None:
        helps = [f"did you mean `self.next` in line {step.module.span(misspelt).line}?"]
    else:
        names = list(context.steps)
        following = names[names.index(step.name) + 1 :] or ["end"]
        helps = [f"end it with `self.next(self.{following[0]})`; only the last step has no `self.next`"]
    sink.report(
        catalog.MISSING_NEXT,
        path.returns or step.span,
        f"the step `{step.name}` has no `self.next`",
        helps=helps,
    )


def _misspelt_call(step: StepDecl) -> ast.expr | None:
    for node in ast.walk(step.function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(), attr=attr) as func) if nearest(
                attr, ("next",)
            ):
                return func
            case ast.Call(func=ast.Name(id="next") as func, args=[ast.Attribute(value=ast.Name())]):
                return func
    return None


def _report_twice(step: StepDecl, first: NextDecl, second: NextDecl, sink: Sink) -> None:
    if first.span == second.span:
        sink.report(
            catalog.SEVERAL_NEXT,
            second.span,
            f"`{step.name}` may call `self.next` again in the next round of a loop",
            helps=["leave the loop after the call, by `break` or `return`"],
        )
        return
    sink.report(
        catalog.SEVERAL_NEXT,
        second.span,
        f"`{step.name}` calls `self.next` twice on one path",
        secondary=[Label(first.span, "called before")],
        helps=["return after the first call, or put the second into the other branch"],
    )


def _one_line(span: Span) -> str:
    return shortened(" ".join(span.text.split()), 50)
