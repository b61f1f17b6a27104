"""What a method does to artifacts, over all paths at once.

At every place each name is in some of five standings, each a mask of names: *untouched* as the
method found it, *assigned*, *deleted* (what was there before shows again, as in Metaflow), *merged*
(left to what `merge_artifacts` found in the inputs) and *hidden* (code that cannot be seen may have
assigned it). Where paths meet, standings unite. `proven` are the names read on every path so far:
the method got past the reads, so they are there.

A helper's standings compose with those at its call; helpers that call one another are iterated
until nothing changes. Nothing here depends on what precedes a step.

Invariant: a method's summary is found after those of the methods it calls.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from flowc.ir.body import Call, Delete, Ending, Escape, Merge, Next, Present, Read, Write
from flowc.passes.artifacts.names import bodies
from flowc.passes.artifacts.standing import Case, Standing, composed, meet_keyed, united
from flowc.passes.artifacts.ways import NO_SWITCH, Switch, taken
from flowc.passes.structure.search import DepthFirst, components

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowc.ir.body import Event, MethodBody
    from flowc.ir.graph import FlowGraph
    from flowc.passes.artifacts.names import Names
    from flowc.passes.artifacts.standing import Keyed


class Summary:
    """A method's whole effect."""

    __slots__ = ("after", "at_end", "certain_needs", "possible_needs", "states")

    def __init__(self, blocks: int) -> None:
        self.states: list[Keyed] = [{} for _ in range(blocks)]  # at the beginning of each block
        self.at_end: Keyed = {}
        self.after: Standing | None = None  # what holds after a call; None where it never returns
        self.certain_needs = 0  # names that every call reads before anything assigns them
        self.possible_needs = 0  # names that some call may read so

    def always(self, block: int) -> bool:
        """Whether every path that returns normally goes through a block."""
        return self.after is not None and bool(self.after.met >> block & 1)


