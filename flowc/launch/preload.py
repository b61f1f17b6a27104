"""Importing modules before tasks are forked, and what a fork must not inherit.

Fork copies one thread: a module whose import started others may leave a lock held for ever, so
such a module is left for each task to import. So is one that initialised CUDA, which no fork may use.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def preload(modules: Sequence[str]) -> str:
    """Import the modules; the first after which this process cannot be forked safely, "" if all are well."""
    for name in modules:
        # A task that needs what cannot be imported will say what is wrong, in its own log.
        with contextlib.suppress(BaseException):
            importlib.import_module(name)
        if not _is_safe_to_fork():
            return name
    return ""


def _is_safe_to_fork() -> bool:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        return False
    return _threads() == 1


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        import threading

        return threading.active_count()


def reseed() -> None:
    """Give this forked task random numbers of its own. `random` itself does so at a fork."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and "numpy.random" in sys.modules:
        numpy.random.seed()
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.seed()
