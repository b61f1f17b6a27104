"""What an attempt that raised leaves behind, and how `@catch` completes a task from it.

A raising attempt of a step with `@catch` stores its exception and the artifacts so far. The
attempt after the last one that the user asked for runs no user code: it completes the task from
the last stored exception, or says that the task was killed.
"""

from __future__ import annotations

import time

from flowc import contract
from flowc.runtime.records import read_json, to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowc.runtime.records import Record
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store


class CaughtException(Exception):
    """What `@catch` stores: the exception's type, text and traceback, so that it can always be read back."""

    def __init__(self, kind: str, message: str, stack: str) -> None:
        super().__init__(message)
        self.type = kind
        self.exception = message
        self.stacktrace = stack

    def __reduce__(self) -> Any:
        return (CaughtException, (self.type, self.exception, self.stacktrace))

    def __str__(self) -> str:
        return self.stacktrace or self.exception


class TaskKilled(CaughtException):
    """The task's container was killed before it could say anything; the message is the engine's reason."""

    def __init__(self, reason: str) -> None:
        super().__init__("TaskKilled", reason, "")

    def __reduce__(self) -> Any:
        return (TaskKilled, (self.exception,))


def describe(error: BaseException) -> CaughtException:
    """The portable form of an exception that is being handled."""
    from flowc.runtime.tracebacks import user_traceback

    kind = type(error)
    try:
        message = str(error)
    except BaseException as second:  # the flow's own class, of which anything may be true
        message = f"<no text: str() of it raises {type(second).__name__}>"
    return CaughtException(f"{kind.__module__}.{kind.__qualname__}", message, user_traceback(error))


def ended_from_outside(message: str, *, timed_out: bool) -> CaughtException:
    """What is said of a process that could not speak for itself; Metaflow's word for a time limit."""
    return CaughtException("TimeoutException", message, "") if timed_out else TaskKilled(message)


def store_failure(
    settings: TaskSettings, store: Store, caught: CaughtException, artifacts: dict[str, Any]
) -> None:
    """Keep what an attempt raised, with the record entries of its artifacts so far."""
    failure = {
        "type": caught.type,
        "message": caught.exception,
        "traceback": caught.stacktrace,
        "artifacts": artifacts,
        "time": time.time(),
    }
    store.put(f"{settings.attempt_prefix}/{contract.FAILURE_OBJECT}", [to_json(failure)])


def last_failure(settings: TaskSettings, store: Store) -> tuple[CaughtException, dict[str, Any]]:
    """The exception of the attempt that raised last, and its artifacts; TaskKilled and none without one."""
    folder = f"{settings.prefix}/{contract.ATTEMPTS_PREFIX}"
    failures = [
        read_json(store, f"{folder}/{name}/{contract.FAILURE_OBJECT}") for name in store.names(folder)
    ]
    known: list[Record] = [failure for failure in failures if failure is not None]
    if not known:
        return TaskKilled(settings.killed or "the task was killed"), {}
    last = max(known, key=lambda failure: float(failure["time"]))
    if last["type"] == TaskKilled.__name__:
        return TaskKilled(last["message"]), dict(last["artifacts"])
    return CaughtException(last["type"], last["message"], last["traceback"]), dict(last["artifacts"])
