"""The end of a task's process: what Python does at its exit, though the process was forked.

A step's threads are waited for, its exit handlers called, its temporary folders removed, its daemonic
processes ended. What the process inherited from the one it was forked from is not its to end.
"""

from __future__ import annotations

import atexit
import os
import sys

from flowc.runtime.output import flush_output
from flowc.runtime.say import last_words, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

# A step may have put something of its own in place of `os._exit`; a task that went on would serve as its server.
end_process = os._exit
_PATIENCE = 5.0  # seconds without a word while threads are waited for


def forget_exit() -> None:
    """Drop what this process, or the one that it was forked from, would do at its exit."""
    atexit._clear()
    weakref: Any = sys.modules.get("weakref")
    if weakref is not None:
        weakref.finalize._registry.clear()
    multiprocessing: Any = sys.modules.get("multiprocessing.util")
    if multiprocessing is not None:
        multiprocessing._finalizer_registry.clear()


def leave(code: int) -> NoReturn:
    """End the process with this exit code."""
    try:
        _wait_for_threads()
        _end_processes()
        atexit._run_exitfuncs()
        _run_lost_exit_handlers()
    except BaseException as error:
        last_words("the step's exit handlers failed", error)
    finally:
        flush_output()
        end_process(code)


def _wait_for_threads() -> None:
    threading: Any = sys.modules.get("threading")
    if threading is None or threading.active_count() == 1:
        return
    others = [t for t in threading.enumerate() if t is not threading.current_thread() and not t.daemon]
    names = ", ".join(thread.name for thread in others)
    word = threading.Timer(_PATIENCE, say, [f"the step is done, and waits for its threads: {names}"])
    word.daemon = True
    word.start()
    threading._shutdown()
    word.cancel()


def _end_processes() -> None:
    """As multiprocessing does at exit; its own handler is the parent's where the parent imported it."""
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None:
        util._exit_function()


def _run_lost_exit_handlers() -> None:
    """Handlers of the standard library that were registered in the parent and forgotten with its own."""
    weakref: Any = sys.modules.get("weakref")
    if weakref is not None:
        weakref.finalize._exitfunc()
    logging: Any = sys.modules.get("logging")
    if logging is not None:
        logging.shutdown()
