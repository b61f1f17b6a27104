"""`del self.x` where the step does not hold `x` (FC424).

A step holds what it has assigned, merged or read; what it has not read is still in the datastore
alone, and deleting it raises `AttributeError`, as under Metaflow.

Invariant: a deletion is judged only where nothing before it, on no path, may have brought the artifact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.ir.body import Call, Delete, Escape, Merge, Present, Read, Write
from flowc.passes.artifacts.names import events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Sink
    from flowc.ir.body import Event, MethodBody
    from flowc.passes.artifacts.facts import Facts


def is_not_held(facts: Facts, body: MethodBody, block: int, event: Delete) -> bool:
    """Whether nothing that comes before a deletion in its method may have brought the artifact."""
    own = body.blocks[block].events
    if _brings(facts, own[: own.index(event)], event.name):
        return False
    before = _before(body, block)
    return not any(_brings(facts, body.blocks[number].events, event.name) for number in before)


def report_not_held(event: Delete, step: str, sink: Sink, *, always: bool) -> None:
    """Report a deletion that raises `AttributeError`."""
    sink.report(
        catalog.NOTHING_TO_DELETE,
        event.span,
        f"`{step}` deletes `self.{event.name}`, which it has neither read nor assigned",
        notes=["a step holds an artifact of an earlier step only once it has read it"],
        helps=[f"leave the deletion out, or assign `self.{event.name} = None` to hide it from later steps"],
        severity=None if always else Severity.WARNING,
    )


def _before(body: MethodBody, block: int) -> set[int]:
    """The blocks from which a path leads to `block`, itself among them where it lies in a loop."""
    into: dict[int, list[int]] = {}
    for number, other in enumerate(body.blocks):
        for after in other.successors:
            into.setdefault(after, []).append(number)
    found: set[int] = set()
    pending = [block]
    while pending:
        for number in into.get(pending.pop(), ()):
            if number not in found:
                found.add(number)
                pending.append(number)
    return found


def _brings(facts: Facts, several: Sequence[Event], name: str) -> bool:
    """Whether one of these events, or a helper that they call, may leave the artifact with the step."""
    pending = list(several)
    called: set[str] = set()
    while pending:
        match pending.pop():
            case Read(name=other) | Write(name=other) | Present(name=other) if other == name:
                return True
            case Escape() | Merge():
                return True
            case Call(method=method) if method not in called:
                called.add(method)
                if method not in facts.graph.methods:
                    return True
                pending += events(facts.graph.methods[method])
            case _:
                pass
    return False
