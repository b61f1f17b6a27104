"""`merge_artifacts`: where it may be called, with what, and whether the inputs agree (FC404, FC405, FC417–FC419).

It takes over each artifact of the inputs that the join has not assigned, and raises where two inputs
hold different values. Arms disagree about what one of them changed since the split, if another has
it too; each body of a foreach may disagree about what the body changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label, Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.ir.body import Merge
from flowc.ir.values import Const
from flowc.passes.artifacts.places import known_to
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.diagnostics.model import Sink
    from flowc.ir.body import MethodBody
    from flowc.ir.graph import Step
    from flowc.passes.artifacts.facts import Facts
    from flowc.passes.artifacts.flow import State
    from flowc.passes.artifacts.standing import Standing
    from flowc.passes.tracing import Definition
    from flowc.source import Span


@dataclass(frozen=True, slots=True)
class _Call:
    """A `merge_artifacts` that can be reached, and what holds before it."""

    event: Merge
    at: Standing
    always: bool


def check_merges(facts: Facts, sink: Sink) -> None:
    """Report calls of `merge_artifacts` that fail or may fail."""
    for step in facts.graph.steps.values():
        for call in _calls(facts, step.body):
            if step.is_join:
                _check_call(facts, step, call, sink)
            elif not _may_be_meant_as_join(facts, step):
                _report_outside(call, f"`{step.name}`, which is no join", sink)


def _calls(facts: Facts, body: MethodBody) -> Iterator[_Call]:
    summary = facts.effects[body.name]
    for number, event, at in facts.effects.walk(body):
        if isinstance(event, Merge):
            yield _Call(event, at, summary.always(number))


def _may_be_meant_as_join(facts: Facts, step: Step) -> bool:
    """Whether only its missing `inputs` may be what is wrong with a step, which another report says."""
    if not facts.graph.unsettled:
        return False
    return not facts.knows_place(step.name) or facts.nesting.around[step.name] is not None


def _report_outside(call: _Call, where: str, sink: Sink) -> None:
    sink.report(
        catalog.MERGE_OUTSIDE_JOIN,
        call.event.span,
        f"`merge_artifacts` is called in {where}",
        helps=("a join takes `inputs` as its second parameter: `def join(self, inputs)`",),
        severity=_severity(certain=call.always),
    )


def _severity(*, certain: bool) -> Severity | None:
    return None if certain else Severity.WARNING


def _check_call(facts: Facts, join: Step, call: _Call, sink: Sink) -> None:
    event = call.event
    fault = event.fault
    if event.include and event.exclude:
        fault = "is given both `include` and `exclude`", "`include` alone names all that is merged"
    if fault is not None:
        sink.report(
            catalog.MERGE_ARGUMENTS,
            event.span,
            f"`merge_artifacts` {fault[0]}",
            helps=(fault[1],),
            severity=_severity(certain=call.always),
        )
        return
    if not event.static or join.name not in facts.flow.arms or join.name in facts.graph.unsettled:
        return
    _check_included(facts, join, call, sink)
    _check_conflicts(facts, join, call, sink)


def _check_included(facts: Facts, join: Step, call: _Call, sink: Sink) -> None:
    arms = facts.flow.arms[join.name]
    for name in dict.fromkeys(call.event.include or ()):
        bit = facts.names.bit(name)
        if bit & call.at.exposed & ~arms.may:
            sink.report(
                catalog.MERGE_MISSING,
                call.event.span,
                f"`merge_artifacts` includes `{name}`, but no input of `{join.name}` ever has it",
                helps=did_you_mean(name, _known(facts, join, arms))
                or (f"leave `{name}` out of `include`, or assign `self.{name}` in a branch",),
                severity=_severity(certain=call.always and not bit & (call.at.assigned | call.at.hidden)),
            )


def _known(facts: Facts, join: Step, arms: State) -> list[str]:
    """The artifacts that the inputs of a join may have."""
    ends = (edge.source for edge in facts.edges.into[join.name])
    return sorted({*facts.names.of(arms.may), *(name for end in ends for name in known_to(facts, end))})


# --------------------------------------------------------------------------- conflicts
def _check_conflicts(facts: Facts, join: Step, call: _Call, sink: Sink) -> None:
    branches = facts.flow.branches(join.name)
    split = facts.nesting.closes[join.name]
    merged = facts.names.merged(call.event) & call.at.exposed & ~call.at.hidden
    many = split is not None and split.many
    if facts.graph.unsettled:  # what another value of one input would change is not said
        for state in branches.values():
            merged &= ~state.silent
    for name in facts.names.of(merged & _disputed(branches, many=many)):
        _check_conflict(facts, join, call, name, sink, many=many)


def _disputed(branches: Mapping[int, State], *, many: bool) -> int:
    """The names about which inputs may disagree: changed in one of them, and there in another."""
    changed = once = twice = 0
    for state in branches.values():
        seen = state.may & ~state.silent
        changed |= state.changed & seen
        twice |= once & seen
        once |= seen
    return changed if many else changed & twice


def _check_conflict(facts: Facts, join: Step, call: _Call, name: str, sink: Sink, *, many: bool) -> None:
    held = _values(facts, join, name)
    constants = [_constants(definitions) for definitions in held.values()]
    known = [texts for texts in constants if texts is not None]
    if len(known) == len(constants) and len({text for texts in known for text in texts}) <= 1:
        return  # the same constant everywhere
    bit = facts.names.bit(name)
    surely_there = [
        _constants(held[index])
        for index, state in facts.flow.branches(join.name).items()
        if state.must & bit and index in held
    ]
    distinct = [texts for texts in surely_there if texts is not None]
    certain = not many and any(not a & b for i, a in enumerate(distinct) for b in distinct[:i])
    places: dict[Span, str] = {}
    for definitions in held.values():
        for definition in definitions:
            if definition.span is not None:
                places.setdefault(definition.span, _described(definition))
    what = "different values of" if certain else "values of"
    fate = "which differ" if certain else "which may differ"
    message = f"`merge_artifacts` in `{join.name}` meets {what} `{name}`" + ("" if certain else f", {fate}")
    if many:
        message = f"`merge_artifacts` in `{join.name}` meets a `{name}` of each task of the foreach, {fate}"
    sink.report(
        catalog.MERGE_CONFLICT if certain else catalog.MAYBE_MERGE_CONFLICT,
        call.event.span,
        message,
        secondary=tuple(Label(span, text) for span, text in list(places.items())[:4]),
        helps=(
            f"assign `self.{name}` in `{join.name}` before the call, or leave it out: `exclude=[{name!r}]`",
        ),
        severity=_severity(certain=call.always and not bit & call.at.assigned) if certain else None,
    )


def _values(facts: Facts, join: Step, name: str) -> dict[int, list[Definition]]:
    """The values that each branch may bring, by its index."""
    found: dict[int, dict[Definition, None]] = {}
    for edge in facts.edges.into[join.name]:
        branch = facts.nesting.carried(edge)
        if branch is not None and facts.flow.along(edge) is not None:
            reached = facts.reaching.after(edge.source, name, edge.key)
            found.setdefault(branch.index, {}).update(dict.fromkeys(reached.definitions))
    return {index: list(definitions) for index, definitions in found.items() if definitions}


def _constants(definitions: list[Definition]) -> set[str] | None:
    """The texts of all values, where each is a constant whose text tells it from others."""
    texts = set()
    for definition in definitions:
        if not isinstance(definition.value, Const) or isinstance(
            definition.value.value, set | frozenset | dict
        ):
            return None
        texts.add(repr(definition.value.value))
    return texts


def _described(definition: Definition) -> str:
    if isinstance(definition.value, Const):
        text = repr(definition.value.value)
        if len(text) <= 30:  # longer than a line's worth tells less than the source itself
            return f"{text} in `{definition.place}`"
    return f"assigned in `{definition.place}`"
