"""The words for splits and loops that do not fit into one another: FC306–FC309, FC315–FC319, FC321."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Applicability, Edit, Fix, Label
from flowc.diagnostics.wording import listed
from flowc.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph, Step
    from flowc.passes.structure.edges import Branch, Edge, Split

_LABELS = 4  # secondary labels of one kind


def labels(edges: Iterable[Edge], text: str) -> list[Label]:
    """A label at the first few of `edges`; `{source}` and `{target}` in `text` are their steps."""
    return [Label(e.span, text.format(source=e.source, target=e.target)) for e in list(edges)[:_LABELS]]


def unjoined_split(split: Split, lost: Sequence[Edge], meant: Step | None, sink: Sink) -> None:
    """FC306: the flow (or a step outside) comes after a split that no join has closed; `meant` may be to close it."""
    after = lost[0].target
    firsts = [branch.target for branch in split.branches]
    arms = f"the tasks of `{firsts[0]}`" if split.many else f"the arms {listed(firsts)}"
    helps = [f"let {arms} end in a join, `def join(self, inputs)`, and go from there to `{after}`"]
    if meant is not None:
        helps = [f"is `{meant.name}` to join them? Then write `def {meant.name}(self, inputs)`", *helps]
    sink.report(
        catalog.UNJOINED_SPLIT,
        Label(split.span, f"the {split.word} begins here"),
        f"the {split.word} in `{split.head}` is not joined before `{after}`",
        secondary=labels(lost, f"`{{source}}` goes to `{{target}}` inside the {split.word}"),
        helps=helps,
        fix=_add_inputs(meant) if meant is not None else None,
    )


def join_without_split(graph: FlowGraph, join: str, into: Sequence[Edge], sink: Sink) -> None:
    """FC307: no step before a join is inside a split."""
    step = graph.steps[join]
    sink.report(
        catalog.JOIN_WITHOUT_SPLIT,
        Label(step.span, f"takes `{step.inputs}`, as a join does"),
        f"`{join}` is a join, but no split before it is open",
        secondary=labels(into, "`{source}` is inside no split"),
        helps=[f"remove the parameter `{step.inputs}`, or split before `{join}` and let every arm end in it"],
    )


def unrelated_join(
    graph: FlowGraph, join: str, by_split: Mapping[Split | None, Sequence[Edge]], sink: Sink
) -> None:
    """FC308: a join's inputs come from different splits."""
    parts = []
    marks: list[Label] = []
    for split, into in by_split.items():
        where = f"the {split.word} in `{split.head}`" if split else "no split"
        parts.append(f"{listed(dict.fromkeys(edge.source for edge in into))} from {where}")
        marks += labels(into, f"`{{source}}` comes from {where}")
    marks += [Label(split.span, f"this {split.word}") for split in list(by_split)[:_LABELS] if split]
    sink.report(
        catalog.UNRELATED_JOIN,
        Label(graph.steps[join].span, "joins the arms of one split"),
        f"`{join}` joins steps of different splits: {', '.join(parts)}",
        secondary=marks,
        helps=["give each split a join of its own; the join of an inner split then leads to the outer one's"],
    )


def incomplete_join(
    graph: FlowGraph, split: Split, join: str, missing: Sequence[Branch], lost: Sequence[Edge], sink: Sink
) -> None:
    """FC309: some arms of a split never come to its join."""
    arms = [branch.target for branch in missing]
    plural = len(arms) > 1
    sink.report(
        catalog.INCOMPLETE_JOIN,
        Label(graph.steps[join].span, "waits for every arm of the split"),
        f"the arm{'s' if plural else ''} {listed(arms)} of the split in `{split.head}` "
        f"do{'' if plural else 'es'} not lead to its join `{join}`",
        secondary=[
            Label(split.span, "the split begins here"),
            *labels(lost, "`{source}` goes to `{target}` instead"),
        ],
        helps=[f"let {listed(arms)} end by `self.next(self.{join})`"],
    )


def bypassed_join(graph: FlowGraph, split: Split, join: str, escape: tuple[Branch, Edge], sink: Sink) -> None:
    """FC309: an arm may come to the join, or pass it by."""
    branch, edge = escape
    arm = f"an item of the {split.word}" if split.many else f"the arm `{branch.target}` of the split"
    sink.report(
        catalog.INCOMPLETE_JOIN,
        Label(edge.span, f"goes to `{edge.target}` past the join"),
        f"{arm} in `{split.head}` can pass by its join `{join}`",
        secondary=[
            Label(graph.steps[join].span, f"waits for every {'item' if split.many else 'arm'}"),
            Label(split.span, f"the {split.word} begins here"),
        ],
        helps=[f"go to `{join}` from `{edge.source}`, and choose after it"],
    )


def several_joins(graph: FlowGraph, split: Split, joins: Sequence[str], sink: Sink) -> None:
    """FC309: the arms of one split end in different joins."""
    sink.report(
        catalog.INCOMPLETE_JOIN,
        Label(split.span, f"the {split.word} begins here"),
        f"the {split.word} in `{split.head}` ends in several joins: {listed(joins)}",
        secondary=[Label(graph.steps[join].span, "joins a part of it") for join in joins[:_LABELS]],
        notes=["a join waits for every task of its split, so one that goes to another join is missed"],
        helps=[f"let all of them end in one join, and choose after it between {listed(joins)}"],
    )


