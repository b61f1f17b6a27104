"""Read a method's body: syntax to a draft of its control-flow graph, once.

Every statement and every expression goes through a table; what stands in none is read part by
part, in the order of the source.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.body_builder import Builder
from flowc.frontend.body_calls import CALLS
from flowc.frontend.body_expressions import EXPRESSIONS
from flowc.frontend.body_functions import FUNCTIONS
from flowc.frontend.body_loops import LOOPS
from flowc.frontend.body_statements import STATEMENTS
from flowc.frontend.body_try import TRIES
from flowc.frontend.decl import StepDecl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.frontend.body_class import ClassContext
    from flowc.frontend.body_draft import Draft
    from flowc.frontend.decl import MethodDecl
    from flowc.source import Span

_VISITORS = {**STATEMENTS, **TRIES, **LOOPS, **FUNCTIONS, **EXPRESSIONS, **CALLS}


class Reading:
    """What was read of a method.

    `calls` are the methods it calls and where, `outside` the `self.next` calls of functions inside
    it, `shadowed` its artifacts that are called like a step, `tail` a `self.next` that ends the
    method where nothing reaches it (a step that only raises, under `@catch`).
    """

    __slots__ = ("calls", "draft", "has_yield", "outside", "shadowed", "tail")

    def __init__(self, builder: Builder) -> None:
        self.draft: Draft = builder.draft
        self.calls: Mapping[str, Span] = builder.calls
        self.outside = builder.outside
        self.shadowed = builder.shadowed
        self.tail = builder.unreached_tail()
        self.has_yield = builder.names.has_yield

    @property
    def goes_on(self) -> bool:
        """Whether some path calls `self.next`."""
        return next(self.draft.next_calls(), None) is not None


def read_body(context: ClassContext, member: StepDecl | MethodDecl) -> Reading:
    """Read a step or another method of the flow."""
    function = member.function
    builder = Builder(context, member.module, member.owner, function, _VISITORS)
    builder.declare_locals(*_own_names(member))
    builder.run()
    return Reading(builder)


def _own_names(member: StepDecl | MethodDecl) -> tuple[str | None, str | None]:
    """The names of the flow and, in a join, of its inputs."""
    args = member.function.args
    names = [parameter.arg for parameter in (*args.posonlyargs, *args.args)]
    if isinstance(member, StepDecl):  # one that lacks `self` was reported
        return (names or ["self"])[0], names[1] if len(names) == 2 else None
    decorators = {d.id for d in member.function.decorator_list if isinstance(d, ast.Name)}
    if not names or decorators & {"staticmethod", "classmethod"}:
        return None, None
    return names[0], None


def end_after_calls(readings: Mapping[str, Reading]) -> None:
    """End every path at a call of a method that never returns, found for all methods together."""
    callers: dict[str, set[str]] = {}
    for name, reading in readings.items():
        for called in reading.calls:
            callers.setdefault(called, set()).add(name)
    never = {name for name, reading in readings.items() if not reading.draft.can_return()}
    waiting = list(never)
    while waiting:
        for caller in callers.get(waiting.pop(), ()):
            draft = readings[caller].draft
            draft.cut_at_calls(never)
            if caller not in never and not draft.can_return():
                never.add(caller)
                waiting.append(caller)
