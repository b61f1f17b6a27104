"""A flow written as text, resolved: its transitions, its methods' bodies and its faults, as text again.

A body is one line a block, `0: write n=10; read x -> 1 2`; what follows `->` are the blocks that
may come next, or how the method ends. `?` marks a guarded read, `*` a value that is not known.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics.model import Sink
from flowc.frontend.declare import declare
from flowc.frontend.folding.constants import Folder
from flowc.frontend.resolve import resolve
from flowc.ir.body import (
    Call,
    Delete,
    Ending,
    Escape,
    InputRead,
    Merge,
    Mutate,
    Next,
    Present,
    Read,
    TaskRead,
    Write,
)
from flowc.ir.graph import Choose, Finish, Foreach, Fork, Gang, Goto
from flowc.ir.values import Const
from flowc.target.settings import Settings
from tests.declaring import described, entry_of, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.diagnostics.model import Diagnostic
    from flowc.ir.body import Event, MethodBody
    from flowc.ir.graph import FlowGraph, Transition
    from flowc.ir.values import Value


class Resolved(NamedTuple):
    """What became of a source; `faults` are `line:column code message`."""

    graph: FlowGraph | None
    diagnostics: list[Diagnostic]

    @property
    def faults(self) -> list[str]:
        return described(self.diagnostics)

    def transitions(self) -> str:
        """One line a step, in the order of their definition."""
        assert self.graph is not None, self.faults
        return "\n".join(f"{s.name}: {show_transition(s.transition)}" for s in self.graph.steps.values())

    def body(self, name: str = "start") -> str:
        """The body of a step or of another method."""
        assert self.graph is not None, self.faults
        step = self.graph.steps.get(name)
        return show_body(step.body if step else self.graph.methods[name])


def resolved(source: str, files: Mapping[str, str] | None = None, flow: str | None = None) -> Resolved:
    sink = Sink()
    project = written(source, files, sink)
    entry_of(project)
    decl = declare(project, flow, sink)
    graph = resolve(decl, Folder(project), Settings(), sink) if decl else None
    return Resolved(graph, list(sink))


def start_with(body: str, *steps: str, head: str = "", members: str = "") -> str:
    """A flow whose step `start` has this body; `steps` are steps that go on to `end`, a join by `name(inputs)`."""
    lines = ["from flowc import *", *head.splitlines(), "class F(FlowSpec):"]
    lines += textwrap.indent(textwrap.dedent(members), "    ").splitlines()
    lines += [
        "    @step",
        "    def start(self):",
        *textwrap.indent(textwrap.dedent(body), "        ").splitlines(),
    ]
    for step in steps:
        name, _, rest = step.partition("(")
        parameter = f", {rest.rstrip(')')}" if rest else ""
        lines += ["    @step", f"    def {name}(self{parameter}):", "        self.next(self.end)"]
    lines += ["    @step", "    def end(self): pass"]
    return "\n".join(lines) + "\n"


def show_transition(transition: Transition) -> str:
    match transition:
        case Goto(target=target):
            return target.value
        case Fork(targets=targets):
            return " + ".join(t.value for t in targets)
        case Foreach(target=target, items=items):
            return f"{target.value} for each of {', '.join(i.value for i in items) or '*'}"
        case Gang(target=target, size=size):
            return f"{target.value} × {show_value(size.value)}"
        case Choose(arms=arms, condition=condition):
            cases = (
                f"{','.join(repr(c.value) for c in a.cases) or a.key} → {show_transition(a.then)}"
                for a in arms
            )
            return f"{condition.value if condition else 'if'}: {'; '.join(cases)}"
        case Finish():
            return "(end)"


def show_body(body: MethodBody) -> str:
    lines = []
    for number, block in enumerate(body.blocks):
        following = (
            " ".join(map(str, block.successors)) if block.ending is Ending.FLOW else block.ending.value
        )
        events = "; ".join(show_event(event) for event in block.events)
        lines.append(f"{number}: {events}{' ' if events else ''}-> {following}")
    return "\n".join(lines)


def show_event(event: Event) -> str:
    match event:
        case Read(name=name, guarded=guarded):
            return f"read {name}{'?' * guarded}"
        case Write(name=name, value=value):
            return f"write {name}={show_value(value)}"
        case Delete(name=name):
            return f"delete {name}"
        case Present(name=name):
            return f"present {name}"
        case Mutate(name=name):
            return f"mutate {name}"
        case Call(method=method):
            return f"call {method}"
        case InputRead(branch=branch, name=name, guarded=guarded):
            return f"input {'*' if branch is None else branch}{f'.{name}' if name else ''}{'?' * guarded}"
        case Merge(include=include, exclude=exclude, static=static):
            return f"merge include={include} exclude={exclude}{'' if static else ' *'}"
        case TaskRead(name=name):
            return f"task {name}"
        case Escape(reason=reason):
            return f"escape ({reason})"
        case Next(key=key):
            return f"next {key}"


def show_value(value: Value) -> str:
    match value:
        case Const(value=constant):
            return repr(constant)
        case _ if type(value).__name__ == "Unknown":
            return "*"
        case _:
            return repr(value)
