"""Values that cannot be stored (FC411), and task values outside their place (FC410)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.wording import with_article
from flowc.ir.body import Call, TaskRead, Write
from flowc.ir.values import Shape
from flowc.passes.artifacts.names import events
from flowc.passes.tracing import Definition

if TYPE_CHECKING:
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
_FUNCTIONS = frozenset({"lambda", "function"})


def check_assigned(facts: Facts, sink: Sink) -> None:
    """Report values that no datastore takes, and what is always None where it is read."""
    for step in facts.graph.steps.values():
        _check_stored(facts, step, sink)
        _check_task_reads(facts, step, sink)


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
        f"`self.{name}` is {with_article(kind)} when `{step.name}` ends, {fate}",
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


# --------------------------------------------------------------------------- self.input, self.index
def _check_task_reads(facts: Facts, step: Step, sink: Sink) -> None:
    if facts.is_in_foreach(step.name) or not facts.knows_place(step.name):
        return
    for event in events(step.body):
        if isinstance(event, TaskRead) and event.name not in facts.names.given:
            sink.report(
                catalog.INPUT_OUTSIDE_FOREACH,
                event.span,
                f"`self.{event.name}` is always None in `{step.name}`, which is in no foreach",
                helps=("read it in the steps between a foreach and its join",),
            )
