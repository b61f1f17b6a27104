"""Whether a switch's table has the values that its condition can have (FC416, FC423)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.diagnostics.suggest import did_you_mean
from flowc.ir.graph import Choose
from flowc.ir.values import Const

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Sink
    from flowc.ir.graph import Step
    from flowc.ir.values import Constant, Value
    from flowc.passes.artifacts.facts import Facts
    from flowc.source import Located


def check_switches(facts: Facts, sink: Sink) -> None:
    """Report constant conditions that no row of the table is for."""
    for step in facts.graph.steps.values():
        if isinstance(step.transition, Choose) and step.transition.condition is not None:
            table = [case.value for arm in step.transition.arms for case in arm.cases]
            if table and step.name in facts.flow.before:
                _check_table(facts, step, step.transition.condition, table, sink)


def _check_table(
    facts: Facts, step: Step, condition: Located[str], table: Sequence[Constant], sink: Sink
) -> None:
    reached = facts.reaching.at_next(step.name, condition.value)
    wrong = [d for d in reached.definitions if _is_missing(d.value, table)]
    if not wrong:
        return
    values = list(dict.fromkeys(repr(d.value.value) for d in wrong if isinstance(d.value, Const)))
    certain = len(wrong) == len(reached.definitions) and not reached.missing
    words = [key for key in table if isinstance(key, str)]
    first = wrong[0].value
    text = first.value if isinstance(first, Const) else None
    sink.report(
        catalog.CASE_MISSING if certain else catalog.MAYBE_CASE_MISSING,
        condition.span,
        f"`self.{condition.value}` {'is' if certain else 'may be'} {' or '.join(values[:3])}, "
        f"which the table of `{step.name}` does not list",
        secondary=tuple(Label(d.span, "assigned here") for d in wrong[:3] if d.span is not None),
        helps=(did_you_mean(text, words) if isinstance(text, str) else ())
        or (f"add a case for {values[0]} to the table, or assign a value that it has",),
        notes=(f"the table has {', '.join(map(repr, table[:8]))}",),
    )


def _is_missing(value: Value, table: Sequence[Constant]) -> bool:
    """Whether a value is known and none of the keys, as a dict compares them."""
    return isinstance(value, Const) and not any(_same_key(value.value, key) for key in table)


def _same_key(value: Constant, key: Constant) -> bool:
    return value is key or value == key
