"""What became of each thing that a command sent or removed, the same for every engine."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Change(Enum):
    """How a thing of the engine differs from what it was before the command."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


class Outcome(NamedTuple):
    """One thing, named as its engine's own tools name it: `WorkflowTemplate/train`."""

    change: Change
    thing: str
    note: str = ""
