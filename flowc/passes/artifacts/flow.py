"""Which artifacts each step finds: one forward pass over the flow, repeated only around loops.

Along an edge go masks of names: those that are there on every path (`must`) or on some (`may`),
those of which nothing is said where they are not certain (`silent`: code that cannot be seen), and
why a name may be missing (`lost` at a join, `deleted`). `changed` are names that may have another
value than at the innermost split around the step: what the arms of a join may disagree about.

A join finds nothing but what a flow always has; `arms` says what its inputs hold.

Into an unsettled step of a flow with faults (`passes.settle`) other ways may lead than the edges, and
decide of some names (`doubtful`) whether they are there: nothing is said of those.

Invariant: steps that no path reaches (because all before them raise) have no state.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from flowc.passes.artifacts.doubtful import Doubtful, doubtful
from flowc.passes.artifacts.standing import united

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.ir.graph import FlowGraph, Step
    from flowc.passes.artifacts.effects import Effects
    from flowc.passes.artifacts.names import Names
    from flowc.passes.artifacts.standing import Standing
    from flowc.passes.structure.edges import Edge, Edges
    from flowc.passes.structure.nesting import Nesting
    from flowc.passes.structure.search import DepthFirst


class State(NamedTuple):
    """Masks of names at an edge, or before a step."""

    must: int = 0
    may: int = 0
    silent: int = 0
    lost: int = 0
    deleted: int = 0
    changed: int = 0

    def in_doubt(self, names: Doubtful) -> State:
        """What holds where another way may come in too."""
        may = self.may | names.brought
        return self._replace(must=0, may=may, silent=self.silent | self.must | may | names.needed)

    def either(self, other: State) -> State:
        """What one of two has."""
        return State(*(mine | theirs for mine, theirs in zip(self, other, strict=True)))


def met(states: Iterable[State]) -> State | None:
    """What holds where several paths meet; None for no path."""
    found: State | None = None
    for other in states:
        found = other if found is None else found.either(other)._replace(must=found.must & other.must)
    return found


class Flow:
    """The states of one graph. `before` is by step, `arms` by join."""

    __slots__ = (
        "_doubtful", "_edges", "_effects", "_graph", "_names", "_nesting", "_open", "arms", "before",
    )  # fmt: skip

    def __init__(
        self,
        graph: FlowGraph,
        names: Names,
        effects: Effects,
        edges: Edges,
        tree: DepthFirst[str],
        nesting: Nesting,
    ) -> None:
        self._graph = graph
        self._names = names
        self._effects = effects
        self._edges = edges
        self._nesting = nesting
        self._open = State(may=names.everything, silent=names.everything) if _is_open(graph) else State()
        self.before: dict[str, State] = {}
        self.arms: dict[str, State] = {}
        self._doubtful = doubtful(graph, names, effects, edges)
        self._run(tree)

    def along(self, edge: Edge) -> State | None:
        """What goes along an edge; None where its source never gets there."""
        before = self.before.get(edge.source)
        if before is None:
            return None
        step = self._graph.steps[edge.source]
        ends = self._effects[edge.source].at_end
        standing = ends.get(edge.key) or ends.get(None) or united(ends.values())
        if step.spec.catch is not None or (standing is None and step.spec.kept):
            standing = self._caught(step)
        if standing is None:
            return None
        state = self._after(step, standing, before)
        catch = step.spec.catch
        if catch is not None and catch.var is not None and self._names.bit(catch.var):
            # The flow looks at the exception, and so knows whether the rest is there.
            state = state._replace(silent=state.silent | (state.may & ~state.must))
        return state

    def branches(self, join: str) -> dict[int, State]:
        """What each branch of a join's split brings, by its index."""
        found: dict[int, list[State]] = {}
        for edge in self._edges.into[join]:
            state = self.along(edge)
            branch = self._nesting.carried(edge)
            if state is not None and branch is not None:
                found.setdefault(branch.index, []).append(state)
        together = {index: met(states) for index, states in found.items()}
        return {index: state for index, state in together.items() if state is not None}

    # ------------------------------------------------------------------ the pass
    def _run(self, tree: DepthFirst[str]) -> None:
        order = {name: place for place, name in enumerate(reversed(tree.finished))}
        for name in self._graph.steps if self._graph.unsettled else ():
            order.setdefault(name, len(order))  # nothing known leads there
        names = list(order)
        pending = [0, *range(len(tree.finished), len(order))]
        waiting = set(pending)
        while pending:
            place = heappop(pending)
            waiting.discard(place)
            name = names[place]
            known = self.before.get(name), self.arms.get(name)
            before = self._entering(name)
            if before is None or (before, self.arms.get(name)) == known:
                continue
            self.before[name] = before
            for after in self._edges.successors[name]:
                if order[after] not in waiting:
                    waiting.add(order[after])
                    heappush(pending, order[after])

    def _entering(self, name: str) -> State | None:
        step = self._graph.steps[name]
        if step.is_join:
            return self._joined(name)
        incoming = [self._carried(edge) for edge in self._edges.into[name]]
        states = [state for state in incoming if state is not None]
        if name == self._graph.start:
            states.append(self._open)
        state = met(states)
        if name in self._graph.unsettled:
            state = (state or State()).in_doubt(self._doubtful)
        return self._decorated(step, state) if state is not None else None

    def _carried(self, edge: Edge) -> State | None:
        state = self.along(edge)
        if state is None or edge.branch is None:
            return state
        return state._replace(changed=0)

    def _joined(self, name: str) -> State | None:
        if name in self._graph.unsettled:
            return self._joined_in_doubt(name)
        branches = self.branches(name)
        if not branches:
            return None
        arms = State()
        for state in branches.values():
            arms = arms.either(state)
        self.arms[name] = arms
        before = self._open._replace(lost=arms.may | arms.lost, changed=self._changed_around(name))
        if self._graph.unsettled:  # whether what was in doubt before is lost here, is in doubt too
            before = before.in_doubt(Doubtful(arms.may & arms.silent))
        return self._decorated(self._graph.steps[name], before)

    def _joined_in_doubt(self, name: str) -> State:
        """A join that may have other inputs beside those that are known."""
        arms = State()
        for edge in self._edges.into[name]:
            arms = arms.either(self.along(edge) or State())
        self.arms[name] = arms.in_doubt(self._doubtful)
        before = self._open._replace(lost=arms.may | arms.lost).in_doubt(self._doubtful)
        return self._decorated(self._graph.steps[name], before)

    def _changed_around(self, join: str) -> int:
        """The names that had changed where the join's split began, since the split around that one."""
        split = self._nesting.closes.get(join)
        if split is None:
            return 0
        edge = next(edge for edge in self._edges.out[split.head] if edge.branch in split.branches)
        state = self.along(edge)
        return state.changed if state is not None else 0

    def _decorated(self, step: Step, state: State) -> State:
        """A decorator of the user may assign anything, before the step and after it."""
        if not step.spec.kept:
            return state
        return state._replace(may=self._names.everything, silent=self._names.everything)

    def _caught(self, step: Step) -> Standing | None:
        """Where a step ends that may raise: with `@catch`, which stores the exception, or a user's own decorator."""
        found = self._effects.cut_short(step.body)
        catch = step.spec.catch
        if found is None or catch is None or catch.var is None:
            return found
        return found.with_assigned(self._names.bit(catch.var))

    def _after(self, step: Step, at: Standing, before: State) -> State:
        """What a step leaves, found in `before` and standing as `at`."""
        arms = self.arms.get(step.name, _NOTHING)
        found = at.exposed | at.hidden
        state = State(
            must=(self._names.everything & ~(found & ~before.must) & ~(at.merged & ~arms.must)) | at.proven,
            may=at.assigned | at.hidden | (found & before.may) | (at.merged & arms.may),
            silent=at.hidden | (found & before.silent) | (at.merged & arms.silent),
            lost=before.lost & at.exposed,
            deleted=(before.deleted & found) | (at.deleted & ~before.may),
            changed=at.assigned | (before.changed & (found | at.merged)) | (arms.changed & at.merged),
        )
        return self._decorated(step, state)


_NOTHING = State()


def _is_open(graph: FlowGraph) -> bool:
    """Whether something unseen may give the flow attributes: a mutator, a base class, its own `__getattr__`."""
    return bool(graph.specs.kept) or not graph.complete or not _LOOKUPS.isdisjoint(graph.methods)


_LOOKUPS = frozenset({"__getattr__", "__getattribute__", "__new__", "__setattr__", "__delattr__"})
