"""Guards: Choices that end a run by name where a step decided what the machine cannot carry out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.stepfunctions import expressions, states
from flowc.backends.stepfunctions.expressions import evaluated, joined, quoted
from flowc.ir.graph import Choose, Foreach, Gang
from flowc.ir.region import GangRegion

if TYPE_CHECKING:
    from flowc.backends.stepfunctions.manifest import Rule
    from flowc.backends.stepfunctions.scope import Inputs, Scope
    from flowc.ir.program import Program
    from flowc.ir.region import ForeachRegion


def followed_by_guard(program: Program, step: str) -> bool:
    """Whether the machine looks at what the step decided and can end the run by name."""
    return isinstance(program.graph.steps[step].transition, Choose | Foreach | Gang)


def guard(
    inputs: Inputs, region: ForeachRegion | GangRegion, scope: Scope, name: str, following: str
) -> None:
    """The state `name`, which ends the run by name before a Map begins whose size is not allowed."""
    count = f"${scope.names.control}.n"
    fanout = inputs.program.fanouts.get((region.head, region.key))
    limit = fanout.max_num_splits if fanout is not None else inputs.settings.max_num_splits
    step = contract.escape_name(region.head)
    what = "gang" if isinstance(region, GangRegion) else "foreach"
    begins, width = quoted(f"the {what} of step `{step}` has "), expressions.width_expression(scope.width)
    items = joined(begins, f"$string({count})")
    stops = [
        ("fault", "Fault", f"$not($exists({count}))", quoted(f"step `{step}` did not say how it goes on")),
        ("too_many", "TooManySplits", f"{count} > {limit}", joined(items, quoted(f" items; the limit is {limit} (max-num-splits)"))),
        ("empty", "EmptyForeach", f"{count} < 1", quoted(f"the {what} of step `{step}` has no items")),
    ]  # fmt: skip
    if isinstance(region, GangRegion):
        too_large = joined(
            items, quoted(" tasks, which must run at once; the workers are "), f"$string({width})"
        )
        stops.append(("too_large", "GangTooLarge", f"{count} > {width}", too_large))
    rules: list[Rule] = []
    scope.states[name] = states.choice(rules, following)
    for role, error, condition, cause in stops:
        stop = inputs.names.beside(region.head, role, region.key)
        rules.append({"Condition": evaluated(condition), "Next": stop})
        scope.states[stop] = states.fail(error, told(scope, cause))


def told(scope: Scope, otherwise: str) -> str:
    """What the task itself said of its fault, in words that name values; else our own words."""
    fault = f"${scope.names.control}.fault"
    return f"$exists({fault}) ? {fault} : {otherwise}"
