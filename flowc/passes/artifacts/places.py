"""Where an artifact is assigned, where it is lost, and a path on which it is missing: for messages.

Nothing here decides whether something is a fault; it is asked only where one was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.body import Call, Delete, Read, Write
from flowc.passes.artifacts.names import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.ir.body import Event, MethodBody
    from flowc.passes.artifacts.facts import Facts, Firsts
    from flowc.passes.structure.edges import Edge
    from flowc.source import Span

_MANY = 4  # places named in a message before it says "and more"


def listed(places: dict[str, Span], reader: Span) -> str:
    """Steps with their places, for a reader of the file of `reader`: "`a` (line 3), `b` (base.py:9)"."""
    texts = []
    for name, span in list(places.items())[:_MANY]:
        place = f"line {span.line}" if span.file is reader.file else f"{span.file.path}:{span.line}"
        texts.append(f"`{name}` ({place})")
    more = len(places) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")


def assigned_in(facts: Facts, step: str, name: str) -> Span | None:
    """The first assignment of `self.name` in a step or a method that it calls."""
    return _first(facts, facts.graph.steps[step].body, (Write,), name)


def deleted_in(facts: Facts, step: str, name: str) -> Span | None:
    """The first `del self.name` in a step or a method that it calls."""
    return _first(facts, facts.graph.steps[step].body, (Delete,), name)


def read_in(facts: Facts, method: str, name: str) -> Span | None:
    """Where a method, or one that it calls, reads `self.name`."""
    body = facts.graph.methods.get(method)
    if body is None:
        return None
    return _first(facts, body, (Read, Delete), name)


def writers_before(facts: Facts, step: str, name: str) -> dict[str, Span]:
    """The steps from which a path leads to `step` and that assign `self.name`, with the places."""
    found: dict[str, Span] = {}
    seen = {step}
    pending = [step]
    while pending:
        for edge in facts.edges.into[pending.pop()]:
            if edge.source in seen:
                continue
            seen.add(edge.source)
            span = assigned_in(facts, edge.source, name)
            if span is not None:
                found[edge.source] = span
            pending.append(edge.source)
    return _in_source_order(found)


def writers_anywhere(facts: Facts, name: str) -> dict[str, Span]:
    """All steps that assign `self.name`, with the places."""
    places = {step: assigned_in(facts, step, name) for step in facts.graph.steps}
    return {step: span for step, span in places.items() if span is not None}


def known_to(facts: Facts, step: str) -> list[str]:
    """The names that `step` may have meant: what steps since the last join, helpers and it assign, in order."""
    found: dict[str, None] = {}
    for source in (step, *_backwards(facts, step, lambda edge: edge.target not in facts.flow.arms)):
        found.update(dict.fromkeys(_assigned(facts, facts.graph.steps[source].body)))
    return list(found)


def deleter_before(facts: Facts, step: str, name: str) -> Span | None:
    """Where the nearest step before `step` deletes `self.name`."""
    for source in _backwards(facts, step, lambda _: True):
        span = deleted_in(facts, source, name)
        if span is not None:
            return span
    return None


def losing_join(facts: Facts, step: str, bit: int) -> str | None:
    """The nearest join before `step`, or `step` itself, whose inputs have the name and that drops it."""
    if step in facts.flow.arms and facts.flow.arms[step].may & bit:
        return step
    for source in _backwards(facts, step, lambda edge: not _has(facts, edge, bit)):
        arms = facts.flow.arms.get(source)
        if arms is not None and arms.may & bit:
            return source
    return None


def path_without(facts: Facts, step: str, bit: int) -> list[str]:
    """The steps of a shortest path to `step` on which nothing assigns the name, from where it begins."""
    after: dict[str, str] = {}
    pending = [step]
    for here in pending:
        if here != step and (here in facts.flow.arms or not facts.edges.into[here]):
            return _path(after, here, step)
        for edge in facts.edges.into[here]:
            if edge.source not in after and edge.source != step and _may_lack(facts, edge, bit):
                after[edge.source] = here
                pending.append(edge.source)
    return []


def _path(after: dict[str, str], first: str, last: str) -> list[str]:
    path = [first]
    while path[-1] != last:
        path.append(after[path[-1]])
    return path


def _may_lack(facts: Facts, edge: Edge, bit: int) -> bool:
    state = facts.flow.along(edge)
    return state is not None and not state.must & bit


def _has(facts: Facts, edge: Edge, bit: int) -> bool:
    state = facts.flow.along(edge)
    return state is not None and bool(state.must & bit)


def _backwards(facts: Facts, step: str, follow: Callable[[Edge], bool]) -> Iterator[str]:
    """The steps before `step`, nearest first, along the edges to be followed."""
    seen = {step}
    pending = [step]
    for here in pending:
        for edge in facts.edges.into[here]:
            if edge.source not in seen and follow(edge):
                seen.add(edge.source)
                pending.append(edge.source)
                yield edge.source


def _assigned(facts: Facts, body: MethodBody) -> Iterator[str]:
    for spans in _with_called(facts, body):
        yield from (name for kind, name in spans if kind is Write)


def _first(facts: Facts, body: MethodBody, kinds: tuple[type[Event], ...], name: str) -> Span | None:
    """The first event of some kinds with `name` in a method or those it calls."""
    for spans in _with_called(facts, body):
        found = [span for kind in kinds if (span := spans.get((kind, name))) is not None]
        if found:
            return min(found, key=lambda span: span.start)
    return None


def _with_called(facts: Facts, body: MethodBody) -> Iterator[dict[tuple[type[Event], str], Span]]:
    """The first events of a method, then those of each method that it calls, directly or not."""
    seen = {body.name}
    pending = [body]
    for method in pending:
        if method.name not in facts.firsts:
            facts.firsts[method.name] = _firsts(method)
        spans, calls = facts.firsts[method.name]
        yield spans
        for called in calls:
            body_called = facts.graph.methods.get(called)
            if called not in seen and body_called is not None:
                seen.add(called)
                pending.append(body_called)


def _firsts(body: MethodBody) -> Firsts:
    spans: dict[tuple[type[Event], str], Span] = {}
    calls: dict[str, None] = {}
    for event in events(body):
        if isinstance(event, Call):
            calls[event.method] = None
        elif isinstance(event, Write | Read | Delete):
            spans.setdefault((type(event), event.name), event.span)
    return spans, tuple(calls)


def _in_source_order(places: dict[str, Span]) -> dict[str, Span]:
    return dict(sorted(places.items(), key=lambda found: (found[1].file.path, found[1].start)))
