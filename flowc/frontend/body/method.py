"""Read a method's body: syntax to a draft of its control-flow graph, once.

Every statement and every expression goes through a table; what stands in none is read part by
part, in the order of the source.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.frontend.body.builder import Builder
from flowc.frontend.body.calls import CALLS
from flowc.frontend.body.expressions import EXPRESSIONS
from flowc.frontend.body.functions import FUNCTIONS
from flowc.frontend.body.loops import LOOPS
from flowc.frontend.body.names import SELF, Kind, Ref
from flowc.frontend.body.next import read_next
from flowc.frontend.body.refs import attributes_of
from flowc.frontend.body.statements import STATEMENTS
from flowc.frontend.body.tries import TRIES
from flowc.frontend.decl import StepDecl
from flowc.ir.body import InputRead
from flowc.ir.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.frontend.body.draft import Draft
    from flowc.frontend.body.flow_class import ClassContext
    from flowc.frontend.body.next import NextDecl
    from flowc.frontend.decl import MethodDecl
    from flowc.source import Span

_VISITORS = {**STATEMENTS, **TRIES, **LOOPS, **FUNCTIONS, **EXPRESSIONS, **CALLS}


class Reading:
    """What was read of a method.

    `calls` are the methods it calls and where, `outside` the `self.next` calls of functions inside
    it, `called_steps` the steps it calls like functions, `misspelt` what it calls in place of
    `self.next`, `shadowed` its artifacts that are called like a step, `tail` a `self.next` that ends
    the method where nothing reaches it (a step that only raises, under `@catch`).
    """

    __slots__ = ("called_steps", "calls", "draft", "has_yield", "misspelt", "outside", "shadowed", "tail")

    def __init__(self, builder: Builder) -> None:
        self.draft: Draft = builder.draft
        self.calls: Mapping[str, Span] = builder.calls
        self.outside = builder.outside
        self.called_steps = builder.called_steps
        self.misspelt = builder.misspelt
        self.shadowed = builder.shadowed
        self.tail = _unreached_tail(builder)
        self.has_yield = builder.names.has_yield

    @property
    def goes_on(self) -> bool:
        """Whether some path calls `self.next`."""
        return next(self.draft.next_calls(), None) is not None


def read_body(context: ClassContext, member: StepDecl | MethodDecl) -> Reading:
    """Read a step or another method of the flow."""
    function = member.function
    builder = Builder(context, member.module, member.owner, function, _VISITORS)
    _declare_names(builder, *_own_names(member))
    builder.run()
    if builder.probed:
        _guard_probed(builder)
    return Reading(builder)


def inputs_name(step: StepDecl) -> str | None:
    """What a join calls its inputs; None for a step that is no join.

    Of one that takes more than a step can, which is reported, it is a join if it says so.
    """
    names = _positional(step.function)
    return names[1] if len(names) == 2 or names[1:2] == ["inputs"] else None


def _positional(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args)]


def _own_names(member: StepDecl | MethodDecl) -> tuple[str | None, str | None]:
    """The names of the flow and, in a join, of its inputs."""
    names = _positional(member.function)
    if isinstance(member, StepDecl):  # one that lacks `self` was reported
        return (names or ["self"])[0], inputs_name(member)
    decorators = {d.id for d in member.function.decorator_list if isinstance(d, ast.Name)}
    if not names or decorators & {"staticmethod", "classmethod"}:
        return None, None
    return names[0], None


def _declare_names(b: Builder, self_name: str | None, inputs_name: str | None) -> None:
    """Enter the names of the function: its parameters and what its body binds."""
    b.self_name = self_name or ""
    args = b.function.args
    several = filter(None, (args.vararg, args.kwarg))
    parameters = [p.arg for p in (*args.posonlyargs, *args.args, *args.kwonlyargs, *several)]
    if self_name is not None:
        b.values.update(b.context.values_of(self_name))
    where = b.module.span(b.function.body[0])
    for name in (*b.names.bound, *parameters):
        if name not in b.names.imported or b.module.bindings.get(name):
            b.values[name] = Unknown(where, f"`{name}` is known only when `{b.function.name}` runs")
    b.scopes[0].update(dict.fromkeys(parameters))
    if self_name is not None:
        b.values[self_name] = Unknown(where, f"what `{self_name}` holds is known only when the flow runs")
    for own, ref in ((self_name, SELF), (inputs_name, Ref(Kind.INPUTS))):
        if own is not None:
            b.scopes[0][own] = ref
            b.followed.add(own)


def _guard_probed(b: Builder) -> None:
    """What `hasattr(i, 'x')` asks for may be missing, wherever the method then reads it."""
    for block in b.draft.blocks:
        for at, event in enumerate(block.events):
            if isinstance(event, InputRead) and event.name in b.probed:
                block.events[at] = InputRead(event.branch, event.name, event.span, guarded=True)


def _unreached_tail(b: Builder) -> list[NextDecl]:
    """The ways of a `self.next` that is the last statement, if no path reaches any call of it."""
    last = b.function.body[-1]
    call = last.value if isinstance(last, (ast.Expr, ast.Return)) else None
    if not isinstance(call, ast.Call) or next(b.draft.next_calls(), None) is not None:
        return []
    return read_next(b, call) if attributes_of(b, call.func) == ("next",) else []


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
