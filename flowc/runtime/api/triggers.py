"""`current.trigger` and `Run.trigger`: the events that started a run, newest first.

A run's description keeps them as its engine told them, {"type": "event" or "run", "name", "id", "timestamp"}.
"""

from __future__ import annotations

from typing import NamedTuple

from flowc import contract

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from flowc.runtime.client import Run


class MetaflowEvent(NamedTuple):
    """One event: its name, its unique id, when it was made (None where it does not say), `event` or `run`."""

    name: str
    id: str | None
    timestamp: datetime | None
    type: str


class Trigger:
    """The events, by position and by name; those that are ends of other runs are given as runs, too."""

    def __init__(self, told: Sequence[dict[str, Any]]) -> None:
        found = [
            MetaflowEvent(str(each.get("name")), each.get("id"), _moment(each.get("timestamp")), each["type"])
            for each in told
        ]
        found.sort(key=lambda event: event.timestamp.timestamp() if event.timestamp else 0.0, reverse=True)
        self._events = found

    @property
    def event(self) -> MetaflowEvent | None:
        """The newest event."""
        return next(iter(self._events), None)

    @property
    def events(self) -> list[MetaflowEvent] | None:
        """All events; None without any."""
        return list(self._events) or None

    @property
    def run(self) -> Run | None:
        """The run whose end was the newest event of that kind."""
        return next(iter(self.runs or ()), None)

    @property
    def runs(self) -> list[Run] | None:
        """The runs whose ends started this one; None without any. Raises MetaflowNotFound for one that is gone."""
        from flowc.runtime.client import Run

        ended = [event.id.split("/")[:2] for event in self._events if event.type == "run" and event.id]
        paths = [f"{contract.unescape_name(flow)}/{run_id}" for flow, run_id in ended]
        return [Run(path, _namespace_check=False) for path in paths] or None

    def __getitem__(self, name: str) -> Run | MetaflowEvent:
        """The run of a flow of this name, if runs started this one, else the event of this name. Raises KeyError."""
        for run in self.runs or ():
            if run.path_components[0] == name:
                return run
        for event in self._events:
            if event.type != "run" and event.name == name:
                return event
        raise KeyError(name)

    def __iter__(self) -> Iterator[MetaflowEvent]:
        return iter(self._events)

    def __contains__(self, name: str) -> bool:
        try:
            self[name]
        except KeyError:
            return False
        return True

    def __repr__(self) -> str:
        return f"Trigger({self._events!r})"


def _moment(told: Any) -> datetime | None:
    """A time that was told as seconds or in ISO's form, as Metaflow gives times: local, without a zone."""
    from datetime import datetime

    try:
        if isinstance(told, str):
            said = datetime.fromisoformat(told.replace("Z", "+00:00"))
            return said.astimezone().replace(tzinfo=None) if said.tzinfo else said
        return datetime.fromtimestamp(told)  # noqa: DTZ006 - Metaflow's
    except (TypeError, ValueError, OverflowError, OSError):
        return None
