"""The picture of a program without a format: nodes for steps, edges for transitions, boxes for regions.

Boxes nest; `Picture.boxes` and `Node.box` say how by numbers, so that no depth of nesting is too
deep for a renderer. Invariant: every step is one node, in the order of the flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.cli.stats import cores, duration, memory
from flowc.ir.graph import Choose, Foreach, Gang, key_of, simple_transitions, targets
from flowc.ir.region import ForeachRegion, ForkRegion, GangRegion, LoopRegion, Run, SwitchRegion
from flowc.ir.values import Const

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowc.ir.graph import Arm, Step
    from flowc.ir.program import Program
    from flowc.ir.region import Block, Region
    from flowc.target.settings import Settings


class Box(NamedTuple):
    """A region. `parent` is the index of the box around it, -1 for none."""

    kind: str
    label: str
    head: str
    parent: int


class Node(NamedTuple):
    """A step. `details` are short lines on what it needs and how it may fail."""

    step: str
    kind: str
    details: tuple[str, ...]
    doc: str
    place: str
    box: int


class Edge(NamedTuple):
    """One target of a transition; `label` is "" for a plain one."""

    source: str
    target: str
    label: str


class Picture(NamedTuple):
    """A whole flow."""

    flow: str
    doc: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    boxes: tuple[Box, ...]


def picture(program: Program, settings: Settings) -> Picture:
    """The picture of a program under the limits of the settings."""
    boxes: list[Box] = []
    places: dict[str, int] = {}
    pending: list[tuple[Block, int]] = [(program.body, -1)]
    while pending:
        block, parent = pending.pop()
        inner: list[tuple[Block, int]] = []
        for region in block.items:
            if isinstance(region, Run):
                places[region.step] = parent
                continue
            blocks = list(_blocks(region))
            if blocks:
                boxes.append(_box(region, parent, program, settings))
                inner += ((b, len(boxes) - 1) for b in blocks)
        pending.extend(reversed(inner))
    graph = program.graph
    numbers, kept = _without_empty(boxes, places.values())
    nodes = tuple(_node(step, program, numbers[places[name]]) for name, step in graph.steps.items())
    edges = tuple(edge for step in graph.steps.values() for edge in _edges(step))
    return Picture(graph.name, graph.doc, nodes, edges, kept)


def _without_empty(boxes: Sequence[Box], places: Iterable[int]) -> tuple[Mapping[int, int], tuple[Box, ...]]:
    """The boxes that hold a step, and their new numbers by the old ones (a choice between two tails holds none)."""
    used = {-1}
    for place in places:
        at = place
        while at not in used:
            used.add(at)
            at = boxes[at].parent
    numbers = {old: new for new, old in enumerate(sorted(used), -1)}
    kept = (boxes[old] for old in sorted(used) if old >= 0)
    return numbers, tuple(box._replace(parent=numbers[box.parent]) for box in kept)


def _blocks(region: Region) -> Iterator[Block]:
    match region:
        case ForkRegion(arms=arms):
            yield from arms
        case ForeachRegion(body=body) | GangRegion(body=body) | LoopRegion(body=body):
            yield body
        case SwitchRegion(arms=switch_arms):
            yield from (arm.block for arm in switch_arms)
        case _:
            return


def _box(region: Region, parent: int, program: Program, settings: Settings) -> Box:
    match region:
        case ForkRegion(head=head, arms=arms):
            return Box("split", f"split of {len(arms)}", head, parent)
        case ForeachRegion(head=head):
            return Box("foreach", _foreach_label(head, program), head, parent)
        case GangRegion(head=head):
            return Box("gang", _gang_label(head, program), head, parent)
        case LoopRegion(head=head):
            return Box("loop", f"loop, at most {settings.max_visits:,} passes", head, parent)
        case SwitchRegion(head=head):
            return Box("choice", "choice", head, parent)
        case _:
            raise AssertionError(region)


def _foreach_label(head: str, program: Program) -> str:
    for _, simple in simple_transitions(program.graph.steps[head].transition):
        if isinstance(simple, Foreach):
            items = " or ".join(dict.fromkeys(item.value for item in simple.items))
            label = f"foreach {items}".rstrip()
            known = program.fanouts.get((head, key_of(simple)))
            if known is None:
                return label
            label += (
                f", {known.length:,} items"
                if known.length is not None
                else f", at most {known.max_num_splits:,} items"
            )
            return label + (f", {known.max_workers:,} at a time" if known.max_workers is not None else "")
    return "foreach"


def _gang_label(head: str, program: Program) -> str:
    for _, simple in simple_transitions(program.graph.steps[head].transition):
        if isinstance(simple, Gang):
            size = simple.size.value
            return f"gang of {size.value!r}" if isinstance(size, Const) else "gang"
    return "gang"


def _node(step: Step, program: Program, box: int) -> Node:
    graph = program.graph
    kind = "join" if step.is_join else "choice" if isinstance(step.transition, Choose) else "step"
    if step.name in {graph.start, graph.end}:
        kind = "start" if step.name == graph.start else "end"
    span = step.span
    return Node(step.name, kind, tuple(_details(step)), step.doc, f"{span.file.path}:{span.line}", box)


def _details(step: Step) -> Iterator[str]:
    spec = step.spec
    needs = spec.resources
    gpu = f" · {needs.gpu} GPU" if needs.gpu else ""
    yield f"{cores(needs.cpu_millis)} CPU · {memory(needs.memory_mb)}{gpu}"
    if spec.retry is not None and spec.retry.times:
        yield f"retry {spec.retry.times} ×, {duration(spec.retry.delay_seconds)} apart"
    if spec.timeout_seconds is not None:
        yield f"timeout {duration(spec.timeout_seconds.value)}"
    if spec.catch is not None:
        yield "catch"


def _edges(step: Step) -> Iterator[Edge]:
    arms = {arm.key: arm for arm in step.transition.arms} if isinstance(step.transition, Choose) else {}
    for key, simple in simple_transitions(step.transition):
        words = [_cases(arms[key])] if key is not None else []
        match simple:
            case Foreach(items=items):
                words.append("foreach " + " or ".join(dict.fromkeys(item.value for item in items)))
            case Gang():
                words.append("gang")
            case _:
                pass
        label = ", ".join(word for word in words if word)
        yield from (Edge(step.name, target.value, label) for target in targets(simple))


def _cases(arm: Arm) -> str:
    """The values of a switch that lead into an arm; nothing for an `if`."""
    values = (case.value for case in arm.cases)
    return " or ".join(value if isinstance(value, str) else repr(value) for value in values)
