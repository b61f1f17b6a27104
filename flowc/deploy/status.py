"""How far a run on an engine is, in the words of no engine.

A task is counted once, however many attempts it took. What the engine has not begun is not counted:
only running tells how wide a foreach is.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class State(Enum):
    """What a run is doing, or how it ended."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self not in {State.PENDING, State.RUNNING}


class StepCount(NamedTuple):
    """The tasks of one step, by what the engine says of them."""

    step: str
    waiting: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0


class Trouble(NamedTuple):
    """A task that failed or cannot start, and why; `path` is empty where the engine does not say it."""

    step: str
    path: str
    message: str
    failed: bool


class RunStatus(NamedTuple):
    """A run. Times are seconds since 1970, None where the engine has none; steps in the order they began."""

    run_id: str
    name: str
    state: State
    started: float | None = None
    ended: float | None = None
    message: str = ""
    steps: tuple[StepCount, ...] = ()
    troubles: tuple[Trouble, ...] = ()

    @property
    def exit_code(self) -> int:
        """That of a command which waited for the run: 0 only where it succeeded."""
        return 0 if self.state is State.SUCCEEDED else 1
