"""How long a request waits for an S3 server that is away, beyond what its client tries by itself.

The client gives up after half a minute, soon enough for somebody who mistyped an address and looks
on. A task in a container has work to lose and nobody before it: it waits for minutes. What it
printed is no such work, and whoever uploads it also keeps the task's time limit.
"""

from __future__ import annotations

import time

from flowc.runtime.say import say

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from typing import Callable

OUTAGE_SECONDS = 240.0
PAUSE_SECONDS = 5.0

_seconds = 0.0  # of this process and those that are forked from it


def be_patient() -> None:
    """From now on requests of this process wait for a server that is away."""
    global _seconds  # noqa: PLW0603 - one process runs one task
    _seconds = OUTAGE_SECONDS


def in_a_hurry(work: Callable[[], None]) -> None:
    """Do `work`, whose requests wait no longer than the client does."""
    global _seconds  # noqa: PLW0603 - as above
    before, _seconds = _seconds, 0.0
    try:
        work()
    finally:
        _seconds = before


def asks_again(began: float, place: str, why: str) -> bool:
    """Whether a request that began then, by `time.monotonic`, is to be repeated; if so, after a pause."""
    left = began + _seconds - time.monotonic()
    if left <= 0:
        return False
    say(f"{place} cannot be reached ({why}); tried for another {left:.0f} s")
    time.sleep(PAUSE_SECONDS)
    return True
