"""Artifacts that are not there when a step needs them (FC401–FC403, FC407, FC408, FC413, FC415, FC421, FC424).

A need is an error where every execution of the step that returns normally meets it and no path
leads an assignment there; where only some paths do not, it is a warning that shows one of them.

Invariant: one diagnostic for each name and step, at the first place that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.diagnostics.suggest import did_you_mean
from flowc.ir.body import Call, Delete, Next
from flowc.ir.graph import Choose, Foreach, simple_transitions
from flowc.passes.artifacts import places
from flowc.passes.artifacts.names import OWN_NAMES
from flowc.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.diagnostics.model import Rule, Sink
    from flowc.ir.body import Event
    from flowc.ir.graph import Step
    from flowc.passes.artifacts.facts import Facts
    from flowc.passes.artifacts.standing import Standing
    from flowc.passes.structure.edges import Edge
    from flowc.source import Located, Span


@dataclass(frozen=True, slots=True)
class Need:
    """A place of `step` that needs `self.name`; `does` is what it does there, in words."""

    step: str
    name: str
    bit: int
    span: Span
    does: str
    rule: Rule | None = None  # of its own, where the artifact is not there for certain
    call: str | None = None  # the helper that reads it


def check_reads(facts: Facts, sink: Sink) -> None:
    """Report every need of every step that may not be met."""
    for step in facts.graph.steps.values():
        before = facts.flow.before.get(step.name)
        if before is None:
            continue
        seen = 0
        summary = facts.effects[step.name]
        for number, event, at in facts.effects.walk(step.body):
            open_names = (at.exposed | at.merged) & ~at.proven & ~at.hidden & ~seen
            if not open_names:
                continue
            for need, surely in _needs(facts, step, event, open_names):
                always = surely and summary.always(number)
                held = not isinstance(event, Delete) or _holds(
                    facts, need, step, (number, event), sink, always
                )
                if not held or _judge(facts, need, at, sink, always=always):
                    seen |= need.bit


def _holds(facts: Facts, need: Need, step: Step, place: tuple[int, Delete], sink: Sink, always: bool) -> bool:
    """Whether a step may hold what it deletes, if there is such an artifact; else that is reported."""
    from flowc.passes.artifacts.deleted import is_not_held, report_not_held

    block, event = place
    before = facts.flow.before[step.name]
    # In doubt which way leads here, it may be missing for another reason.
    known = before.must & ~before.silent if facts.graph.unsettled else before.may
    if not known & need.bit or not is_not_held(facts, step.body, block, event):
        return True
    report_not_held(event, step.name, sink, always=always)
    return False


def _needs(facts: Facts, step: Step, event: Event, open_names: int) -> Iterator[tuple[Need, bool]]:
    """What an event needs, and whether for certain."""
    if isinstance(event, Next):
        for located, does, rule in _of_transition(step, event):
            bit = facts.names.bit(located.value)
            if bit & open_names:
                yield Need(step.name, located.value, bit, located.span, does, rule), True
        return
    surely, perhaps = facts.effects.needs(event)
    for name in facts.names.of(perhaps & open_names):
        bit = facts.names.bit(name)
        does = "deleted" if isinstance(event, Delete) else "read"
        call = event.method if isinstance(event, Call) else None
        yield Need(step.name, name, bit, event.span, does, call=call), bool(surely & bit)


def _of_transition(step: Step, event: Next) -> Iterator[tuple[Located[str], str, Rule]]:
    """What a `self.next` looks up: the artifact it splits over or switches on."""
    if isinstance(step.transition, Choose) and step.transition.condition is not None:
        yield step.transition.condition, "switched on", catalog.CONDITION_UNDEFINED
    for key, simple in simple_transitions(step.transition):
        if isinstance(simple, Foreach) and key in (None, event.key):
            for items in simple.items:
                if (
                    items.span.file is event.span.file
                    and event.span.start <= items.span.start < event.span.end
                ):
                    yield items, "iterated over", catalog.FOREACH_UNDEFINED


def _judge(facts: Facts, need: Need, at: Standing, sink: Sink, *, always: bool) -> bool:
    """Report a need that is not or may not be met; whether there was something to report."""
    bit = need.bit
    before, arms = facts.flow.before[need.step], facts.flow.arms.get(need.step)
    known = []
    if at.exposed & bit:
        known.append(before)
    if at.merged & bit and arms is not None:
        known.append(arms)
    may = bool(at.assigned & bit) or any(state.may & bit for state in known)
    must = all(state.must & bit for state in known)
    silent = any(state.silent & bit for state in known)
    if not may and silent and before.lost & bit and facts.graph.unsettled:
        return False  # in doubt which join drops it, or whether one does
    if not may:
        _report_missing(facts, need, at, sink, always=always)
    elif not must and not silent:
        _report_maybe(facts, need, at, sink)
    return not may or not must


# --------------------------------------------------------------------------- missing for certain
def _report_missing(facts: Facts, need: Need, at: Standing, sink: Sink, *, always: bool) -> None:
    lost = places.losing_join(facts, need.step, need.bit) if _was_lost(facts, need) else None
    if not always:
        rule = catalog.MAYBE_LOST_AT_JOIN if lost else catalog.MAYBE_UNDEFINED
        message = (
            f"`self.{need.name}` is {need.does} on some paths of `{need.step}`, but no step before assigns it"
        )
        if lost:
            message = f"`self.{need.name}` is {need.does} on some paths of `{need.step}`, but the join `{lost}` drops it"
        _report(
            facts, need, sink, rule, message, Story(lost=lost, helps=() if lost else _guesses(facts, need))
        )
    elif lost:
        message = (
            f"`self.{need.name}` is {need.does} in `{need.step}`, but no path keeps it past the join `{lost}`"
        )
        if lost == need.step:
            message = f"`self.{need.name}` is {need.does} in the join `{lost}`, but only its inputs have it"
        _report(facts, need, sink, need.rule or catalog.LOST_AT_JOIN, message, Story(lost=lost))
    elif at.deleted & need.bit or facts.flow.before[need.step].deleted & need.bit:
        _report_deleted(facts, need, sink)
    else:
        _report_undefined(facts, need, sink)


def _was_lost(facts: Facts, need: Need) -> bool:
    return bool(facts.flow.before[need.step].lost & need.bit)


def _report_deleted(facts: Facts, need: Need, sink: Sink) -> None:
    span = places.deleted_in(facts, need.step, need.name) or places.deleter_before(
        facts, need.step, need.name
    )
    labels = (Label(span, "deleted here"),) if span is not None else ()
    _report(
        facts, need, sink, need.rule or catalog.DELETED_ARTIFACT,
        f"`self.{need.name}` is {need.does} in `{need.step}` after it was deleted",
        Story(labels=labels, helps=(f"delete `self.{need.name}` after its last use, or assign it anew",)),
    )  # fmt: skip


def _report_undefined(facts: Facts, need: Need, sink: Sink) -> None:
    own = places.assigned_in(facts, need.step, need.name)
    if own is not None and need.rule is None:
        _report(
            facts, need, sink, catalog.READ_BEFORE_WRITE,
            f"`self.{need.name}` is {need.does} in `{need.step}` before anything assigns it",
            Story(
                labels=(Label(own, "assigned only here"),) if own.start > need.span.end else (),
                helps=(f"assign `self.{need.name}` first, here or in a step before `{need.step}`",),
            ),
        )  # fmt: skip
        return
    elsewhere = places.writers_anywhere(facts, need.name)
    notes = (
        (f"assigned only in steps that do not come before: {places.listed(elsewhere, need.span)}",)
        if elsewhere
        else ()
    )
    _report(
        facts, need, sink, need.rule or catalog.UNDEFINED_ARTIFACT,
        f"`self.{need.name}` is {need.does} in `{need.step}`, but no step before assigns it",
        Story(notes=notes, helps=_guesses(facts, need, misspelt=not elsewhere)),
    )  # fmt: skip


def _guesses(facts: Facts, need: Need, *, misspelt: bool = True) -> tuple[str, ...]:
    """The name that was meant, where one is near enough; else that it is to be assigned."""
    always = sorted(name for name in {*facts.names.given, *OWN_NAMES} if not name.startswith("_"))
    before = facts.names.of(facts.flow.before[need.step].may)
    known = (*before, *places.known_to(facts, need.step), *always) if misspelt else ()
    return did_you_mean(need.name, known) or (
        f"assign `self.{need.name}` in `{need.step}` or in a step before it",
    )


# --------------------------------------------------------------------------- missing on some path
def _report_maybe(facts: Facts, need: Need, at: Standing, sink: Sink) -> None:
    lost = places.losing_join(facts, need.step, need.bit) if _was_lost(facts, need) else None
    if lost:
        rule, fate = catalog.MAYBE_LOST_AT_JOIN, f"the join `{lost}` drops it on some path"
    else:
        rule, fate = catalog.MAYBE_UNDEFINED, "not every path before assigns it"
    labels = [
        Label(span, "assigned here")
        for span in list(places.writers_before(facts, need.step, need.name).values())[:3]
    ]
    own = places.assigned_in(facts, need.step, need.name)
    if own is not None and at.assigned & need.bit:
        labels.append(Label(own, f"assigned only on some paths of `{need.step}`"))
    path = places.path_without(facts, need.step, need.bit)
    notes = (f"not assigned on the path {' → '.join(path)}",) if path else ()
    _report(
        facts, need, sink, rule, f"`self.{need.name}` is {need.does} in `{need.step}`, but {fate}",
        Story(
            lost, tuple(labels), notes,
            () if lost else (f"assign it on every path, or ask `hasattr(self, {need.name!r})` first",),
        ),
    )  # fmt: skip


# --------------------------------------------------------------------------- the diagnostic
@dataclass(frozen=True, slots=True)
class Story:
    """What a diagnostic says beside its message; `lost` is the join that drops the artifact."""

    lost: str | None = None
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()


def _report(facts: Facts, need: Need, sink: Sink, rule: Rule, message: str, story: Story) -> None:
    labels, notes, helps = story.labels, story.notes, story.helps
    if need.call is not None:
        inner = places.read_in(facts, need.call, need.name)
        if inner is not None:
            labels = (Label(inner, f"`{need.call}` reads it here"), *labels)
    if story.lost is not None:
        join = facts.graph.steps[story.lost]
        labels = (Label(join.span, "nothing but parameters passes a join by itself"), *labels)
        writers = places.writers_before(facts, story.lost, need.name)
        notes = (*notes, *((f"assigned in: {places.listed(writers, need.span)}",) if writers else ()))
        helps = (*helps, *_remedies(facts, join, need.name))
    sink.report(
        rule, Label(need.span, f"{need.does} here"), message, secondary=labels, notes=notes, helps=helps
    )


def _remedies(facts: Facts, join: Step, name: str) -> tuple[str, ...]:
    """How a join keeps an artifact: by choosing one, or what all agree on."""
    inputs = join.inputs or "inputs"
    keep = f"keep what all arms agree on: `self.merge_artifacts({inputs}, include=[{name!r}])`"
    if join.name in facts.graph.unsettled:
        return (keep,)
    split = facts.nesting.closes.get(join.name)
    if split is not None and split.many:
        choose = f"keep one of each in the join: `self.{name} = [i.{name} for i in {inputs}]`"
    else:
        index = min(
            (i for i, s in facts.flow.branches(join.name).items() if s.may & facts.names.bit(name)), default=0
        )
        ends = (e.source for e in facts.edges.into[join.name] if _index(facts, e) == index)
        choose = f"choose one in the join: `self.{name} = {inputs}.{next(ends, 'step')}.{name}`"
    return choose, f"or {keep}"


def _index(facts: Facts, edge: Edge) -> int:
    branch = facts.nesting.carried(edge)
    return branch.index if branch is not None else 0
