"""`parallel_map`: a function over items, each in a forked process.

Forking lets any callable be used (lambdas, closures) and shares the parent's memory; as in
Metaflow each item has a process of its own, so that no item sees what another one changed. A
result comes back through an unnamed file in memory (on disk with `dir`), pickled with its buffers
out of band: the parent maps the file, so that there is never a second copy of an array.

Invariant: at most `max_parallel` processes and as many unread results exist at any moment, and no
process outlives the call, whether it returns, raises, is left early or killed.
"""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import select
import signal
import time

from flowc.runtime.leave import end_process
from flowc.runtime.output import flush_output
from flowc.runtime.results import failure_of, read_result, result_file, write_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from typing import Any, Callable, NoReturn

GRACE_SECONDS = 1.0  # between the request to end and the end
# What the machine says when it has no room for one more process; there is, once another one has ended.
_NO_ROOM = (errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class MulticoreException(Exception):
    """The function failed for an item; the message holds the item's index and its traceback."""


def parallel_map(
    func: Callable[[Any], Any],
    iterable: Iterable[Any],
    max_parallel: int | None = None,
    dir: str | None = None,  # noqa: A002 - Metaflow's name for it
) -> list[Any]:
    """The results in the order of the items. Raises MulticoreException for the first item that fails."""
    results = dict(_run(func, iterable, max_parallel, dir))
    return [results.pop(index) for index in range(len(results))]


def parallel_imap_unordered(
    func: Callable[[Any], Any],
    iterable: Iterable[Any],
    max_parallel: int | None = None,
    dir: str | None = None,  # noqa: A002 - Metaflow's name for it
) -> Iterator[Any]:
    """The results as they come, at most `max_parallel` (the processors) at a time. Raises as `parallel_map`."""
    running = _run(func, iterable, max_parallel, dir)
    try:
        for _, result in running:
            yield result
    finally:
        running.close()


def _run(
    func: Callable[[Any], Any], iterable: Iterable[Any], max_parallel: int | None, folder: str | None
) -> Generator[tuple[int, Any], None, None]:
    width: Any = processors() if max_parallel is None else max_parallel
    if isinstance(width, bool) or not isinstance(width, int) or width < 1:
        raise ValueError(f"max_parallel is {max_parallel!r}; it must be a whole number of at least 1")
    items = enumerate(iterable)
    waiting = next(items, None)
    running: list[_Worker] = []
    try:
        while running or waiting is not None:
            while waiting is not None and len(running) < width:
                try:
                    running.append(_start(func, *waiting, folder, running))
                except OSError as error:
                    if error.errno not in _NO_ROOM or not running:
                        raise
                    break
                waiting = next(items, None)
            ended = _wait(running)
            running.remove(ended)
            yield ended.index, _result(ended)
    finally:
        _end(running)


def processors() -> int:
    """How many processors this process may use, by its affinity and its container's quota."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with open("/sys/fs/cgroup/cpu.max", encoding="ascii") as stream:
            quota, period = stream.read().split()
        return max(1, min(count, -(-int(quota) // int(period))))
    except (OSError, ValueError):  # no such file, or the quota is `max`
        return count


# --------------------------------------------------------------------------- a worker
class _Worker:
    """A process at work on one item: the file of its result, the pipe that ends it with its parent."""

    def __init__(self, index: int, pid: int, result: int, lifeline: int) -> None:
        self.index = index
        self.pid = pid
        self.result = result
        self.lifeline = lifeline
        self.handle = _handle(pid)  # readable once the process has ended
        self.status: int | None = None

    def reap(self, options: int = 0) -> bool:
        """Whether the process has ended."""
        try:
            found, status = os.waitpid(self.pid, options)
        except ChildProcessError:  # where the flow ignores SIGCHLD, nobody learns the status
            found, status = self.pid, 0
        if found:
            self.status = status
            for descriptor in (self.handle, self.lifeline):
                if descriptor is not None:
                    os.close(descriptor)
        return bool(found)

    def send(self, number: int) -> None:
        """Send it a signal; one that has gone, where the flow ignores SIGCHLD, needs none."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return


def _handle(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # another system, an old kernel, a strict sandbox
        return None


def _start(
    func: Callable[[Any], Any], index: int, item: Any, folder: str | None, others: list[_Worker]
) -> _Worker:
    result = result_file(folder)
    try:
        watched, lifeline = os.pipe()
    except OSError:
        os.close(result)
        raise
    flush_output()  # what would else be printed by both processes
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        for descriptor in (result, watched, lifeline):
            os.close(descriptor)
        raise
    if pid == 0:
        _work(func, item, result, (parent, watched), [lifeline, *(other.lifeline for other in others)])
    os.close(watched)
    return _Worker(index, pid, result, lifeline)


def _work(
    func: Callable[[Any], Any], item: Any, result: int, parent: tuple[int, int], not_ours: list[int]
) -> NoReturn:
    code = 1
    try:
        # The parent's objects are not collected here, which would copy the pages they lie on.
        gc.freeze()
        for descriptor in not_ours:
            os.close(descriptor)
        _end_with(*parent)
        try:
            value = func(item)
        except BaseException as error:
            write_result(result, (False, failure_of(error)))
        else:
            write_result(result, (True, value))
        code = 0
    finally:
        # The parent's `finally` blocks and exit handlers are not this process's to run.
        flush_output()
        end_process(code)


def _end_with(parent: int, watched: int) -> None:
    """Be killed when the parent is gone: its end of the pipe closes, and the kernel signals that."""
    if signal.getsignal(signal.SIGTERM) != signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a handler of the parent's means the parent
    try:
        fcntl.fcntl(watched, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(watched, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(watched, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    except (
        AttributeError,
        OSError,
    ):  # another system than Linux, a strict sandbox: the item is finished first
        return
    if os.getppid() != parent:
        end_process(1)


# --------------------------------------------------------------------------- the parent
def _wait(running: list[_Worker]) -> _Worker:
    """The first worker that has ended. Only our own are waited for: the flow's code may have others."""
    handles = {worker.handle: worker for worker in running if worker.handle is not None}
    if len(handles) < len(running):
        return _look(running)
    poll = select.poll()
    for handle in handles:
        poll.register(handle, select.POLLIN)
    worker = handles[poll.poll()[0][0]]
    worker.reap()
    return worker


def _look(running: list[_Worker]) -> _Worker:
    """As `_wait`, without the kernel's help."""
    pause = 0.0005
    while True:
        for worker in running:
            if worker.reap(os.WNOHANG):
                return worker
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


def _result(worker: _Worker) -> Any:
    what = f"parallel_map: item {worker.index}"
    try:
        answer = read_result(worker.result)
    except Exception as error:
        raise MulticoreException(f"{what}: its result cannot be read back: {error}") from error
    if answer is None:
        raise MulticoreException(f"{what}: its process {_how(worker.status or 0)}")
    succeeded, value = answer
    if not succeeded:
        raise MulticoreException(f"{what} failed:\n{value}")
    return value


def _how(status: int) -> str:
    if not os.WIFSIGNALED(status):
        return f"ended without a result (exit code {os.WEXITSTATUS(status)})"
    number = os.WTERMSIG(status)
    hint = ", which may mean that memory ran out" if number == signal.SIGKILL else ""
    return f"was killed by {signal.Signals(number).name}{hint}"


def _end(running: list[_Worker]) -> None:
    """End all: SIGTERM, and SIGKILL after the grace."""
    for worker in running:
        worker.send(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for worker in running:
        while not worker.reap(os.WNOHANG):
            if time.monotonic() > deadline:
                worker.send(signal.SIGKILL)
                worker.reap()
                break
            time.sleep(0.001)
        os.close(worker.result)
