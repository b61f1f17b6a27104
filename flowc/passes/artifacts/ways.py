"""What a path of a step knows of the condition of the step's switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.ir.graph import Choose, Finish
from flowc.ir.values import Const
from flowc.passes.artifacts.standing import Case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.ir.graph import Transition
    from flowc.ir.values import Value


class Switch:
    """The condition of a step's switch, if it has one, and the arm of each value."""

    __slots__ = ("_arms", "condition")

    def __init__(self, transition: Transition) -> None:
        self.condition: str | None = None
        self._arms: dict[object, str] = {}
        if isinstance(transition, Choose) and transition.condition is not None:
            self.condition = transition.condition.value
            self._arms = {case.value: arm.key for arm in transition.arms for case in arm.cases}

    def case(self, value: Value) -> Case | None:
        """The arm that a value takes; None where that is not known."""
        if not isinstance(value, Const) or isinstance(value.value, list | dict | set):
            return None
        try:
            arm = self._arms.get(value.value)
        except TypeError:  # a tuple of lists
            return None
        return None if arm is None else Case(arm)


NO_SWITCH = Switch(Finish())


def taken(arms: Sequence[str], way: str | Case | None) -> Sequence[str]:
    """The arms that a call takes on a path: the one of the condition's value, where that is known."""
    return [way.arm] if isinstance(way, Case) and way.arm in arms else arms
