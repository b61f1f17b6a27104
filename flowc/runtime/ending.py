"""How a task's process ended, seen from outside, and what that leaves for people and later attempts.

The process that runs user code commits itself; what is here is for the ends it cannot speak of: a
signal, a time limit, being asked to stop, an exit without a result.
"""

from __future__ import annotations

import os
import signal
import time

from flowc import contract
from flowc.records import dataclass
from flowc.runtime.commit import write_control
from flowc.runtime.records import Run, earlier_attempts, to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowc.runtime.limits import Stop
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store


@dataclass(frozen=True, slots=True)
class Ending:
    """An attempt's exit code; `why` ("timed out after 5 s") where its process could not say it itself."""

    code: int
    why: str = ""


def conclude(settings: TaskSettings, store: Store, status: int, stop: Stop | None) -> Ending:
    """How the attempt ended, given its process's wait status; a failed end is noted in the store."""
    ending = _ending(status, stop)
    if ending.code in (contract.EXIT_OK, contract.EXIT_FINAL) and not ending.why:
        return ending if ending.code == contract.EXIT_OK else _noted(settings, store, ending)
    if _has_done_its_work(settings, store):
        return Ending(contract.EXIT_OK)
    if not ending.why and _silent(settings, store, ending.code):
        ending = Ending(ending.code, f"ended its process with exit code {ending.code} (os._exit?)")
    _keep_reason(settings, store, ending)
    return _noted(settings, store, ending)


def ended_elsewhere(settings: TaskSettings, store: Store, ending: Ending) -> Ending:
    """How an attempt ended whose shim ran in a container: what the shim had no time to note is noted here."""
    if _has_done_its_work(settings, store):
        return Ending(contract.EXIT_OK)
    if store.get(f"{settings.attempt_prefix}/{contract.END_OBJECT}") is not None:
        return ending
    if not ending.why and ending.code not in (contract.EXIT_FINAL, contract.EXIT_INFRASTRUCTURE):
        ending = Ending(ending.code, f"ended its container with exit code {ending.code}")
    _keep_reason(settings, store, ending)
    return _noted(settings, store, ending)


def without_result(settings: TaskSettings, store: Store) -> Ending:
    """The end of a process that claims success and has no result: user code ended it by `os._exit(0)`."""
    ending = Ending(contract.EXIT_USER_ERROR, "ended its process (os._exit?) before it had a result")
    _keep_reason(settings, store, ending)
    return _noted(settings, store, ending)


def _has_done_its_work(settings: TaskSettings, store: Store) -> bool:
    """Whether an attempt of the task had won before the end; what it may not have come to say is said here."""
    run = Run(store, settings.flow, settings.run_id)
    record = run.winner(settings.step, settings.path)
    if record is not None:
        write_control(settings, run, record)
    return record is not None


def _ending(status: int, stop: Stop | None) -> Ending:
    if stop is not None:
        return Ending(stop.code, stop.how)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        # The kernel sends SIGKILL where memory is short; people do so seldom.
        cause = ": most likely it had used up its memory" if number == signal.SIGKILL else ""
        return Ending(contract.EXIT_USER_ERROR, f"was killed by signal {number}{cause}")
    return Ending(os.WEXITSTATUS(status))


def _silent(settings: TaskSettings, store: Store, code: int) -> bool:
    """Whether a failed attempt left no exception: not even `sys.exit` ended it."""
    told = (contract.EXIT_FINAL, contract.EXIT_INFRASTRUCTURE)  # said, and not kept
    return code not in told and not _has_failure(settings, store)


def _has_failure(settings: TaskSettings, store: Store) -> bool:
    return store.get(f"{settings.attempt_prefix}/{contract.FAILURE_OBJECT}") is not None


def _noted(settings: TaskSettings, store: Store, ending: Ending) -> Ending:
    """Note a failed attempt's end: one with neither this nor a record was killed with its watcher."""
    run = Run(store, settings.flow, settings.run_id)
    count = earlier_attempts(settings, store)
    if settings.gang:
        from flowc.runtime.gang import Gang

        Gang(settings, run, count).fail()
    now = time.time()
    if _fails_the_run(settings, ending, count) and _is_own(settings, run):
        task = {"step": settings.step, "path": settings.path, "attempt": settings.attempt_prefix}
        store.put(f"{run.prefix}/{contract.FAILED_OBJECT}", [to_json({**task, "ended": now})])
    note = to_json({"ended": now, "exit": ending.code})
    store.put(f"{settings.attempt_prefix}/{contract.END_OBJECT}", [note])
    return ending


def _fails_the_run(settings: TaskSettings, ending: Ending, count: int) -> bool:
    """Whether the task failed for good: with it the run will fail, which an engine does not tell the datastore.

    What was asked to stop says nothing of its run. `count` is the number of attempts before.
    """
    allowed = settings.retries + (settings.catch is not None)
    final = ending.code == contract.EXIT_FINAL or count >= allowed or bool(settings.killed)
    return final and ending.code != contract.EXIT_TERMINATED


def _is_own(settings: TaskSettings, run: Run) -> bool:
    """Whether the run's folder is this run's: one that took another's id says nothing of that one."""
    description = run.describe()
    return description is None or description.get("uid") == settings.run_uid


def _keep_reason(settings: TaskSettings, store: Store, ending: Ending) -> None:
    """Keep why the process ended, for a later attempt that completes the task by `@catch`.

    What the step raised before says more, and has its artifacts.
    """
    if not ending.why or _has_failure(settings, store):
        return
    from flowc.runtime.caught import ended_from_outside, store_failure

    by_limit = ending.code == contract.EXIT_TIMEOUT
    # The words become an artifact: they may not tell one run from another.
    reason = ended_from_outside(f"step `{settings.step}` {ending.why}", timed_out=by_limit)
    store_failure(settings, store, reason, {})