def missing_inputs(
    graph: FlowGraph, step: str, into: Sequence[Edge], arms: tuple[Branch, Branch], sink: Sink
) -> None:
    """FC319: arms of a split meet in a step that takes no inputs."""
    met = graph.steps[step]
    split = arms[0].split
    sink.report(
        catalog.MISSING_INPUTS,
        Label(met.span, "is no join: it takes only `self`"),
        f"the arms `{arms[0].target}` and `{arms[1].target}` of the split in `{split.head}` meet in "
        f"`{step}`, which takes no `inputs`",
        secondary=[
            Label(split.span, "the split begins here"),
            *labels(into, "`{source}` goes to `{target}`"),
        ],
        helps=[f"make it a join: `def {step}(self, inputs)`"],
        fix=_add_inputs(met),
    )


def _add_inputs(step: Step) -> Fix | None:
    """The parameter `inputs` after `self`, where the `def` is as simple as it mostly is."""
    file, end = step.span.file, step.span.end
    parameters = re.compile(r"\s*\(\s*\w+").match(file.text, end)
    if parameters is None or re.compile(r"\s*\)").match(file.text, parameters.end()) is None:
        return None
    place = Span(file, parameters.end(), parameters.end())
    return Fix("add the parameter `inputs`", (Edit(place, ", inputs"),), Applicability.SUGGESTED)


def mixed_entry(graph: FlowGraph, first: Edge, other: Edge, sink: Sink) -> None:
    """FC321: a step is entered by a split and by something else, or from inside two splits."""
    name = first.target
    if first.branch is not None and other.branch is None:
        first, other = other, first
    sink.report(
        catalog.MIXED_ENTRY,
        Label(other.span, f"{_way(other)}, here"),
        f"`{name}` is entered {_way(first)} and {_way(other)}",
        secondary=[Label(first.span, f"{_way(first)}, here"), Label(graph.steps[name].span, "one step")],
        notes=["a step runs in one place: inside one split, or outside of it"],
        helps=[
            f"write a second step for one of the ways (both may call one method that does the work of `{name}`)"
        ],
    )


def _way(edge: Edge) -> str:
    if edge.branch is None:
        return f"from `{edge.source}`"
    return f"by the {edge.branch.split.word} in `{edge.source}`"


def loop_crosses_split(
    graph: FlowGraph, edge: Edge, carried: Branch | None, around: Branch | None, sink: Sink
) -> None:
    """FC316: an edge goes back to a step that is inside other splits than its source."""
    crossed = edge.branch or carried or around
    marks = [Label(graph.steps[edge.target].span, "the loop would begin here")]
    if edge.branch is not None:
        message = f"`{edge.source}` goes back to `{edge.target}` by a {edge.branch.split.word}"
        help_ = f"go back by `self.next(self.{edge.target})` alone, and split in a step after it"
    else:
        message = f"`{edge.source}` goes back to `{edge.target}`, which is outside of its split"
        help_ = "join the split first, and go back from the join or from a step after it"
        if crossed is around:
            message = (
                f"`{edge.source}` goes back to `{edge.target}`, inside a split that is not open any more"
            )
            help_ = f"go back to `{around.split.head}`, which splits again" if around else help_
        if crossed is not None:
            marks.append(Label(crossed.split.span, f"the {crossed.split.word}"))
    sink.report(
        catalog.LOOP_CROSSES_SPLIT,
        Label(edge.span, f"goes back to `{edge.target}`"),
        message,
        secondary=marks,
        helps=[help_],
    )


def loop_at_join(graph: FlowGraph, edge: Edge, sink: Sink) -> None:
    """FC317: an edge goes back to a join."""
    join = graph.steps[edge.target]
    sink.report(
        catalog.LOOP_AT_JOIN,
        Label(edge.span, f"goes back to `{join.name}`"),
        f"`{edge.source}` goes back to the join `{join.name}`",
        secondary=[Label(join.span, f"takes `{join.inputs}`, as a join does")],
        notes=["a join runs once, when all arms of its split have come to it"],
        helps=[f"add a step after `{join.name}` and go back to that one"],
    )


def entered_in_the_middle(graph: FlowGraph, back: Edge, entry: Edge, sink: Sink) -> None:
    """FC315: a loop has a second entry."""
    sink.report(
        catalog.IRREDUCIBLE_LOOP,
        Label(entry.span, "enters the loop in the middle"),
        f"`{entry.source}` enters the loop of `{back.target}` at `{entry.target}`, in the middle",
        secondary=[
            Label(graph.steps[back.target].span, "the loop begins here"),
            Label(back.span, f"and goes back from `{back.source}`"),
        ],
        notes=["a loop is entered at its first step alone, so that each pass over it can be numbered"],
        helps=[f"let `{entry.source}` go to `{back.target}`, or to a step of its own"],
    )


def split_leaves_loop(graph: FlowGraph, split: Split, head: str, sink: Sink) -> None:
    """FC318: a step inside a loop splits to steps outside of it."""
    firsts = [branch.target for branch in split.branches]
    sink.report(
        catalog.SPLIT_LEAVES_LOOP,
        Label(split.span, f"the {split.word} leads out of the loop"),
        f"`{split.head}` leaves the loop of `{head}` by a {split.word}",
        secondary=[Label(graph.steps[head].span, "the loop begins here")],
        helps=[f"leave the loop to a single step, and let that one split to {listed(firsts)}"],
    )
