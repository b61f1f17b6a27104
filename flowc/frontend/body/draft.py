"""A control-flow graph under construction.

Blocks are numbered as they are made; `at` is the one being written, None where no code can be
reached. An edge remembers the decision that takes it, so that a path can be told to a reader.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from flowc.frontend.body.next import NextDecl
from flowc.ir.body import BodyBlock, Call, Ending, MethodBody, Next
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.ir.body import Event
    from flowc.source import Span


@dataclass(frozen=True, slots=True)
class Decision:
    """What holds at `span` where an edge is taken, in words that follow "when it": "is false"."""

    span: Span
    text: str


class Via(Enum):
    """Why an edge is there."""

    PLAIN = "plain"
    RAISED = "raised"  # something in a `try` raised
    CONTRADICTED = "contradicted"  # only if a constant had another value


Edge: TypeAlias = "tuple[int, Decision | None, Via]"


class Block:
    """One block of a draft."""

    __slots__ = ("edges", "ending", "events")

    def __init__(self) -> None:
        self.events: list[Event | NextDecl] = []
        self.edges: list[Edge] = []
        self.ending = Ending.FLOW


class Draft:
    """The graph of one method; block 0 is the entry."""

    __slots__ = ("_entered", "at", "blocks", "returns")

    def __init__(self) -> None:
        self.blocks = [Block()]
        self.returns: dict[int, Span | None] = {}  # the `return` of each returning block; None: the end
        self.at: int | None = 0
        self._entered = {0}

    def block(self) -> int:
        """A new block, not yet entered from anywhere."""
        self.blocks.append(Block())
        return len(self.blocks) - 1

    def emit(self, event: Event | NextDecl) -> None:
        """Append an event to the current block."""
        if self.at is not None:
            self.blocks[self.at].events.append(event)

    def edge(self, target: int, decision: Decision | None = None, via: Via = Via.PLAIN) -> None:
        """Add an edge from the current block and stay in it."""
        if self.at is not None:
            self.blocks[self.at].edges.append((target, decision, via))
            self._entered.add(target)

    def go(self, target: int, decision: Decision | None = None) -> None:
        """Leave the current block for `target`; what follows is reached only by starting a block."""
        self.edge(target, decision)
        self.at = None

    def start(self, block: int) -> None:
        """Go on writing in `block`, if anything leads there."""
        self.at = block if block in self._entered else None

    def force(self, block: int) -> None:
        """Write in `block` whatever leads there: the head of a loop whose body was entered first."""
        self.at = block

    def end(self, ending: Ending, span: Span | None = None) -> None:
        """End the method here."""
        if self.at is not None:
            self.blocks[self.at].ending = ending
            if ending is Ending.RETURN:
                self.returns[self.at] = span
        self.at = None

    def next_calls(self) -> Iterator[NextDecl]:
        """The `self.next` calls that some path reaches."""
        for number in self.reachable():
            for event in self.blocks[number].events:
                if isinstance(event, NextDecl):
                    yield event

    def can_return(self) -> bool:
        """Whether some path reaches the end or a `return`."""
        return any(self.blocks[number].ending is Ending.RETURN for number in self.reachable())

    def reachable(self) -> list[int]:
        """The blocks that some path enters, in an order fixed by the source."""
        order: dict[int, None] = {}
        stack = [0]
        while stack:
            number = stack.pop()
            if number not in order:
                order[number] = None
                stack.extend(target for target, _, _ in reversed(self.blocks[number].edges))
        return list(order)

    def cut_at_calls(self, never: set[str]) -> None:
        """End each block at a call of a method that does not return."""
        for block in self.blocks:
            for at, event in enumerate(block.events):
                if isinstance(event, Call) and event.method in never:
                    del block.events[at + 1 :]
                    block.edges = [edge for edge in block.edges if edge[2] is Via.RAISED]
                    block.ending = Ending.FLOW if block.edges else Ending.RAISE
                    break

    def freeze(self, name: str, span: Span, keys: Mapping[NextDecl, tuple[str, ...]]) -> MethodBody:
        """The graph as passes see it, without empty blocks; each `self.next` stands as its arm's key."""
        order: dict[int, int] = {}
        stack = [self._skip_empty(0)]
        while stack:
            number = stack.pop()
            if number not in order:
                order[number] = len(order)
                stack.extend(reversed(self._following(number)[0]))
        return MethodBody(name, span, tuple(self._freeze_block(number, order, keys) for number in order))

    def _freeze_block(
        self, number: int, order: Mapping[int, int], keys: Mapping[NextDecl, tuple[str, ...]]
    ) -> BodyBlock:
        block = self.blocks[number]
        events: list[Event] = []
        for event in block.events:
            if not isinstance(event, NextDecl):
                events.append(event)
            else:
                events += (Next(event.span, key) for key in keys.get(event, ()))
        following, ending = self._following(number)
        return BodyBlock(tuple(events), tuple(order[target] for target in following), ending)

    def _following(self, number: int) -> tuple[list[int], Ending]:
        """Where a block leads, each once; one that only leads to the end of the method ends it itself."""
        block = self.blocks[number]
        targets = list(dict.fromkeys(self._skip_empty(target) for target, _, _ in block.edges))
        if len(targets) == 1:
            only = self.blocks[targets[0]]
            if only.ending is Ending.RETURN and not only.events:
                return [], Ending.RETURN
        return targets, block.ending

    def _skip_empty(self, number: int) -> int:
        """The first block from `number` on that does something or decides something."""
        seen = set()
        while number not in seen:
            seen.add(number)
            block = self.blocks[number]
            if block.events or len(block.edges) != 1:
                break
            number = block.edges[0][0]
        return number
