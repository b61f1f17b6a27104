"""Why a task is ended from outside before its own end: its time limit, its gang, whoever wants it ended.

Whoever watches a task looks here, in a container and in a local run: at once where its clock says so, and now
and then at its gang, for which the datastore is asked.
"""

from __future__ import annotations

from flowc import contract
from flowc.records import dataclass
from flowc.runtime.clock import Clock
from flowc.runtime.records import Run, earlier_attempts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowc.runtime.gang import Gang
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store

GRACE_SECONDS = 10.0  # between SIGTERM and SIGKILL
GANG_SECONDS = 5.0  # between looks at whether another task of the gang failed


@dataclass(frozen=True, slots=True)
class Stop:
    """That a task is ended from outside: the exit code it gets, and how, in words."""

    code: int
    how: str


def asked_to_stop() -> Stop:
    """The end of a task that the engine, or a user, wants ended."""
    return Stop(contract.EXIT_TERMINATED, "was asked to stop (SIGTERM)")


def abandoned() -> Stop:
    """The end of a task whose scheduler was killed: nobody is left to keep its limits."""
    return Stop(contract.EXIT_TERMINATED, "stops, since the process that started it is gone")


def clock_of(settings: TaskSettings) -> Clock | None:
    """The clock of a step with a time limit."""
    return None if settings.timeout is None else Clock(settings.timeout)


def gang_of(settings: TaskSettings, store: Store) -> Gang | None:
    """The task's gang, if it has one. Raises StoreError: its attempts are counted."""
    if not settings.gang:
        return None
    from flowc.runtime.gang import Gang

    run = Run(store, settings.flow, settings.run_id)
    return Gang(settings, run, earlier_attempts(settings, store))


def timed_out(clock: Clock | None) -> Stop | None:
    """The end of a step that ran longer than its `@timeout`; None before."""
    left = None if clock is None else clock.left()
    if clock is None or left is None or left > 0:
        return None
    return Stop(contract.EXIT_TIMEOUT, f"timed out after {clock.limit} s")


def gang_lost(gang: Gang | None) -> Stop | None:
    """The end of a task whose gang cannot go on; None as long as it can. It asks the datastore."""
    rank = None if gang is None else gang.failed()
    if rank is None:
        return None
    return Stop(contract.EXIT_TERMINATED, f"stops, since rank {rank} of its gang failed")


def patience(clock: Clock | None, most: float) -> float:
    """How many seconds to wait for news before looking again, at most `most`."""
    left = None if clock is None else clock.left()
    return most if left is None else max(0.0, min(most, left))
