"""Scopes of a machine: where states are put, what they may read, and how many workers they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.backends.stepfunctions import expressions
from flowc.ir.region import ForeachRegion, ForkRegion, GangRegion, inner_blocks, inside_out
from flowc.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowc.backends.stepfunctions.expressions import Width
    from flowc.backends.stepfunctions.manifest import State, States
    from flowc.backends.stepfunctions.names import StateNames
    from flowc.backends.stepfunctions.states import Names
    from flowc.ir.program import Program
    from flowc.ir.region import Block, Region
    from flowc.target.budget import Budget
    from flowc.target.settings import Settings

    # The states of a step's job: of the step, its variables' names, and what follows.
    JobStates = Callable[[str, Names, "str | None"], "dict[str, State]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where states are put, and what they may read."""

    states: States
    names: Names
    width: Width


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What lowering needs besides the program itself. `jobs` gives the states that run a step."""

    program: Program
    settings: Settings
    budgets: Mapping[tuple[str, str], Budget]
    distributed: frozenset[Block]
    names: StateNames
    jobs: JobStates


def deeper(names: Names) -> Names:
    """The names inside a Map's body or a branch of a scope."""
    return replace(names, depth=names.depth + 1)


def fitting(width: Width, need: int) -> list[int | str]:
    """How many bodies that need `need` workers each fit a width; 0 stands for all of it."""
    if need == 0:
        return [1]
    return [expressions.divided(width, need)] if need > 1 else [_plain(width)]


def _plain(width: Width) -> int | str:
    return width if isinstance(width, int) else expressions.width_expression(width)


def reads_width(inputs: Inputs) -> frozenset[Block]:
    """The blocks in which something asks how many workers there are."""
    found: set[Block] = set()
    for block in inside_out(inputs.program.body):
        for region in block.items:
            if _asks(region, inputs) or any(inner in found for inner in inner_blocks(region)):
                found.add(block)
                break
    return frozenset(found)


def _asks(region: Region, inputs: Inputs) -> bool:
    match region:
        case ForeachRegion() | GangRegion():
            return True
        case ForkRegion(head=head, key=key):
            return not inputs.budgets[head, key].side_by_side
        case _:
            return False
