"""`namespaced_event_name`: an event's name below the flow's project and branch."""

from __future__ import annotations

from flowc.dsl import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

PREFIX = "mfns"


def namespaced_event_name(event_name: str) -> Callable[..., str]:
    """What gives the name, when called in a task. Raises ValueError where it is no text."""
    if not isinstance(event_name, str):
        raise ValueError(f"an event's name is a text, not {event_name!r}")  # noqa: TRY004 - Metaflow's type of it

    def full_name(_context: Any = None) -> str:
        project, branch = current.get("project_name"), current.get("branch_name")
        places = [_plain(project), _plain(branch)] if project and branch else []
        return ".".join([PREFIX, *places, event_name])

    return full_name


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "_-."))
