"""Code that leaves a step's transition to other code: `self.next` in a method, a step called like a function.

Invariant: of one such slip one thing is said, so that a step whose transition is blamed here is
judged no further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label, Severity
from flowc.frontend.project.places import name_span
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flowc.diagnostics.model import Sink
    from flowc.frontend.body.method import Reading
    from flowc.frontend.decl import MethodDecl, StepDecl
    from flowc.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """What was read of every step and method that runs; `ends` may be the last step."""

    readings: Mapping[str, Reading]
    members: Mapping[str, StepDecl | MethodDecl]
    steps: Mapping[str, StepDecl]
    ends: Collection[str]


def report_outside(bodies: Bodies, sink: Sink) -> set[str]:
    """FC215 and FC220; the names of the steps whose transition is blamed."""
    callers: dict[str, list[str]] = {}
    for name, reading in bodies.readings.items():
        for called in reading.calls:
            callers.setdefault(called, []).append(name)
    blamed: set[str] = set()
    for name, reading in bodies.readings.items():
        calls = [] if name in bodies.steps else _next_calls(reading)
        if not calls and not reading.called_steps:
            continue
        through = {name} if name in bodies.steps else _callers(name, callers) & bodies.steps.keys()
        if through and calls:
            _report_next(bodies, name, through, calls, sink)
            blamed |= through
        for called, span in reading.called_steps if through else ():
            lost = {step for step in through if _is_lost(bodies, step)}
            _report_called(bodies, (name, called, span), lost, sink)
            blamed |= lost
    return blamed


def _next_calls(reading: Reading) -> list[Span]:
    return [*(call.span for call in reading.draft.next_calls()), *reading.outside]


def _is_lost(bodies: Bodies, step: str) -> bool:
    """Whether a step lacks the `self.next` that it needs."""
    return not bodies.readings[step].goes_on and step not in bodies.ends


def _callers(name: str, callers: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for caller in callers.get(waiting.pop(), ()):
            if caller not in found:
                found.add(caller)
                waiting.append(caller)
    return found


def _report_next(
    bodies: Bodies, name: str, through: Collection[str], calls: Iterable[Span], sink: Sink
) -> None:
    """FC215 for each `self.next` in the method `name`, which the steps `through` call, directly or not."""
    member = bodies.members[name]
    first = min(through, key=list(bodies.readings).index)
    for span in calls:
        sink.report(
            catalog.NEXT_OUTSIDE_STEP,
            span,
            f"`self.next` is called in `{name}`, which the step `{first}` calls",
            secondary=[Label(name_span(member.module, member.function), "called by a step")],
            helps=[f"call `self.next` in `{first}` itself: let `{member.name}` return what decides"],
        )


def _report_called(bodies: Bodies, call: tuple[str, str, Span], lost: Collection[str], sink: Sink) -> None:
    """FC220 for a call: who calls, which step, and where. The `lost` steps seem to go on by it."""
    caller, called, span = call
    goes_on = bodies.readings[called].goes_on
    helps = ["give what both do to a method without `@step`, and call that"]
    if lost:
        helps.insert(0, f"to go on to it, write `self.next(self.{called})`")
    sink.report(
        catalog.STEP_CALLED,
        span,
        f"`{caller}` calls the step `{called}` like a function",
        secondary=[Label(bodies.steps[called].span, "the step")],
        notes=[
            f"`{called}` calls `self.next` itself, which a task may do once"
            if goes_on
            else f"it runs inside the task that calls it, and once more as the task of `{called}`"
        ],
        helps=helps,
        severity=None if goes_on or lost else Severity.WARNING,
    )
