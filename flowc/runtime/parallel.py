"""`parallel_map`: a function over items in forked processes.

Forking lets any callable be used (lambdas, closures) and shares the parent's memory; results come
back through files, so their size is bounded by the disk alone.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Callable, NoReturn


class MulticoreException(Exception):
    """The function raised for an item; the message holds the item's index and its traceback."""


def parallel_imap_unordered(
    function: Callable[[Any], Any],
    items: Iterable[Any],
    max_parallel: int | None = None,
    dir: str | None = None,  # noqa: A002 - Metaflow's name for it
) -> Iterator[Any]:
    """The results as they come, at most `max_parallel` (the processors) at a time."""
    return (result for _, result in _run(function, items, max_parallel, dir))


def parallel_map(
    function: Callable[[Any], Any],
    items: Iterable[Any],
    max_parallel: int | None = None,
    dir: str | None = None,  # noqa: A002 - Metaflow's name for it
) -> list[Any]:
    """The results in the order of the items. Raises MulticoreException with the failing item's traceback."""
    return [result for _, result in sorted(_run(function, items, max_parallel, dir), key=_index)]


def _index(pair: tuple[int, Any]) -> int:
    return pair[0]


def _run(
    function: Callable[[Any], Any], items: Iterable[Any], max_parallel: int | None, folder: str | None
) -> Iterator[tuple[int, Any]]:
    width = max_parallel or os.cpu_count() or 1
    waiting = enumerate(items)
    running: dict[int, int] = {}
    with tempfile.TemporaryDirectory(prefix="flowc-map-", dir=folder) as place:
        try:
            while True:
                while len(running) < width:
                    following = next(waiting, None)
                    if following is None:
                        break
                    index, item = following
                    running[_fork(function, item, os.path.join(place, str(index)))] = index
                if not running:
                    return
                pid, status = _wait(running)
                index = running.pop(pid)
                yield index, _result(os.path.join(place, str(index)), index, status)
        finally:
            _end(running)


def _fork(function: Callable[[Any], Any], item: Any, target: str) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _work(function, item, target)
    return pid


def _work(function: Callable[[Any], Any], item: Any, target: str) -> NoReturn:
    code = 1
    try:
        try:
            answer = (True, function(item))
        except Exception:
            answer = (False, traceback.format_exc())
        with open(target, "wb") as stream:
            pickle.dump(answer, stream, protocol=5)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # The parent's `finally` blocks and exit handlers are not this process's to run.
        os._exit(code)


def _wait(running: dict[int, int]) -> tuple[int, int]:
    # Only our own children are waited for: the flow's code may have others.
    if len(running) == 1:
        return os.waitpid(next(iter(running)), 0)
    import time

    pause = 0.0005
    while True:
        for pid in running:
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                return found, status
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


def _result(path: str, index: int, status: int) -> Any:
    if status != 0:
        how = (
            f"signal {os.WTERMSIG(status)}"
            if os.WIFSIGNALED(status)
            else f"exit code {os.WEXITSTATUS(status)}"
        )
        raise MulticoreException(f"the process for item {index} ended with {how}")
    with open(path, "rb") as stream:
        succeeded, answer = pickle.load(stream)
    os.unlink(path)
    if not succeeded:
        raise MulticoreException(f"the function raised for item {index}:\n{answer}")
    return answer


def _end(running: dict[int, int]) -> None:
    import signal

    for pid in running:
        os.kill(pid, signal.SIGTERM)
    for pid in running:
        os.waitpid(pid, 0)
