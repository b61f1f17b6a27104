"""Assignments and deletions of what no step can change (FC409, FC422), and of `self.next` (FC129).

Invariant: an error is only what every execution of the step that returns normally would meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label, Severity
from flowc.ir.body import Call, Delete, Write
from flowc.ir.graph import Finish
from flowc.ir.values import Const, Shape
from flowc.passes.artifacts.names import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.diagnostics.model import Rule, Sink
    from flowc.ir.body import MethodBody
    from flowc.ir.values import Value
    from flowc.passes.artifacts.facts import Facts
    from flowc.source import Span

_OWN_PROPERTIES = frozenset({"index", "input", "script_name"})
_CALLED = frozenset({"lambda", "function", "class"})  # kinds of values that `self.next(…)` may call


def check_fixed(facts: Facts, sink: Sink) -> None:
    """Report what is assigned or deleted though it cannot be."""
    always = _always_run(facts)
    for body, is_called in _reached(facts):
        summary = facts.effects[body.name]
        for number, event, _ in facts.effects.walk(body):
            certain = body.name in always and summary.always(number) and is_called
            if (
                isinstance(event, Write)
                and event.name == "next"
                and "next" not in facts.graph.class_attributes
            ):
                _report_next(facts, event, body, sink, certain=certain)
            elif isinstance(event, Write) or (isinstance(event, Delete) and not event.guarded):
                _check(facts, event, body, sink, certain=certain)


def _reached(facts: Facts) -> Iterator[tuple[MethodBody, bool]]:
    """Every method, steps first, and whether anything calls it."""
    called = {
        event.method
        for body in (*(s.body for s in facts.graph.steps.values()), *facts.graph.methods.values())
        for event in events(body)
        if isinstance(event, Call)
    }
    for step in facts.graph.steps.values():
        yield step.body, True
    for name, body in facts.graph.methods.items():
        yield body, name in called


def _always_run(facts: Facts) -> set[str]:
    """The steps, and the helpers that some step runs in every execution that returns normally."""
    found = set(facts.graph.steps)
    pending = [step.body for step in facts.graph.steps.values()]
    while pending:
        body = pending.pop()
        summary = facts.effects[body.name]
        for number, block in enumerate(body.blocks):
            for event in block.events if summary.always(number) else ():
                if (
                    isinstance(event, Call)
                    and event.method in facts.graph.methods
                    and event.method not in found
                ):
                    found.add(event.method)
                    pending.append(facts.graph.methods[event.method])
    return found


def _check(facts: Facts, event: Write | Delete, body: MethodBody, sink: Sink, *, certain: bool) -> None:
    fixed = _declared(facts, event.name) or _property(facts, event) or _constant(facts, event.name)
    if fixed is None:
        return
    overridden = "__setattr__" in facts.graph.methods  # the flow decides itself what it takes
    assigns = isinstance(event, Write)
    sink.report(
        fixed.rule,
        event.span,
        f"`{body.name}` {'assigns' if assigns else 'deletes'} {fixed.what}",
        secondary=(fixed.place,) if fixed.place is not None else (),
        helps=(fixed.remedy if assigns else "leave the deletion out",),
        severity=None if certain and fixed.sure and not overridden else Severity.WARNING,
    )


class _Fixed(NamedTuple):
    """Something that no step can change; `sure` unless it may be an object that takes assignments."""

    rule: Rule
    what: str
    remedy: str
    place: Label | None = None
    sure: bool = True


def _declared(facts: Facts, name: str) -> _Fixed | None:
    graph = facts.graph
    for word, several in (("parameter", graph.parameters), ("config", graph.configs)):
        for declared in several.values():
            if declared.attribute == name:
                return _Fixed(
                    catalog.PARAMETER_ASSIGNED,
                    f"the {word} `{name}`, which no step can change",
                    "give the new value a name of its own",
                    Label(declared.span, f"the {word}"),
                )
    return None


def _property(facts: Facts, event: Write | Delete) -> _Fixed | None:
    graph, name = facts.graph, event.name
    place = graph.read_only.get(name)
    own = name in _OWN_PROPERTIES and name not in graph.class_attributes and name not in graph.steps
    if place is None and not own:
        return None
    return _Fixed(
        catalog.CLASS_ATTRIBUTE_ASSIGNED,
        f"`{name}`, a property of `{'FlowSpec' if own else graph.name}` that has no setter",
        "give the new value a name of its own" + ("" if own else f", or define `@{name}.setter`"),
        None if place is None else Label(place, "the property"),
    )


def _constant(facts: Facts, name: str) -> _Fixed | None:
    """Methods, functions and private names are none."""
    graph = facts.graph
    value = graph.class_attributes.get(name)
    if value is None or name.startswith("_") or name in graph.methods or name in graph.steps:
        return None
    if isinstance(value, Shape) and value.kind in _CALLED:
        return None
    return _Fixed(
        catalog.CLASS_ATTRIBUTE_ASSIGNED,
        f"`{name}`, an attribute of the class `{graph.name}`, which no step can change",
        "give the new value a name of its own, or remove the attribute from the class",
        sure=isinstance(value, Const | Shape),
    )


def _report_next(facts: Facts, event: Write, body: MethodBody, sink: Sink, *, certain: bool) -> None:
    """`self.next = 3`: what the step then calls is the value."""
    call = _call_after(facts, event, body) if certain and _is_no_function(event.value) else None
    message = f"`{body.name}` assigns `self.next`"
    if call is None:
        message += ", by which a step says what comes after it"
    else:
        message += ", and can then go to no other step"
    sink.report(
        catalog.NAME_CLASH,
        event.span,
        message,
        secondary=() if call is None else (Label(call, "this calls the value"),),
        helps=("rename the artifact",),
        severity=None if call is None else Severity.ERROR,
    )


def _call_after(facts: Facts, event: Write, body: MethodBody) -> Span | None:
    """The `self.next(…)` that follows in the text of a step."""
    step = facts.graph.steps.get(body.name)
    if step is None or isinstance(step.transition, Finish):
        return None
    call = step.transition_span
    return call if call.file is event.span.file and event.span.start < call.start else None


def _is_no_function(value: Value) -> bool:
    return isinstance(value, Const) or (isinstance(value, Shape) and value.kind not in _CALLED)
