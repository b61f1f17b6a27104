"""Which values an artifact may have at a place in the flow.

One artifact is followed at a time, and only where a question asks: within a step over all its
paths (`tracing`), then back over the edges that lead to the step, until an assignment is met on
each path. A join is passed only where it merges.

Every answer is an upper bound: what cannot be followed (`setattr`, a decorator of the user, a list
changed in place) is a definition with an `Unknown` value, never a missing one.

Of a step that may be entered in ways that are not known (`FlowGraph.unsettled`), nothing is said but
what it assigns itself: a single `Unknown` value.

Invariant: a place is expanded once for each question, and answers are kept, so that asking of
every step in turn stays near-linear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.values import ParamRef, Unknown
from flowc.passes.tracing import ENTRY, Definition, Tracer, Upstream
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowc.ir.graph import FlowGraph, Step
    from flowc.ir.values import Value
    from flowc.passes.structure.edges import Edges
    from flowc.passes.tracing import Item
    from flowc.source import Span


@dataclass(frozen=True, slots=True)
class Reached:
    """All definitions that may reach a place, in the order found; `missing`: on some path there is none."""

    definitions: tuple[Definition, ...]
    missing: bool


class Reaching:
    """Answers for one graph."""

    __slots__ = ("_above", "_doubted", "_edges", "_given", "_graph", "_tracer")

    def __init__(self, graph: FlowGraph, edges: Edges) -> None:
        self._graph = graph
        self._edges = edges
        self._given = _given(graph)
        self._tracer = Tracer(graph)
        self._above: dict[tuple[str, str, Upstream], Reached] = {}
        unknown = _unknown(graph.span, "a transition before is not known", "")
        self._doubted = Reached((unknown,), missing=False)

    def at_next(self, step: str, name: str, key: str | None = None) -> Reached:
        """What `self.name` may be where the step calls `self.next` (for the arm `key`)."""
        trace = self._tracer.trace(self._graph.steps[step].body, name)
        if trace is None:
            return self._resolve(step, name, (ENTRY,))
        items = trace.at_next.get(key) if key is not None else None
        if items is None:
            items = {item: None for found in trace.at_next.values() for item in found}
        return self._resolve(step, name, items)

    def after(self, step: str, name: str, key: str | None = None) -> Reached:
        """What `self.name` may be for a step that follows `step` by the arm `key`."""
        return self._resolve(step, name, self._leaving(self._graph.steps[step], name, key))

    def left_by(self, step: str, name: str) -> list[Item]:
        """What the step itself leaves in `self.name` when it returns; `Upstream` for what it found."""
        trace = self._tracer.trace(self._graph.steps[step].body, name)
        return [ENTRY] if trace is None else list(dict.fromkeys(item for _, item in trace.at_end))

    # ------------------------------------------------------------------ between steps
    def _leaving(self, step: Step, name: str, key: str | None) -> Iterable[Item]:
        trace = self._tracer.trace(step.body, name)
        items = dict.fromkeys((ENTRY,) if trace is None else trace.ending_with(key))
        catch = step.spec.catch
        if catch is not None:
            if catch.var == name:
                return (_unknown(catch.span, "it is the exception that `@catch` stored, or None", step.name),)
            items |= dict.fromkeys((ENTRY,) if trace is None else trace.anywhere)
            items[ENTRY] = None
        if step.spec.kept:
            kept = step.spec.kept[0]
            items[_unknown(kept.span, f"`@{kept.name}` may assign it", step.name)] = None
        return items

    def _resolve(self, step: str, name: str, items: Iterable[Item]) -> Reached:
        """Replace what comes from above by the definitions above, or by what the class gives."""
        given = self._given.get(name)
        if given is not None and not name.startswith("_"):
            return Reached((given,), missing=False)  # a flow cannot assign it
        found: dict[Definition, None] = {}
        missing = False
        for item in items:
            if isinstance(item, Definition):
                found[item] = None
                continue
            above = self._above.get((step, name, item))
            if above is None:
                above = self._above[step, name, item] = self._climb(step, name, item)
            if above is self._doubted:
                return above
            found |= dict.fromkeys(above.definitions)
            missing = missing or above.missing
        if missing and given is not None:
            found[given] = None
        return Reached(tuple(found), missing and given is None)

    def _climb(self, step: str, name: str, first: Upstream) -> Reached:
        found: dict[Definition, None] = {}
        missing = False
        seen = {(step, first)}
        pending = [(step, first)]
        while pending:
            here, entry = pending.pop()
            known = self._above.get((here, name, entry))
            if here in self._graph.unsettled or known is self._doubted:
                return self._doubted
            if known is not None:
                found |= dict.fromkeys(known.definitions)
                missing = missing or known.missing
                continue
            edges = self._edges.into[here]
            if not edges or (self._graph.steps[here].is_join and not entry.merged):
                missing = True
                continue
            for edge in edges:
                for item in self._leaving(self._graph.steps[edge.source], name, edge.key):
                    if isinstance(item, Definition):
                        found[self._tracer.changed(item, entry.changed)] = None
                        continue
                    above = (edge.source, Upstream(item.merged, item.changed or entry.changed))
                    if above not in seen:
                        seen.add(above)
                        pending.append(above)
        return Reached(tuple(found), missing)


def _given(graph: FlowGraph) -> Mapping[str, Definition]:
    """What every step finds on the flow itself."""
    values: dict[str, Value] = dict(graph.class_attributes)
    values |= {config.attribute: config.value for config in graph.configs.values()}
    values |= {parameter.attribute: ParamRef(parameter.name) for parameter in graph.parameters.values()}
    return {name: Definition(value, None, "") for name, value in values.items()}


def _unknown(span: Span, reason: str, place: str) -> Definition:
    return Definition(Unknown(span, reason), span, place)
