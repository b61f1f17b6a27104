"""What can be judged of single steps and edges: reachable, able to end, entered as they must be.

The graph that comes out holds only the last step and what the first one reaches, so that no later
pass meets a step that nothing leads to: where the last step is not reached, that was reported. With
broken steps, which may lead anywhere, all steps stay, and only what is sure is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.diagnostics.wording import listed
from flowc.ir.graph import Finish, Foreach, Fork, Gang, Goto
from flowc.passes.structure.edges import Edges, place_of
from flowc.passes.structure.explain import labels
from flowc.passes.structure.search import components, reachable, reversed_edges
from flowc.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import FlowGraph, Step
    from flowc.passes.structure.edges import Edge


def check_reachability(graph: FlowGraph, sink: Sink) -> FlowGraph:
    """Report FC303–FC305, FC307 at the start, FC310–FC314 and FC320; the graph without what nothing reaches."""
    edges = Edges(graph)
    reached = reachable(edges.successors, [graph.start])
    _check_ends_of_flow(graph, edges, sink)
    for step in graph.steps.values():
        _check_gang(graph, step, edges.into[step.name], sink)
        _check_bodies(graph, edges.out[step.name], sink)
    stuck = _check_way_to_end(graph, edges, reached, sink)
    if graph.broken:
        return graph
    if graph.end in reached or not stuck:
        _check_unreached(graph, edges, reached, sink)
    kept = {name: step for name, step in graph.steps.items() if name in reached or name == graph.end}
    return graph if len(kept) == len(graph.steps) else replace(graph, steps=kept)


def _check_ends_of_flow(graph: FlowGraph, edges: Edges, sink: Sink) -> None:
    start, end = graph.steps[graph.start], graph.steps[graph.end]
    for edge in edges.into[graph.start]:
        sink.report(
            catalog.START_HAS_PREDECESSOR,
            Label(edge.span, "leads back to the first step"),
            f"`{edge.source}` goes to `{start.name}`, but nothing can come before the first step",
            secondary=[Label(start.span, "the flow begins here")],
            helps=[f"move what is repeated from `{start.name}` into a step after it, and go to that one"],
        )
    if start.is_join:
        sink.report(
            catalog.JOIN_WITHOUT_SPLIT,
            Label(start.span, f"takes `{start.inputs}`, as a join does"),
            f"the first step `{start.name}` is a join, and nothing comes before it",
            helps=[f"remove the parameter `{start.inputs}`"],
        )
    if end.is_join and end is not start and end.name not in graph.broken:
        sink.report(
            catalog.END_IS_JOIN,
            Label(end.span, f"takes `{end.inputs}`, as a join does"),
            f"the last step `{end.name}` is a join",
            secondary=labels(edges.into[end.name], "`{source}` goes to it"),
            helps=[f"add a join before it that ends with `self.next(self.{end.name})`"],
        )


def _check_unreached(graph: FlowGraph, edges: Edges, reached: set[str], sink: Sink) -> None:
    """Report every step that nothing before it leads to, with those that only it leads to."""
    unreached = [name for name in graph.steps if name not in reached]
    if not unreached:
        return
    place = {name: number for number, name in enumerate(graph.steps)}
    explained: set[str] = set()
    for part in reversed(components(edges.successors, unreached)):
        if explained.isdisjoint(part):
            after = reachable(edges.successors, part)
            _report_unreached(graph, edges, sorted(part, key=place.__getitem__), after - reached, sink)
            explained |= after


def _report_unreached(graph: FlowGraph, edges: Edges, part: list[str], after: set[str], sink: Sink) -> None:
    first = graph.steps[part[0]]
    if len(part) > 1:
        message = f"no path from `{graph.start}` leads to {listed(part)}, which only lead to each other"
    elif first.name in edges.successors[first.name]:
        message = f"no path from `{graph.start}` leads to `{first.name}`, which only leads to itself"
    else:
        message = f"no step leads to `{first.name}`"
    only_after = after.difference(part)
    others = [name for name in graph.steps if name in only_after]
    notes = [f"nor does any path lead to {listed(others)}, after `{first.name}`"] if others else []
    sink.report(
        catalog.UNREACHABLE_STEP,
        Label(first.span, "never runs"),
        message,
        notes=notes,
        helps=[f"go to it from another step by `self.next(self.{first.name})`, or remove it"],
    )


def _check_way_to_end(graph: FlowGraph, edges: Edges, reached: set[str], sink: Sink) -> set[str]:
    """Report steps that cannot come to the end: where they stop, or the loop they never leave."""
    before = reversed_edges(edges.successors)
    ending = reachable(before, [graph.end])
    stuck = reached - ending
    stops = [
        name
        for name in graph.steps
        if name in stuck and name not in graph.broken and isinstance(graph.steps[name].transition, Finish)
    ]
    for name in stops:
        sink.report(
            catalog.NO_WAY_TO_END,
            Label(graph.steps[name].span, "the flow stops here"),
            f"`{name}` never goes on to `{graph.end}`: no path through it calls `self.next`",
            secondary=labels(edges.into[name], "`{source}` goes to it"),
            notes=["a step without `self.next` can only raise or exit, and ends the run as failed"],
            helps=[
                f"raise in the step before it instead, or go on by `self.next(self.{graph.end})` on some path"
            ],
        )
    stopping = reachable(before, [*stops, *graph.broken])
    endless = stuck - stopping
    for loop in components(edges.successors, [name for name in graph.steps if name in endless]):
        inside = set(loop)
        if all(after in inside for name in loop for after in edges.successors[name]):
            _report_endless(graph, edges, inside, sink)
    return stuck


def _report_endless(graph: FlowGraph, edges: Edges, loop: set[str], sink: Sink) -> None:
    steps = [name for name in graph.steps if name in loop]
    entered = (edge for name in steps for edge in edges.into[name] if edge.source not in loop)
    head = next((edge.target for edge in entered), graph.start)
    back = next(edge for edge in edges.into[head] if edge.source in loop)
    what = f"the loop of {listed(steps)}" if len(steps) > 1 else f"the loop of `{head}` with itself"
    sink.report(
        catalog.ENDLESS_LOOP,
        Label(back.span, f"goes back to `{head}`"),
        f"{what} never ends: none of its steps leads out",
        secondary=[Label(graph.steps[head].span, "the loop begins here")],
        helps=[f"let `{back.source}` choose between `{head}` and a step that leads to `{graph.end}`"],
    )


def _check_bodies(graph: FlowGraph, out: Sequence[Edge], sink: Sink) -> None:
    """Report splits that go straight to a join."""
    for edge in out:
        target = graph.steps[edge.target]
        if edge.branch is None or not target.is_join:
            continue
        split = edge.branch.split
        between = "a step between them that does each item's work" if split.many else "a step between them"
        sink.report(
            catalog.EMPTY_BODY,
            Label(edge.span, "a join, with nothing before it to join"),
            f"the {split.word} in `{edge.source}` goes straight to the join `{target.name}`",
            secondary=[Label(target.span, f"takes `{target.inputs}`, as a join does")],
            helps=[f"add {between}"],
        )


def _check_gang(graph: FlowGraph, step: Step, into: Sequence[Edge], sink: Sink) -> None:
    ganged = [edge for edge in into if edge.branch and isinstance(edge.branch.split.transition, Gang)]
    if step.spec.parallel is None:
        for edge in ganged:
            sink.report(
                catalog.GANG_WITHOUT_PARALLEL,
                Label(edge.span, "entered by `num_parallel` here"),
                f"`{edge.source}` starts `{step.name}` as a gang, but it has no `@parallel`",
                secondary=[Label(step.span, "lacks `@parallel`")],
                helps=[f"put `@parallel` on `{step.name}`, above `@step`"],
            )
    else:
        for edge in into:
            if edge not in ganged:
                sink.report(
                    catalog.PARALLEL_WITHOUT_GANG,
                    Label(step.spec.parallel, "runs only as a gang"),
                    f"`{step.name}` has `@parallel`, but `{edge.source}` goes to it without `num_parallel`",
                    secondary=[Label(edge.span, "entered as a single task here")],
                    helps=[
                        f"start it by `self.next(self.{step.name}, num_parallel=…)`, or remove `@parallel`",
                    ],
                )
    if ganged and step.name not in graph.broken:
        _check_after_gang(graph, step, ganged[0], sink)


def _check_after_gang(graph: FlowGraph, step: Step, entry: Edge, sink: Sink) -> None:
    """A gang is one step: its tasks end together, in the join."""
    match step.transition:
        case Goto(target=target) if graph.steps[target.value].is_join:
            return
        case Goto(target=target):
            place, fault = target.span, f"goes on to `{target.value}`, which is no join"
        case Finish():
            return
        case Foreach() | Fork() | Gang():
            place, fault = step.transition_span, "splits again"
        case choice:
            place, fault = place_of(step, choice.arms[0].key), "chooses its next step"
    sink.report(
        catalog.GANG_WITHOUT_JOIN,
        Label(place, "not a join"),
        f"the gang step `{step.name}` {fault}",
        secondary=[Label(entry.span, f"`{entry.source}` starts the gang here")],
        notes=["the tasks of a gang run at once and end together"],
        helps=[f"go from `{step.name}` straight to a join (a step that takes `inputs`), and on from there"],
    )
