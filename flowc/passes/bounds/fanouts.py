"""How many items each foreach and gang has, where the flow itself says so, and whether they fit.

The length of a foreach is that of the artifact at the `self.next` that names it: the same on all
paths of the step, or, where the step does not assign it, of all steps before it. Everything else
is left to the shim, which checks the same limits when it runs.

Invariant: an error means that every execution which reaches the `self.next` of a step without a
choice fails there; where only some do, it is a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label, Severity
from flowc.diagnostics.wording import with_article
from flowc.ir.graph import Choose, Foreach, Gang, key_of, simple_transitions
from flowc.ir.params import ParameterType
from flowc.ir.program import Fanouts
from flowc.ir.values import Const, Shape, length_of
from flowc.passes.reaching import Reaching
from flowc.passes.structure.edges import Edges

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowc.diagnostics.model import Rule, Sink
    from flowc.ir.graph import FlowGraph, Step
    from flowc.ir.values import Value
    from flowc.passes.reaching import Reached
    from flowc.passes.tracing import Definition
    from flowc.source import Located, Span
    from flowc.target.settings import Settings

# Kinds of `Shape` that no loop runs over.
_WITHOUT_ITEMS = frozenset(
    {"int", "float", "bool", "complex", "None", "lambda", "function", "class", "module"}
)
_NUMBERS = frozenset({ParameterType.INT, ParameterType.FLOAT, ParameterType.BOOL})
_UNORDERED = frozenset({"set", "frozenset"})


def fanouts(graph: FlowGraph, settings: Settings, sink: Sink) -> Mapping[tuple[str, str], Fanouts]:
    """What is known of every foreach and gang, by the step that splits and the contract's key of the split."""
    found: dict[tuple[str, str], Fanouts] = {}
    lengths = _Lengths(graph, settings, sink)
    for step in graph.steps.values():
        if step.name in graph.broken:
            continue
        splits = False
        for key, simple in simple_transitions(step.transition):
            if isinstance(simple, Foreach):
                splits = True
                found[step.name, key_of(simple)] = lengths.of_foreach(step, key, simple)
            elif isinstance(simple, Gang):
                found[step.name, key_of(simple)] = lengths.of_gang(step, simple)
        if step.spec.fanout is not None and not splits:
            sink.report(
                catalog.FANOUT_MISPLACED,
                step.spec.fanout.span,
                f"`@fanout` is on `{step.name}`, which does not split over a foreach",
                helps=(
                    f"move it to the step whose `self.next(…, foreach=…)` leads to `{step.name}`, or remove it",
                ),
            )
    return found


