"""Flow graphs as text, so that a test shows its input at a glance.

    start -> a, b                  a split; one statement a line, or several with `;`
    a -> foreach w in xs:10        a foreach over `xs` (10 items; `in xs:10` and `:10` may be absent)
    a -> gang w by 4               a gang of 4
    a -> x | y                     a choice, by an `if` in the step
    a -> kind ? x | b, c | foreach w    a switch over the artifact `kind`, whose arms may split
    join j -> end                  a step that takes `inputs`
    a[cpu=2, memory=8000, gpu=1, parallel, retry=3, catch, timeout=60, max_workers=4] -> b

The first step is `start`, the last `end`, which need not be written down. Spans are real places
in the text, so that diagnostics can be rendered over it. `#` begins a comment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics.model import Sink
from flowc.ir.body import BodyBlock, Ending, MethodBody, Next, Write
from flowc.ir.graph import Arm, Choose, Finish, FlowGraph, Foreach, Fork, Gang, Goto, Step, key_of
from flowc.ir.program import Program
from flowc.ir.resources import Resources
from flowc.ir.spec import Catch, Fanout, FlowSpecs, Retry, StepSpec
from flowc.ir.values import Const, Shape, Unknown
from flowc.passes.reachability import check_reachability
from flowc.passes.structure.regions import structure
from flowc.passes.wiring import wire
from flowc.source import Located, SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.ir.body import Event
    from flowc.ir.graph import Simple, Transition
    from flowc.ir.values import Constant

_STATEMENT = re.compile(
    r"\s*(?P<join>join\s+)?(?P<name>\w+)\s*(?:\[(?P<attributes>[^\]]*)\])?\s*(?:->\s*(?P<next>.*?))?\s*$",
    re.DOTALL,
)
_SWITCH = re.compile(r"\s*(?P<condition>\w+)\s*\?(?P<arms>.*)$", re.DOTALL)
_FOREACH = re.compile(r"\s*foreach\s+(?P<target>\w+)(?:\s+in\s+(?P<items>\w+)(?::(?P<length>\d+))?)?\s*$")
_GANG = re.compile(r"\s*gang\s+(?P<target>\w+)(?:\s+by\s+(?P<size>\w+))?\s*$")


def flow(text: str, name: str = "Flow") -> FlowGraph:
    """The graph that `text` describes. Raises ValueError where the text itself is wrong."""
    text = re.sub(r"#[^\n]*", lambda comment: " " * len(comment[0]), text)
    file = SourceFile("flow.txt", text)
    whole = Span(file, 0, 0)
    steps = {step.name: step for step in (_step(span) for span in _statements(file))}
    if "end" not in steps:
        steps["end"] = _plain_step("end", Span(file, len(text), len(text)))
    return FlowGraph(
        name=name,
        file=file.path,
        span=whole,
        doc="",
        start="start",
        end="end",
        steps=steps,
        specs=FlowSpecs(),
    )


def _statements(file: SourceFile) -> Iterator[Span]:
    for match in re.finditer(r"[^;\n]+", file.text):
        if match[0].strip():
            yield Span(file, match.start(), match.end())


def _sub(span: Span, match: re.Match[str], group: str) -> Span:
    return Span(span.file, span.start + match.start(group), span.start + match.end(group))


def _located(span: Span, match: re.Match[str], group: str) -> Located[str]:
    return Located(match[group], _sub(span, match, group))


def _step(statement: Span) -> Step:
    match = _STATEMENT.match(statement.text)
    if match is None:
        raise ValueError(f"no statement: {statement.text!r}")
    name = _located(statement, match, "name")
    transition: Transition = Finish()
    at, writes = name.span, list[Write]()
    if match["next"] is not None:
        at = _sub(statement, match, "next")
        transition = _transition(at, writes)
    return Step(
        name=name.value,
        span=name.span,
        doc="",
        inputs="inputs" if match["join"] else None,
        transition=transition,
        transition_span=at,
        spec=_spec(match["attributes"] or "", name.span),
        body=_body(name, writes, transition, at),
    )


def _plain_step(name: str, span: Span) -> Step:
    located = Located(name, span)
    return Step(
        name=name, span=span, doc="", inputs=None, transition=Finish(), transition_span=span,
        spec=StepSpec(), body=_body(located, [], Finish(), span),
    )  # fmt: skip


def _transition(at: Span, writes: list[Write]) -> Transition:
    text, condition, start = at.text, None, at.start
    if (switch := _SWITCH.match(text)) is not None:
        condition = _located(at, switch, "condition")
        start += switch.start("arms")
        text = switch["arms"]
    parts = list(re.finditer(r"[^|]+", text))
    spans = [Span(at.file, start + part.start(), start + part.end()) for part in parts]
    simples = [_simple(span, writes) for span in spans]
    if len(simples) == 1 and condition is None:
        return simples[0]
    return Choose(
        arms=tuple(
            Arm(
                key=key_of(simple),
                then=simple,
                cases=_cases(simple, span) if condition else (),
                spans=(span,),
            )
            for simple, span in zip(simples, spans, strict=True)
        ),
        condition=condition,
    )


def _cases(simple: Simple, span: Span) -> tuple[Located[Constant], ...]:
    return (Located(key_of(simple), span),)


def _simple(span: Span, writes: list[Write]) -> Simple:
    if (match := _FOREACH.match(span.text)) is not None:
        items = _located(span, match, "items") if match["items"] else Located("xs", span)
        length = int(match["length"]) if match["length"] else None
        writes.append(Write(items.value, items.span, Shape("list", length)))
        return Foreach(_located(span, match, "target"), (items,))
    if (match := _GANG.match(span.text)) is not None:
        size = match["size"] or "2"
        value = Const(int(size)) if size.isdigit() else Unknown(span, f"`{size}` is not known")
        return Gang(_located(span, match, "target"), Located(value, span))
    names = [
        Located(word[0], Span(span.file, span.start + word.start(), span.start + word.end()))
        for word in re.finditer(r"\w+", span.text)
    ]
    if not names or re.sub(r"[\w\s,]", "", span.text):
        raise ValueError(f"no transition: {span.text!r}")
    return Goto(names[0]) if len(names) == 1 else Fork(tuple(names))


def _body(name: Located[str], writes: list[Write], transition: Transition, at: Span) -> MethodBody:
    first: tuple[Event, ...] = tuple(writes)
    match transition:
        case Finish():
            blocks = [BodyBlock(first, (), Ending.RETURN)]
        case Choose(arms=arms):
            blocks = [BodyBlock(first, tuple(range(1, len(arms) + 1)))]
            blocks += [BodyBlock((Next(at, arm.key),), (), Ending.RETURN) for arm in arms]
        case _:
            blocks = [BodyBlock((*first, Next(at, key_of(transition))), (), Ending.RETURN)]
    return MethodBody(name.value, name.span, tuple(blocks))


def _spec(attributes: str, span: Span) -> StepSpec:
    words = dict(word.strip().partition("=")[::2] for word in attributes.split(",") if word.strip())
    number = {key: int(value) for key, value in words.items() if value}
    limits = number.keys() & {"max_workers", "max_num_splits"}
    return StepSpec(
        resources=Resources(
            cpu_millis=number.get("cpu", 1) * 1000,
            memory_mb=number.get("memory", 4096),
            gpu=number.get("gpu", 0),
        ),
        resources_span=span if number.keys() & {"cpu", "memory", "gpu"} else None,
        retry=Retry(number["retry"], 120, span) if "retry" in number else None,
        timeout_seconds=Located(number["timeout"], span) if "timeout" in number else None,
        catch=Catch(None, True, span) if "catch" in words else None,
        parallel=span if "parallel" in words else None,
        fanout=Fanout(number.get("max_workers"), number.get("max_num_splits"), span) if limits else None,
    )


def program(text: str) -> Program:
    """The program of a flow that has no fault, without its fan-outs."""
    sink = Sink()
    graph = check_reachability(flow(text), sink)
    body = structure(graph, sink)
    assert body is not None, [(found.rule.code, found.message) for found in sink]
    assert not sink.has_errors, [(found.rule.code, found.message) for found in sink]
    return Program(graph=graph, body=body, wiring=wire(graph, body))
