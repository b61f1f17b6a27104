"""Names inside a state machine: of its states, and of the labels of its distributed Maps.

A step's state has the step's own name. What surrounds it is named after it (`shard__map`), with a
number where a step has taken that name. A state's name is unique in the whole machine, however
deep the state lies, and at most 80 characters long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.manifest.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_STATE_NAME = 80
_MAX_LABEL = 40


class StateNames:
    """Hands out names; the same question has the same answer."""

    def __init__(self, steps: Iterable[str]) -> None:
        self._states = Names(MAX_STATE_NAME)
        self._labels = Names(_MAX_LABEL)
        self._steps = {step: self._states.claim(contract.escape_name(step)) for step in steps}
        self._others: dict[tuple[str, str, str], str] = {}

    def step(self, step: str) -> str:
        """The state of a step's job."""
        return self._steps[step]

    def beside(self, owner: str, role: str, key: str = "") -> str:
        """The state that plays `role` for the step `owner`; `key` tells several of one role apart."""
        asked = owner, role, key
        if asked not in self._others:
            self._others[asked] = self._states.claim(f"{contract.escape_name(owner)}__{role}")
        return self._others[asked]

    def label(self, owner: str) -> str:
        """A label for the Map of `owner`, new each time: it becomes part of the children's ARNs."""
        return self._labels.claim(contract.escape_name(owner))