class Effects:
    """The summaries of all methods of a graph, steps among them, by name."""

    __slots__ = ("_entry", "_names", "_summaries", "_switches")

    def __init__(self, graph: FlowGraph, names: Names) -> None:
        self._names = names
        self._entry = Standing(names.everything)
        self._switches = {step.name: Switch(step.transition) for step in graph.steps.values()}
        found = {body.name: body for body in bodies(graph)}
        self._summaries = {name: Summary(len(body.blocks)) for name, body in found.items()}
        calls = {name: _calls(body, found) for name, body in found.items()}
        for group in components(calls, found):
            self._settle(
                [found[name] for name in group], recursive=len(group) > 1 or group[0] in calls[group[0]]
            )

    def __getitem__(self, method: str) -> Summary:
        return self._summaries[method]

    def walk(self, body: MethodBody) -> Iterator[tuple[int, Event, Standing]]:
        """Every event that can be reached, with its block and what holds before it."""
        summary = self._summaries[body.name]
        for number, block in enumerate(body.blocks):
            standing = united(summary.states[number].values())
            for event in block.events if standing is not None else ():
                if standing is None:
                    break
                yield number, event, standing
                standing = self._step(event, standing)

    def cut_short(self, body: MethodBody) -> Standing | None:
        """What may hold when a method is cut short anywhere by an exception, or comes to its end."""
        ends = self._summaries[body.name].at_end.values()
        # After each event too: what raises next may be no event.
        after = (self._step(event, standing) for _, event, standing in self.walk(body))
        return united([*(standing for standing in after if standing is not None), self._entry, *ends])

    def needs(self, event: Event) -> tuple[int, int]:
        """The names that an event needs to be there: for certain, and at most."""
        match event:
            case Read(name=name, guarded=False) | Delete(name=name, guarded=False):
                bit = self._names.bit(name)
                return bit, bit
            case Call(method=method) if method in self._summaries:
                called = self._summaries[method]
                return called.certain_needs, called.possible_needs
            case _:
                return 0, 0

    # ------------------------------------------------------------------ summaries
    def _settle(self, group: Sequence[MethodBody], *, recursive: bool) -> None:
        """Summarize methods that call one another, until nothing changes."""
        for improve in (self._follow, self._find_needs):
            changes = [improve(body) for body in group]
            while recursive and any(changes):
                changes = [improve(body) for body in group]

    def _follow(self, body: MethodBody) -> bool:
        """Find a method's standings; whether what holds after a call of it changed."""
        summary = self._summaries[body.name]
        before = summary.after
        states = summary.states
        states[0] = {None: self._entry}
        order = _order(body)
        pending = [(order[0], 0)]
        waiting = {0}
        while pending:
            _, number = heappop(pending)
            waiting.discard(number)
            ends = self._through(body, number, states[number])
            for after in body.blocks[number].successors:
                met = meet_keyed(states[after], ends)
                if met != states[after]:
                    states[after] = met
                    if after not in waiting:
                        waiting.add(after)
                        heappush(pending, (order[after], after))
        summary.at_end = {}
        for number, block in enumerate(body.blocks):
            if not block.successors and block.ending is not Ending.RAISE and states[number]:
                summary.at_end = meet_keyed(summary.at_end, self._through(body, number, states[number]))
        summary.after = united(summary.at_end.values())
        return summary.after != before

    def _through(self, body: MethodBody, number: int, state: Keyed) -> Keyed:
        """What holds at the end of a block; nothing where its end is never reached."""
        ends: Keyed = {}
        switch = self._switches.get(body.name, NO_SWITCH)
        for key, standing in state.items():
            now: Standing | None = standing._replace(met=standing.met | 1 << number)
            way, arms, place = key, list[str](), None
            for event in body.blocks[number].events:
                if now is None:
                    break
                if isinstance(event, Next):
                    # One call may take several arms: it stands as several events at the same place.
                    arms = [*arms, event.key] if event.span is place else [event.key]
                    place = event.span
                else:
                    way = self._way(event, way, switch)
                now = self._step(event, now)
            if now is not None:
                ways: list[str | Case | None] = [*taken(arms, way)] if arms else [way]
                ends = meet_keyed(ends, dict.fromkeys(ways, now))
        return ends

    def _way(self, event: Event, way: str | Case | None, switch: Switch) -> str | Case | None:
        """What is known of the switch's condition after an event."""
        if switch.condition is None or not (way is None or isinstance(way, Case)):
            return way
        match event:
            case Write(name=name, value=value) if name == switch.condition:
                return switch.case(value)
            case Call(method=method) if method in self._summaries:
                after = self._summaries[method].after
                return (
                    None
                    if after is None or (after.assigned | after.hidden) & self._names.bit(switch.condition)
                    else way
                )
            case Escape() | Delete():
                return None
            case _:
                return way

    def _step(self, event: Event, at: Standing) -> Standing | None:
        """What holds after an event; None where nothing comes after it."""
        match event:
            case Read(name=name, guarded=False):
                return at._replace(proven=at.proven | self._names.bit(name))
            case Present(name=name):
                bit = self._names.bit(name)
                return at._replace(proven=at.proven | bit, hidden=at.hidden | bit)
            case Write(name=name):
                return at.with_assigned(self._names.bit(name))
            case Delete(name=name):
                bit = self._names.bit(name)
                gone = at.assigned & bit
                return at._replace(
                    assigned=at.assigned & ~bit, deleted=at.deleted | gone, proven=at.proven & ~bit
                )
            case Escape():
                hidden = at.hidden | at.exposed | at.merged
                return at._replace(untouched=0, deleted=0, merged=0, hidden=hidden)
            case Merge():
                return self._merge(event, at)
            case Call(method=method) if method in self._summaries:
                after = self._summaries[method].after
                return None if after is None else composed(at, after)
            case _:
                return at

    def _merge(self, event: Merge, at: Standing) -> Standing:
        bits = self._names.merged(event)
        left = at.exposed & bits
        if not event.static:
            return at._replace(
                untouched=at.untouched & ~left, deleted=at.deleted & ~left, hidden=at.hidden | left
            )
        # Each name of `include` is there afterwards, or the call raises.
        proven = at.proven | (bits if event.include else 0)
        return at._replace(
            untouched=at.untouched & ~bits, deleted=at.deleted & ~bits, merged=at.merged | left, proven=proven
        )

    # ------------------------------------------------------------------ needs
    def _find_needs(self, body: MethodBody) -> bool:
        """Find what a method needs of its caller; whether that changed."""
        summary = self._summaries[body.name]
        certain = possible = 0
        for number, event, at in self.walk(body):
            surely, perhaps = self.needs(event)
            open_names = (at.exposed | at.merged) & ~at.proven & ~at.hidden
            possible |= perhaps & open_names
            if summary.always(number):
                certain |= surely & open_names & ~at.assigned & ~at.merged
        changed = (certain, possible) != (summary.certain_needs, summary.possible_needs)
        summary.certain_needs, summary.possible_needs = certain, possible
        return changed


def _calls(body: MethodBody, known: Mapping[str, MethodBody]) -> list[str]:
    called = (event.method for block in body.blocks for event in block.events if isinstance(event, Call))
    return [name for name in dict.fromkeys(called) if name in known]


def _order(body: MethodBody) -> Sequence[int]:
    """For each block its place in reverse postorder, so that loops aside each is met once."""
    if len(body.blocks) == 1:
        return (0,)
    tree = DepthFirst({number: block.successors for number, block in enumerate(body.blocks)}, 0)
    order = [len(body.blocks)] * len(body.blocks)
    for place, number in enumerate(reversed(tree.finished)):
        order[number] = place
    return order
