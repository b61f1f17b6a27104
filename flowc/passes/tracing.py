"""How one method treats one artifact: what it may be at each `self.next` and at the end.

A trace follows the method's control-flow graph and the methods it calls. Its items are the
definitions that the method makes, and `Upstream` for what the artifact was before.

Invariant: every trace is an upper bound. What cannot be followed (`setattr`, a list changed in
place, a method that calls itself) gives a definition with an `Unknown` value beside the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flowc.ir.body import Call, Delete, Ending, Escape, Merge, Mutate, Next, Write
from flowc.ir.values import Const, Shape, Unknown
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flowc.ir.body import Event, MethodBody
    from flowc.ir.graph import FlowGraph
    from flowc.ir.values import Value
    from flowc.source import Span

_DEEPEST_CALL = 40  # methods that call methods: deeper ones are not followed


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A value and where it is assigned; `span` is None for parameters and class attributes.

    `place` is the method that assigns it, "" for the class. Compared by identity.
    """

    value: Value
    span: Span | None
    place: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """The value that the method was entered with: of the step before, or of a join's inputs (`merged`).

    `changed` is where the method may have changed it in place.
    """

    merged: bool = False
    changed: Span | None = None


Item: TypeAlias = "Definition | Upstream"
# Items with the key of the `self.next` passed on the way; a dict for its order.
State: TypeAlias = "dict[tuple[str | None, Item], None]"
ENTRY = Upstream()


class Trace:
    """One method and one artifact: what it may be at each `self.next`, at the end, and anywhere.

    `depth` counts the methods around a call of the method.
    """

    __slots__ = ("anywhere", "at_end", "at_next", "body", "depth", "name", "places")

    def __init__(self, body: MethodBody, name: str, depth: int) -> None:
        self.body = body
        self.name = name
        self.depth = depth
        self.at_next: dict[str, dict[Item, None]] = {}
        self.places: dict[str, Span] = {}  # of the calls, by key
        self.at_end: State = {}
        self.anywhere: dict[Item, None] = {}

    def ending_with(self, key: str | None) -> Iterable[Item]:
        """What the artifact is when the method ends after the `self.next` of an arm."""
        keyed = {item: None for passed, item in self.at_end if passed == key}
        return keyed or {item: None for _, item in self.at_end}


class Tracer:
    """Traces of one graph's methods, each made when it is first asked for."""

    __slots__ = ("_changes", "_graph", "_made", "_touched", "_traces")

    def __init__(self, graph: FlowGraph) -> None:
        self._graph = graph
        self._touched: dict[str, _Touched] = {}
        self._traces: dict[tuple[str, str], Trace | None] = {}
        # One definition for each event and for each value changed in place, however often a loop meets it.
        self._made: dict[int, Definition] = {}
        self._changes: dict[Definition, Definition] = {}

    def trace(self, body: MethodBody, name: str, depth: int = 0) -> Trace | None:
        """How a method treats one artifact; None where it leaves it as it is."""
        place = (body.name, name)
        if place not in self._traces:
            if not self._touches(body).may_change(name):
                self._traces[place] = None
            else:
                # A method that calls itself meets this first guess: anything may happen to the artifact.
                self._traces[place] = _opaque(body, name)
                if depth <= _DEEPEST_CALL:
                    self._traces[place] = self._follow(Trace(body, name, depth))
        return self._traces[place]

    def changed(self, definition: Definition, span: Span | None) -> Definition:
        """A definition whose value may have changed in place at `span`; the same one where it cannot change."""
        if span is None or not _changeable(definition.value):
            return definition
        if definition not in self._changes:
            value = Unknown(span, "it may be changed in place")
            self._changes[definition] = Definition(value, definition.span, definition.place)
        return self._changes[definition]

    def _follow(self, trace: Trace) -> Trace:
        blocks = trace.body.blocks
        states: list[State] = [{} for _ in blocks]
        states[0][None, ENTRY] = None
        pending = [0]
        while pending:
            number = pending.pop()
            block = blocks[number]
            state = states[number]
            for event in block.events:
                state = self._after_event(event, state, trace)
            if not block.successors and block.ending is not Ending.RAISE:
                trace.at_end |= state
            for after in block.successors:
                if not state.keys() <= states[after].keys():
                    states[after] |= state
                    pending.append(after)
        return trace

    def _after_event(self, event: Event, state: State, trace: Trace) -> State:
        match event:
            case Write(name=name, value=value, span=span) if name == trace.name:
                written = self._definition(event, value, span, trace)
                state = dict.fromkeys((key, written) for key, _ in state)
            case Mutate(name=name, span=span) if name == trace.name:
                state = dict.fromkeys((key, self._changed_item(item, span)) for key, item in state)
            case Delete(name=name) if name == trace.name:
                state = dict.fromkeys((key, ENTRY) for key, _ in state)
            case Escape(span=span, reason=reason):
                hidden = self._definition(event, Unknown(span, reason), span, trace)
                state = {**state, **dict.fromkeys((key, hidden) for key, _ in state)}
            case Merge():
                state = _merged(event, trace.name, state)
            case Call(method=method):
                state = self._after_call(method, state, trace)
            case Next():
                return _passed(event, state, trace)
            case _:
                return state
        trace.anywhere |= {item: None for _, item in state}
        return state

    def _after_call(self, method: str, state: State, trace: Trace) -> State:
        body = self._methods(method)
        if body is None:
            return state
        called = self.trace(body, trace.name, trace.depth + 1)
        if called is None:
            return state
        return {
            (key, self._composed(before, item)): None for key, before in state for _, item in called.at_end
        }

    def _definition(self, event: Event, value: Value, span: Span, trace: Trace) -> Definition:
        known = self._made.get(id(event))
        if known is None:
            known = self._made[id(event)] = Definition(value, span, trace.body.name)
        return known

    def _composed(self, before: Item, item: Item) -> Item:
        """What a called method leaves of an artifact that was `before` when it was called."""
        if isinstance(item, Definition):
            return item
        if isinstance(before, Definition):
            return self.changed(before, item.changed)
        return Upstream(before.merged or item.merged, before.changed or item.changed)

    def _changed_item(self, item: Item, span: Span) -> Item:
        if isinstance(item, Definition):
            return self.changed(item, span)
        return Upstream(item.merged, item.changed or span)

    def _touches(self, body: MethodBody) -> _Touched:
        """The names that a method or one it calls may change; kept by the method."""
        known = self._touched.get(body.name)
        if known is None:
            known = self._touched[body.name] = _Touched(body, self._methods)
        return known

    def _methods(self, name: str) -> MethodBody | None:
        method = self._graph.methods.get(name)
        if method is None and name in self._graph.steps:
            return self._graph.steps[name].body
        return method


