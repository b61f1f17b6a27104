"""flowc's own words in a task's output, told from the flow's by their prefix."""

from __future__ import annotations

import sys


def say(message: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(f"flowc: {message}\n")
    sys.stderr.flush()
