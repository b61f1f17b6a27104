"""A task's output: where its two streams go, whatever the flow does to them.

A step may close or replace its streams. What flowc says of the task after it, and files that it opens
and that could become standard output by mere number, must not depend on that.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_output = -1
_ready: Any = None  # the standard output that `ready_streams` made
_replaced: list[
    Any
] = []  # a step's own streams: one that is forgotten may close its descriptor, now another file's


def open_streams() -> None:
    """Give a process that was started with closed streams (`>&-`) some that lead nowhere.

    Else the next file opened would be standard output, by its number.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    # They stay open as long as the process.
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def take_output(output: int) -> None:
    """Make the descriptor what the process prints to."""
    global _output  # noqa: PLW0603 - a process has one output
    _output = output
    os.set_inheritable(output, False)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if sys.stdout is not _ready or sys.stderr is None:
        ready_streams()


def ready_streams() -> None:
    """Make the two streams what a task prints to: lines of both come in the order in which they were printed.

    Whoever reads them expects UTF-8, whatever this machine's locale is.
    """
    global _ready  # noqa: PLW0603 - a process has one output
    sys.stdout, sys.stderr = _in_utf8(sys.stdout, 1), _in_utf8(sys.stderr, 2)
    _ready = sys.stdout


def restore_output() -> None:
    """Give the process its output back, with what the step's own streams still hold."""
    flush_output()
    for number in (1, 2):
        if not _is_open(number):
            os.dup2(_kept(), number)
    _replaced[:] = sys.stdout, sys.stderr
    sys.stdout = _usable(sys.__stdout__, 1)
    sys.stderr = _usable(sys.__stderr__, 2)


def flush_output() -> None:
    """Let go of what was printed and not yet written, as far as that is possible."""
    _flush(sys.stdout)
    _flush(sys.stderr)


def _flush(stream: Any) -> None:
    try:
        stream.flush()
    except BaseException:  # a step's own stream may raise anything
        return


def _kept() -> int:
    """The output, or nowhere if the step closed all that it found open."""
    return _output if _is_open(_output) else os.open(os.devnull, os.O_WRONLY)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _in_utf8(stream: Any, number: int) -> Any:
    usable = _usable(stream, number)
    try:
        usable.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")
    except OSError:  # made for a file, it looks for its place in what is a pipe now
        return _opened(number)
    return usable


def _usable(stream: Any, number: int) -> Any:
    try:
        if not stream.closed:
            return stream
    except (AttributeError, ValueError):  # there is none, or its buffer was taken from it
        pass
    return _opened(number)


def _opened(number: int) -> Any:
    return open(number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
