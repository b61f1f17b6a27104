"""What tasks left: artifacts, and the views that give them by name."""

from __future__ import annotations

from flowc.runtime.client.errors import did_you_mean
from flowc.runtime.client.node import MetaflowObject, require_child
from flowc.runtime.client.values import load_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any

    from flowc.runtime.client.facts import Record
    from flowc.runtime.client.tasks import Task


class DataArtifact(MetaflowObject):
    """An artifact: `DataArtifact("Train/train-3f2a1c/fit/r.3/loss")`. Its value is loaded once, when asked for."""

    _shape, _kind = "FlowName/RunID/StepName/path/name", "artifact"

    def __init__(
        self, pathspec: str, attempt: int | None = None, _task: Task | None = None, **known: Any
    ) -> None:
        self._owner = _task
        self._value: list[Any] = []
        super().__init__(pathspec, attempt, **known)

    @property
    def data(self) -> Any:
        """Its value. Raises ArtifactUnreadable."""
        if not self._value:
            self._value.append(load_value(self._store, self._entry, self.pathspec))
        return self._value[0]

    @property
    def size(self) -> int:
        """The bytes of its value as stored."""
        return int(self._entry.get("size", 0))

    @property
    def sha(self) -> str:
        """The digest of those bytes: equal for equal values."""
        return str(self._entry.get("digest", ""))

    @property
    def type(self) -> str:
        """The class of its value, `module.Name`. flowc's own."""
        return str(self._entry.get("type", ""))

    @property
    def finished_at(self) -> datetime | None:
        """When its task finished."""
        return self.parent.finished_at

    @property
    def parent(self) -> Task:
        """Its task."""
        if self._owner is None:
            from flowc.runtime.client.tasks import Task

            self._owner = Task("/".join(self._parts[:4]), self._attempt, _store=self._store)
        return self._owner

    @property
    def _entry(self) -> Record:
        return self.parent._artifacts()[self.id]

    def _require(self) -> None:
        self.parent._require()
        require_child(self.parent, self)


class TaskData:
    """A task's values: `data.x` loads one; `in` and iteration go by name."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __getattr__(self, name: str) -> Any:
        return _artifact(self._task, name).data

    def __contains__(self, name: object) -> bool:
        return name in self._task

    def __iter__(self) -> Iterator[str]:
        return iter(self._task._names())

    def __dir__(self) -> list[str]:
        return [*self, *object.__dir__(self)]

    def __repr__(self) -> str:
        return f"<MetaflowData: {', '.join(self)}>"


class TaskArtifacts:
    """A task's artifacts: `artifacts.x`; in turn they come by name, `in` takes a name."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __getattr__(self, name: str) -> DataArtifact:
        return _artifact(self._task, name)

    def __getitem__(self, name: str) -> DataArtifact:
        return self._task[name]  # type: ignore[no-any-return]  # its children are artifacts

    def __contains__(self, name: object) -> bool:
        return name in self._task

    def __iter__(self) -> Iterator[DataArtifact]:
        return iter(self._task)

    def __len__(self) -> int:
        return len(self._task._names())

    def __dir__(self) -> list[str]:
        return [*self._task._names(), *object.__dir__(self)]

    def __repr__(self) -> str:
        return f"<MetaflowArtifacts: {', '.join(f'{each.id} ({each.type})' for each in self)}>"


def _artifact(task: Task, name: str) -> DataArtifact:
    known = task._names()
    if name.startswith("__") or name not in known:
        raise AttributeError(f"{task!r} has no artifact `{name}`{did_you_mean(name, known)}")
    return task._child(name)
