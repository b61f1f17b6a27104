"""flowc's own words in a task's output, told from the flow's by their prefix."""

from __future__ import annotations

import sys
from os import write as _write


def say(message: str) -> None:
    """Write a line to standard error, if there is one left that takes it."""
    write(f"flowc: {message}\n")


def write(text: str) -> None:
    """Write text to standard error. A step may have closed or replaced it: what cannot be said must not fail."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return


def last_words(what: str, error: BaseException) -> None:
    """Say what failed in a process of whose modules and names a step may have left none as it was."""
    try:
        said = f"flowc: {what}: {error!r}\n"
    except BaseException:  # a class of the flow's own, of which anything may be true
        said = f"flowc: {what}\n"
    try:
        _write(2, said.encode("utf-8", "backslashreplace"))
    except OSError:
        return
