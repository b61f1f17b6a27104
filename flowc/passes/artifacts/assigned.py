"""Assignments that fail by themselves (FC409, FC411, FC422), and task values outside their place (FC410)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label, Severity
from flowc.ir.body import Call, TaskRead, Write
from flowc.ir.graph import Finish
from flowc.ir.values import Const, Shape
from flowc.passes.artifacts.names import events
from flowc.passes.tracing import Definition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.diagnostics.model import Sink
    from flowc.ir.body import MethodBody
    from flowc.ir.graph import Step
    from flowc.ir.values import Value
    from flowc.passes.artifacts.facts import Facts

# Kinds of values that `pickle` refuses. A function is refused by no one: it is not stored at all.
_UNSTORABLE = frozenset(
    {
        "database connection", "dict items view", "dict keys view", "dict values view", "executor", "generator",
        "lock", "memoryview", "open file", "process", "process pool", "queue", "socket", "thread",
    }
)  # fmt: skip
_OWN_PROPERTIES = frozenset({"index", "input", "script_name"})
_FUNCTIONS = frozenset({"lambda", "function"})


def check_assigned(facts: Facts, sink: Sink) -> None:
    """Report what is assigned though it cannot be, or cannot be stored."""
    always = _always_run(facts)
    for body, is_called in _reached(facts):
        summary = facts.effects[body.name]
        for number, event, _ in facts.effects.walk(body):
            if isinstance(event, Write):
                certain = body.name in always and summary.always(number) and is_called
                _check_fixed(facts, event, body, sink, certain=certain)
    for step in facts.graph.steps.values():
        _check_stored(facts, step, sink)
        _check_task_reads(facts, step, sink)


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


# --------------------------------------------------------------------------- what a flow cannot assign
def _check_fixed(facts: Facts, event: Write, body: MethodBody, sink: Sink, *, certain: bool) -> None:
    graph = facts.graph
    severity = None if certain and "__setattr__" not in graph.methods else Severity.WARNING
    if event.name == "next" and "next" not in facts.graph.class_attributes:
        _report_next(facts, event, body, sink, certain=certain)
        return
    for word, several in (("parameter", graph.parameters), ("config", graph.configs)):
        declared = next((p for p in several.values() if p.attribute == event.name), None)
        if declared is not None:
            sink.report(
                catalog.PARAMETER_ASSIGNED,
                event.span,
                f"`{body.name}` assigns the {word} `{event.name}`, which no step can change",
                secondary=(Label(declared.span, f"the {word}"),),
                helps=("give the new value a name of its own",),
                severity=severity,
            )
            return
    place = graph.read_only.get(event.name)
    if place is not None or _is_own_property(facts, event.name):
        owner = "`FlowSpec`" if place is None else f"`{graph.name}`"
        sink.report(
            catalog.CLASS_ATTRIBUTE_ASSIGNED,
            event.span,
            f"`{body.name}` assigns `{event.name}`, a property of {owner} that has no setter",
            secondary=(Label(place, "the property"),) if place is not None else (),
            helps=(
                "give the new value a name of its own"
                + (f", or define `@{event.name}.setter`" if place is not None else ""),
            ),
            severity=severity,
        )
        return
    value = graph.class_attributes.get(event.name)
    if value is not None and _is_constant(facts, event.name, value):
        sink.report(
            catalog.CLASS_ATTRIBUTE_ASSIGNED,
            event.span,
            f"`{body.name}` assigns `{event.name}`, an attribute of the class `{graph.name}`, which no step can change",
            helps=("give the new value a name of its own, or remove the attribute from the class",),
            severity=severity if isinstance(value, Const | Shape) else Severity.WARNING,
        )


def _report_next(facts: Facts, event: Write, body: MethodBody, sink: Sink, *, certain: bool) -> None:
    """`self.next = 3`: what the step then calls is the value."""
    step = facts.graph.steps.get(body.name)
    call = step.transition_span if step is not None and not isinstance(step.transition, Finish) else None
    fails = (
        certain
        and call is not None
        and call.file is event.span.file
        and event.span.start < call.start
        and (isinstance(event.value, Const) or _kind(event.value) not in {*_FUNCTIONS, "class", ""})
    )
    sink.report(
        catalog.NAME_CLASH,
        event.span,
        f"`{body.name}` assigns `self.next`"
        + (", and can then go to no other step" if fails else ", by which a step says what comes after it"),
        secondary=(Label(call, "this calls the value"),) if fails and call is not None else (),
        helps=("rename the artifact",),
        severity=Severity.ERROR if fails else None,
    )


def _is_own_property(facts: Facts, name: str) -> bool:
    graph = facts.graph
    return name in _OWN_PROPERTIES and not (name in graph.class_attributes or name in graph.steps)


def _is_constant(facts: Facts, name: str, value: Value) -> bool:
    """Whether a class attribute is fixed: methods, functions and private names are not."""
    if name.startswith("_") or name in facts.graph.methods or name in facts.graph.steps:
        return False
    return not (isinstance(value, Shape) and value.kind in _FUNCTIONS | {"class"})


# --------------------------------------------------------------------------- what cannot be stored
def _check_stored(facts: Facts, step: Step, sink: Sink) -> None:
    """Values that are still there when the step ends, and that no datastore takes."""
    for name in _suspects(facts, step.body):
        ends = facts.reaching.left_by(step.name, name)
        for item in ends:
            if not isinstance(item, Definition) or item.span is None or not isinstance(item.value, Shape):
                continue
            kind = item.value.kind
            if kind in _UNSTORABLE:
                certain = all(isinstance(i, Definition) and _kind(i.value) in _UNSTORABLE for i in ends)
                _report_stored(item, step, name, sink, severity=None if certain else Severity.WARNING)
            elif kind in _FUNCTIONS:
                _report_stored(item, step, name, sink, severity=Severity.WARNING)


def _report_stored(item: Definition, step: Step, name: str, sink: Sink, *, severity: Severity | None) -> None:
    kind = _kind(item.value)
    function = kind in _FUNCTIONS
    fate = "which is not stored" if function else "which cannot be stored"
    helps = {
        "generator": f"make it a list: `self.{name} = list(…)`",
        "lambda": "define a function outside of the class and call it where it is needed",
    }
    sink.report(
        catalog.UNPICKLABLE_ARTIFACT,
        item.span if item.span is not None else step.span,
        f"`self.{name}` is {_article(kind)} {kind} when `{step.name}` ends, {fate}",
        notes=("steps that follow find no such artifact",) if function else (),
        helps=(helps.get(kind, f"keep it in a local name, or `del self.{name}` before the step ends"),),
        severity=severity,
    )


def _suspects(facts: Facts, body: MethodBody) -> list[str]:
    """The names that a step or a helper of it gives such a value."""
    found: dict[str, None] = {}
    seen = {body.name}
    pending = [body]
    for method in pending:
        for event in events(method):
            if isinstance(event, Write) and _kind(event.value) in _UNSTORABLE | _FUNCTIONS:
                found[event.name] = None
            elif isinstance(event, Call) and event.method in facts.graph.methods and event.method not in seen:
                seen.add(event.method)
                pending.append(facts.graph.methods[event.method])
    return list(found)


def _kind(value: Value) -> str:
    return value.kind if isinstance(value, Shape) else ""


def _article(kind: str) -> str:
    return "an" if kind[0] in "aeiou" else "a"


# --------------------------------------------------------------------------- self.input, self.index
def _check_task_reads(facts: Facts, step: Step, sink: Sink) -> None:
    if facts.is_in_foreach(step.name) or not facts.knows_place(step.name):
        return
    for event in events(step.body):
        if isinstance(event, TaskRead):
            sink.report(
                catalog.INPUT_OUTSIDE_FOREACH,
                event.span,
                f"`self.{event.name}` is always None in `{step.name}`, which is in no foreach",
            )
