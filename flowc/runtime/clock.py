"""How long a step's own code runs, told by the process that runs it to the one that keeps its time limit.

A task also imports, waits for its gang, finds its inputs and stores its artifacts. On a busy machine
or network that takes as long as it takes, and `@timeout` counts none of it.
"""

from __future__ import annotations

import os
import time

_BEGINS, _ENDS = b"+", b"-"
_teller: int | None = None  # the writing end, in the process that runs the step


class Clock:
    """The watcher's side; `limit` in seconds. `deadline` is a time of `time.monotonic`, None while nothing counts."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.deadline: float | None = None
        self.reader, self.writer = os.pipe()

    def hear(self) -> bool:
        """Take what was told, waiting for it; False when nothing more will come.

        A step that closes its descriptors, or becomes another program, is still limited.
        """
        told = os.read(self.reader, 16)
        if told.endswith(_BEGINS):
            self.deadline = time.monotonic() + self.limit
        elif told:
            self.deadline = None
        return bool(told)

    def left(self) -> float | None:
        """Seconds until the limit, negative after it; None while nothing counts."""
        return None if self.deadline is None else self.deadline - time.monotonic()

    def give_away(self) -> None:
        """Close the writing end here: the task's process has it."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def close(self) -> None:
        """Give everything back."""
        self.give_away()
        os.close(self.reader)


def tell_by(descriptor: int) -> None:
    """Tell of this process's step by the writing end of a clock."""
    global _teller  # noqa: PLW0603 - one process runs one step
    _teller = descriptor


def own_code_begins() -> None:
    """From now on the step's own code runs."""
    _tell(_BEGINS)


def own_code_ends() -> None:
    """The step's own code has returned or raised."""
    _tell(_ENDS)


def _tell(word: bytes) -> None:
    if _teller is None:
        return
    try:
        os.write(_teller, word)
    except OSError:
        return  # the watcher is gone, or the step has closed what it did not open
