"""Steps: the tasks of a step, and the short way to what its only task left."""

from __future__ import annotations

from flowc.runtime.client.errors import SeveralTasks
from flowc.runtime.client.node import MetaflowObject, moment, require_child
from flowc.runtime.client.stored import StoredRun
from flowc.runtime.client.tasks import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flowc.runtime.client.artifacts import TaskArtifacts, TaskData
    from flowc.runtime.client.facts import StoredTask
    from flowc.runtime.client.flows import Run


class Step(MetaflowObject):
    """A step of a run: `Step("Train/train-3f2a1c/fit")`. Its tasks come in the order of their paths."""

    _shape, _kind = "FlowName/RunID/StepName", "step"

    @property
    def task(self) -> Task | None:
        """Its first task."""
        return next(iter(self), None)

    def tasks(self, *tags: str) -> Iterator[Task]:
        """Its tasks that began."""
        return iter(self) if self.tags.issuperset(tags) else iter(())

    @property
    def artifacts(self) -> TaskArtifacts:
        """The artifacts of its only task. Raises SeveralTasks. flowc's own."""
        return self._only.artifacts

    @property
    def data(self) -> TaskData:
        """The values of its only task. Raises SeveralTasks. flowc's own."""
        return self._only.data

    @property
    def finished_at(self) -> datetime | None:
        """When the last of its tasks finished; None while one has not."""
        ends = [task.finished_at for task in self]
        return max((end for end in ends if end), default=None) if all(ends) else None

    @property
    def created_at(self) -> datetime | None:
        """When its first task began."""
        return moment(self._began) if self._began else None

    @property
    def parent(self) -> Run:
        """Its run."""
        from flowc.runtime.client.flows import Run

        return Run("/".join(self._parts[:2]), _store=self._store)

    @property
    def _stored_run(self) -> StoredRun:
        return StoredRun(self._store, *self._parts[:2])

    @property
    def _began(self) -> float:
        first = self.task
        return first._stored.started or 0.0 if first else 0.0

    @property
    def _only(self) -> Task:
        found = self._names()
        if len(found) != 1:
            raise SeveralTasks(
                f"{self!r} has {len(found):,} tasks; choose one: step['{found[0]}'].data"
                if found
                else f"{self!r} has no task that began"
            )
        return self._child(found[0])

    def __iter__(self) -> Iterator[Task]:
        run = self._stored_run
        found = ((path, run.task(self.id, path)) for path in self._names())
        return (self._child(path, stored) for path, stored in found if stored)

    def _names(self) -> list[str]:
        return self._stored_run.paths(self.id)

    def _child(self, name: str, stored: StoredTask | None = None) -> Task:
        return Task(f"{self.pathspec}/{name}", _store=self._store, _stored=stored)

    def _require(self) -> None:
        require_child(self.parent, self)
