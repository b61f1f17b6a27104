"""flowc's own words in a task's output, told from the flow's by their prefix."""

from __future__ import annotations

import sys


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
