"""Which ways through a step reach `self.next` never, or twice.

A path that only exists if a constant of the module had another value is left alone, and so is what
happens when a `try` catches something after `self.next`: neither is a fault of the code as written.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from flowc.frontend.body.draft import Via
from flowc.frontend.body.next import NextDecl
from flowc.ir.body import Ending
from flowc.records import dataclass

if TYPE_CHECKING:
    from flowc.frontend.body.draft import Block, Decision, Draft
    from flowc.source import Span


@dataclass(frozen=True, slots=True)
class MissingPath:
    """A way to return without `self.next`: the decisions that lead there, and the `return` taken (None: the end)."""

    decisions: list[Decision]
    returns: Span | None


def missing_path(draft: Draft) -> MissingPath | None:
    """The shortest such path, without an exception if possible."""
    for vias in ((Via.PLAIN,), (Via.PLAIN, Via.RAISED)):
        parents = _search(draft, vias)
        for number in parents:
            if _ends_without(draft.blocks[number]):
                return MissingPath(_decisions(draft, parents, number), draft.returns.get(number))
    return None


def _search(draft: Draft, vias: tuple[Via, ...]) -> dict[int, tuple[int, Decision | None] | None]:
    """The blocks reached before any `self.next`, nearest first, and from where each was reached."""
    parents: dict[int, tuple[int, Decision | None] | None] = {0: None}
    waiting = deque([0])
    while waiting:
        number = waiting.popleft()
        block = draft.blocks[number]
        if _calls_next(block):
            continue
        for target, decision, via in block.edges:
            if via in vias and target not in parents:
                parents[target] = (number, decision)
                waiting.append(target)
    return parents


def _decisions(
    draft: Draft, parents: dict[int, tuple[int, Decision | None] | None], end: int
) -> list[Decision]:
    """The decisions of a path that matter, or its last one: where another way would have met `self.next`."""
    open_ends = _may_miss(draft)
    found: list[Decision] = []
    last: Decision | None = None
    step = parents[end]
    while step is not None:
        before, decision = step
        if decision is not None:
            last = last or decision
            if any(target not in open_ends for target, _, _ in draft.blocks[before].edges):
                found.append(decision)
        step = parents[before]
    return found[::-1] or ([last] if last else [])


def _may_miss(draft: Draft) -> set[int]:
    """Blocks from which the method can still return without `self.next`."""
    sources: dict[int, list[int]] = {}
    for number, block in enumerate(draft.blocks):
        for target, _, via in block.edges:
            if via is not Via.CONTRADICTED:
                sources.setdefault(target, []).append(number)
    found = {number for number, block in enumerate(draft.blocks) if _ends_without(block)}
    waiting = list(found)
    while waiting:
        for source in sources.get(waiting.pop(), ()):
            if source not in found and not _calls_next(draft.blocks[source]):
                found.add(source)
                waiting.append(source)
    return found


def _calls_next(block: Block) -> bool:
    return any(isinstance(event, NextDecl) for event in block.events)


def _ends_without(block: Block) -> bool:
    return block.ending is Ending.RETURN and not _calls_next(block)


def called_twice(draft: Draft) -> list[tuple[NextDecl, NextDecl]]:
    """Pairs of calls on one path, one for each second call; a call in a loop may pair with itself."""
    pairs: dict[Span, tuple[NextDecl, NextDecl]] = {}
    arrived: dict[int, NextDecl | None] = {}  # whether and by which call `self.next` was reached before
    waiting: list[tuple[int, NextDecl | None]] = [(0, None)]
    while waiting:
        number, first = waiting.pop()
        if number in arrived and (arrived[number] is not None or first is None):
            continue
        arrived[number] = first
        block = draft.blocks[number]
        for event in block.events:
            if not isinstance(event, NextDecl):
                continue
            if first is not None:
                pairs.setdefault(event.span, (first, event))
            first = first or event
        waiting.extend(
            (target, first)
            for target, _, via in block.edges
            if via is Via.PLAIN or (via is Via.RAISED and first is None)
        )
    return list(pairs.values())