class _Lengths:
    """What the judgements share: the graph's values, the limits, the sink."""

    __slots__ = ("_graph", "_reaching", "_settings", "_sink")

    def __init__(self, graph: FlowGraph, settings: Settings, sink: Sink) -> None:
        self._graph = graph
        self._settings = settings
        self._sink = sink
        self._reaching: Reaching | None = None

    def of_foreach(self, step: Step, key: str | None, foreach: Foreach) -> Fanouts:
        fanout = step.spec.fanout
        limit = self._settings.max_num_splits
        if fanout is not None and fanout.max_num_splits is not None:
            limit = fanout.max_num_splits
        lengths = {self._length(step, key, items, limit) for items in foreach.items}
        length = lengths.pop() if len(lengths) == 1 else None
        return Fanouts(length, limit, fanout.max_workers if fanout is not None else None)

    def of_gang(self, step: Step, gang: Gang) -> Fanouts:
        """A gang runs all at once: the run's workers are its only limit."""
        workers = self._settings.max_workers
        size = gang.size.value.value if isinstance(gang.size.value, Const) else None
        if not isinstance(size, int) or size < 1:
            return Fanouts(None, workers, None)
        if size > workers:
            self._report(
                catalog.GANG_TOO_LARGE,
                gang.size.span,
                step,
                f"the gang of `{gang.target.value}` has {size:,} tasks that run at once; the run has {workers:,} workers",
                helps=(
                    f"raise the limit with `--max-workers {size}` or `max_workers = {size}` under [tool.flowc]",
                ),
            )
        return Fanouts(size, workers, None)

    def _length(self, step: Step, key: str | None, items: Located[str], limit: int) -> int | None:
        if self._reaching is None:
            self._reaching = Reaching(self._graph, Edges(self._graph))
        reached = self._reaching.at_next(step.name, items.value, key)
        self._check_parameter(step, items)
        self._check_iterable(step, items, reached)
        self._check_length(step, items, reached, limit)
        lengths = {length_of(definition.value) for definition in reached.definitions}
        return lengths.pop() if len(lengths) == 1 and not reached.missing else None

    def _check_parameter(self, step: Step, items: Located[str]) -> None:
        parameter = self._graph.parameters.get(items.value)
        if parameter is None or parameter.type not in _NUMBERS:
            return
        kind = parameter.type.value
        self._report(
            catalog.FOREACH_NOT_ITERABLE,
            items.span,
            step,
            f"foreach over the parameter `{items.value}`, which is {_a(kind)} and has no items",
            secondary=(Label(parameter.span, f"{_a(kind)} is declared here"),),
            helps=(
                f"assign a list, and name that one: `self.items = list(range(self.{items.value}))`"
                if kind == "int"
                else "take a list: `type=JSONType`, or text with a `separator`",
            ),
        )

    def _check_iterable(self, step: Step, items: Located[str], reached: Reached) -> None:
        wrong = [d for d in reached.definitions if _has_no_items(d.value)]
        if wrong:
            kind = _a(_kind(wrong[0].value))
            self._report(
                catalog.FOREACH_NOT_ITERABLE,
                items.span,
                step,
                f"foreach over `{items.value}`, which is {kind} and has no items",
                secondary=_places(wrong, lambda _: f"{kind} is assigned here"),
                certain=len(wrong) == len(reached.definitions) and not reached.missing,
                helps=("assign a list: one task of the next step runs for each of its items",),
            )
        unordered = [d for d in reached.definitions if _kind(d.value) in _UNORDERED]
        if unordered:
            self._sink.report(
                catalog.UNORDERED_FOREACH,
                items.span,
                f"foreach over `{items.value}`, a set: its order changes from run to run",
                secondary=_places(unordered, lambda _: "a set is assigned here"),
                helps=(f"give it an order: `self.{items.value} = sorted(…)`",),
            )

    def _check_length(self, step: Step, items: Located[str], reached: Reached, limit: int) -> None:
        known = [(d, length_of(d.value)) for d in reached.definitions]
        empty = [d for d, length in known if length == 0]
        large = [(d, length) for d, length in known if length is not None and length > limit]
        if empty:
            self._report(
                catalog.EMPTY_FOREACH,
                items.span,
                step,
                f"foreach over `{items.value}` has no items; a foreach needs at least one",
                secondary=_places(empty, lambda _: "empty"),
                certain=len(empty) == len(known) and not reached.missing,
                helps=("choose another step with an `if` around `self.next` where there is nothing to do",),
            )
        if large:
            most = max(length for _, length in large)
            flag = f"`--max-num-splits {most}`, `max_num_splits = {most}` under [tool.flowc]"
            self._report(
                catalog.TOO_MANY_SPLITS,
                items.span,
                step,
                f"foreach over `{items.value}` makes {most:,} tasks; the limit is {limit:,}",
                secondary=_places([d for d, _ in large], lambda d: f"{length_of(d.value):,} items"),
                certain=len(large) == len(known) and not reached.missing,
                helps=(f"raise the limit with {flag}, or @fanout(max_num_splits={most}) on `{step.name}`",),
            )

    def _report(
        self, rule: Rule, span: Span, step: Step, message: str, *,
        helps: tuple[str, ...], secondary: tuple[Label, ...] = (), certain: bool = True,
    ) -> None:  # fmt: skip
        """An error where every way out of the step comes here with such a value, else a warning."""
        always = certain and not isinstance(step.transition, Choose)
        self._sink.report(
            rule,
            span,
            message,
            secondary=secondary,
            helps=helps,
            severity=None if always else Severity.WARNING,
        )


def _places(definitions: list[Definition], text: Callable[[Definition], str]) -> tuple[Label, ...]:
    """A label at each assignment that is in the source."""
    return tuple(Label(d.span, text(d)) for d in definitions if d.span is not None)


def _kind(value: Value) -> str:
    """The word for a value's kind; "" where it is not known."""
    match value:
        case Const(value=None):
            return "None"
        case Const(value=constant):
            return type(constant).__name__
        case Shape(kind=kind):
            return kind
        case _:
            return ""


def _has_no_items(value: Value) -> bool:
    return _kind(value) in _WITHOUT_ITEMS


def _a(kind: str) -> str:
    """The kind with its article; `None` is a name."""
    return kind if kind == "None" else with_article(kind)
