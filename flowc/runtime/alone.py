"""Calling a step's method so that what it does to its process stays behind when it has ended.

Invariant: only the process that called comes back. One that the step forked, and that came out of it,
would write the task's artifacts and record a second time.
"""

from __future__ import annotations

import os
import sys
from os import getpid
from signal import ITIMER_REAL, setitimer

from flowc import contract
from flowc.runtime.leave import end_process
from flowc.runtime.output import flush_output, restore_output
from flowc.runtime.say import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn


def call_alone(method: Callable[..., Any], *arguments: Any) -> None:
    """Call the method. Raises what it raises."""
    process = getpid()
    path = sys.path.copy()
    umask = os.umask(0o022)
    os.umask(umask)
    try:
        method(*arguments)
    except BaseException as error:
        if getpid() != process:
            _leave_by(error)
        raise
    finally:
        if getpid() != process:
            _leave(contract.EXIT_USER_ERROR)
        if sys.path != path:
            _find_again(path)
        # An alarm that the step has left set is none for what follows.
        setitimer(ITIMER_REAL, 0)
        # Objects of the store are for others to read, whatever the step wished for its own files.
        os.umask(umask)
        restore_output()


def _find_again(path: list[str]) -> None:
    """Let modules be found where they were before the step, after the places that it looks in first."""
    left: Any = sys.path
    theirs = left if isinstance(left, list) else []
    sys.path = [*theirs, *(place for place in path if place not in theirs)]


def _leave(code: int) -> NoReturn:
    """End a process that the step forked; exit handlers are the task's, not its own."""
    flush_output()
    end_process(code)


def _leave_by(error: BaseException) -> None:
    if isinstance(error, SystemExit):
        _leave(error.code if isinstance(error.code, int) else int(error.code is not None))
    from flowc.runtime.tracebacks import user_traceback

    write(user_traceback(error))