class _Touched:
    """The names that a method, with those it calls, assigns, deletes or changes in place."""

    __slots__ = ("anything", "names")

    def __init__(self, body: MethodBody, methods: Callable[[str], MethodBody | None]) -> None:
        self.names: set[str] = set()
        self.anything = False
        seen = {body.name}
        pending = [body]
        while pending:
            for block in pending.pop().blocks:
                for event in block.events:
                    match event:
                        case Write(name=name) | Mutate(name=name) | Delete(name=name):
                            self.names.add(name)
                        case Escape() | Merge():
                            self.anything = True
                        case Call(method=method):
                            called = methods(method)
                            if called is not None and method not in seen:
                                seen.add(method)
                                pending.append(called)
                        case _:
                            pass

    def may_change(self, name: str) -> bool:
        return self.anything or name in self.names


def _opaque(body: MethodBody, name: str) -> Trace:
    trace = Trace(body, name, 0)
    hidden = Definition(Unknown(body.span, f"`{body.name}` may assign `{name}`"), body.span, body.name)
    trace.at_end = {(None, ENTRY): None, (None, hidden): None}
    return trace


def _changeable(value: Value) -> bool:
    """Whether something is known of a value that a change in place would make wrong."""
    if isinstance(value, Const):
        return isinstance(value.value, list | set | dict)
    return isinstance(value, Shape) and value.length is not None


def _merged(event: Merge, name: str, state: State) -> State:
    """After `merge_artifacts`: what the join had not assigned may come from its inputs."""
    if event.static and not merges(event, name):
        return state
    after: State = {}
    for key, item in state:
        if isinstance(item, Upstream):
            after[key, Upstream(merged=True, changed=item.changed)] = None
            if event.static:
                continue
        after[key, item] = None
    return after


def _passed(event: Next, state: State, trace: Trace) -> State:
    """After a `self.next`, which stands as one event for each arm that it may take."""
    trace.places[event.key] = event.span
    trace.at_next.setdefault(event.key, {}).update((item, None) for _, item in state)
    after = dict.fromkeys((event.key, item) for _, item in state)
    same_call = {entry: None for entry in state if trace.places.get(entry[0] or "") is event.span}
    return same_call | after


def merges(event: Merge, name: str) -> bool:
    """Whether the lists of a `merge_artifacts` let `name` through."""
    if event.include:
        return name in event.include
    return name not in (event.exclude or ())
