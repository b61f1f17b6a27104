"""What a join reads of its inputs: branches by name, and the artifacts that they have (FC406, FC420).

A branch is named by the step that ends it, as in Metaflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label, Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.diagnostics.wording import listed
from flowc.ir.body import InputRead
from flowc.passes.artifacts import places
from flowc.passes.artifacts.flow import met

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import Step
    from flowc.passes.artifacts.facts import Facts
    from flowc.passes.artifacts.flow import State
    from flowc.passes.structure.edges import Split


def check_inputs(facts: Facts, sink: Sink) -> None:
    """Report reads of branches and artifacts that the inputs of a join do not have."""
    for step in facts.graph.steps.values():
        split = facts.nesting.closes.get(step.name)
        if split is None or step.name not in facts.flow.before or step.name in facts.graph.unsettled:
            continue
        reads = _Reads(facts, step, split, sink)
        summary = facts.effects[step.name]
        for number, event, _ in facts.effects.walk(step.body):
            if isinstance(event, InputRead) and not event.guarded:
                reads.check(event, always=summary.always(number))


class _Reads:
    """The reads of one join's inputs; each name of each branch is judged once."""

    __slots__ = ("_branches", "_facts", "_seen", "_sink", "_split", "_step")

    def __init__(self, facts: Facts, step: Step, split: Split, sink: Sink) -> None:
        self._facts = facts
        self._step = step
        self._split = split
        self._sink = sink
        self._branches = facts.flow.branches(step.name)
        self._seen: set[tuple[object, str | None]] = set()

    def check(self, event: InputRead, *, always: bool) -> None:
        """Judge one read."""
        if (event.branch, event.name) in self._seen:
            return
        self._seen.add((event.branch, event.name))
        if isinstance(event.branch, str) and event.branch not in self._ends():
            self._report_branch(event, event.branch, always=always)
        elif self._is_outside(event.branch):
            self._sink.report(
                catalog.UNKNOWN_BRANCH,
                event.span,
                f"`{self._step.inputs}[{event.branch}]` is none of the {len(self._split.branches)} inputs of `{self._step.name}`",
                helps=(f"they are numbered from 0 to {len(self._split.branches) - 1}",),
                severity=None if always else Severity.WARNING,
            )
        elif event.name is not None and self._facts.names.bit(event.name):
            self._check_artifact(event, event.name, always=always)

    def _ends(self) -> list[str]:
        """The steps that end the branches."""
        return list(dict.fromkeys(edge.source for edge in self._facts.edges.into[self._step.name]))

    def _is_outside(self, branch: str | int | None) -> bool:
        count = len(self._split.branches)
        return isinstance(branch, int) and not self._split.many and not -count <= branch < count

    # ------------------------------------------------------------------ branches
    def _report_branch(self, event: InputRead, branch: str, *, always: bool) -> None:
        inputs, ends = self._step.inputs, self._ends()
        helps = [f"did you mean `{inputs}.{end}`?" for end in self._ends_of_arm(branch)]
        self._sink.report(
            catalog.UNKNOWN_BRANCH,
            event.span,
            f"`{inputs}` of `{self._step.name}` has no branch `{branch}`; it has {listed(ends)}",
            notes=(f"a branch is named by its last step; `{branch}` is not the last one",) if helps else (),
            helps=helps
            or did_you_mean(branch, ends)
            or (f"write the last step of a branch: `{inputs}.{ends[0]}`",),
            severity=None if always else Severity.WARNING,
        )

    def _ends_of_arm(self, inside: str) -> list[str]:
        """The last steps of the arm that a step is in; none where it is in no arm of this split."""
        nesting = self._facts.nesting
        if inside not in nesting.around:
            return []
        arm = next((b for b in nesting.chain(nesting.around[inside]) if b.split is self._split), None)
        edges = self._facts.edges.into[self._step.name]
        return [edge.source for edge in edges if arm is not None and nesting.carried(edge) is arm]

    # ------------------------------------------------------------------ artifacts
    def _check_artifact(self, event: InputRead, name: str, *, always: bool) -> None:
        bit = self._facts.names.bit(name)
        states = self._states(event.branch)
        having = [state for state in states if state.may & bit]
        if not having:
            self._report_lacking(event, name, certain=always)
        elif len(having) < len(states):
            self._report_lacking(event, name, certain=False)
        elif not all(state.must & bit or state.silent & bit for state in states):
            self._report_maybe(event, name)

    def _states(self, branch: str | int | None) -> Sequence[State]:
        """What each input may be found to have that the read may mean."""
        if isinstance(branch, str):
            along = (
                self._facts.flow.along(e)
                for e in self._facts.edges.into[self._step.name]
                if e.source == branch
            )
            state = met(state for state in along if state is not None)
            return [state] if state is not None else []
        return list(self._branches.values())

    def _report_lacking(self, event: InputRead, name: str, *, certain: bool) -> None:
        who = f"`{event.branch}`" if isinstance(event.branch, str) else "an input"
        lacking = self._lacking(event, name)
        message = f"`{name}` is read from {who} in `{self._step.name}`, but "
        message += f"{lacking} never has it" if lacking else "no input ever has it"
        writers = places.writers_before(self._facts, self._step.name, name)
        labels = tuple(Label(span, f"assigned in `{step}`") for step, span in list(writers.items())[:3])
        self._sink.report(
            catalog.BRANCH_LACKS_ARTIFACT,
            Label(event.span, "read here"),
            message,
            secondary=labels,
            helps=(() if writers else did_you_mean(name, self._known(event)))
            or (f"assign `self.{name}` {_where(event, lacking)}, or ask `hasattr(…, {name!r})` first",),
            severity=None if certain else Severity.WARNING,
        )

    def _known(self, event: InputRead) -> list[str]:
        """The artifacts that the inputs of a read may have."""
        ends = [event.branch] if isinstance(event.branch, str) else self._ends()
        known = {n for state in self._states(event.branch) for n in self._facts.names.of(state.may)}
        known.update(name for end in ends for name in places.known_to(self._facts, end))
        return sorted(known)

    def _lacking(self, event: InputRead, name: str) -> str:
        """The branches that never have an artifact, in words; "" where it is all of them."""
        bit = self._facts.names.bit(name)
        if isinstance(event.branch, str):
            return f"`{event.branch}`"
        ends: dict[str, None] = {}
        for edge in self._facts.edges.into[self._step.name]:
            branch = self._facts.nesting.carried(edge)
            state = self._branches.get(branch.index) if branch is not None else None
            if state is not None and not state.may & bit:
                ends[edge.source] = None
        return listed(list(ends)) if len(ends) < len(self._ends()) else ""

    def _report_maybe(self, event: InputRead, name: str) -> None:
        writers = places.writers_before(self._facts, self._step.name, name)
        self._sink.report(
            catalog.MAYBE_UNDEFINED,
            Label(event.span, "read here"),
            f"`{name}` is read from an input in `{self._step.name}`, but not every path of its branch assigns it",
            secondary=tuple(Label(span, "assigned here") for span in list(writers.values())[:3]),
            helps=(f"assign it on every path, or ask `hasattr(…, {name!r})` first",),
        )


def _where(event: InputRead, lacking: str) -> str:
    """Where an artifact is to be assigned that a read lacks."""
    if isinstance(event.branch, str):
        return f"in `{event.branch}` or in a step before it"
    return f"in {lacking} too" if lacking else "before the join"
