"""Flows and their runs, newest first."""

from __future__ import annotations

from flowc import contract
from flowc.runtime.api.exceptions import MetaflowNotFound
from flowc.runtime.client import place
from flowc.runtime.client.errors import NoChild, did_you_mean
from flowc.runtime.client.facts import SUCCEEDED, engine_of
from flowc.runtime.client.node import MetaflowObject, get_namespace, moment
from flowc.runtime.client.steps import Step
from flowc.runtime.client.stored import StoredRun, flow_names, run_ids, runs_newest_first
from flowc.runtime.client.tags import change_tags
from flowc.runtime.client.tasks import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Any

    from flowc.runtime.api.triggers import Trigger
    from flowc.runtime.client.artifacts import TaskData


class Metaflow:
    """Every flow that has runs in the datastore."""

    @property
    def flows(self) -> list[Flow]:
        """The flows by name."""
        return list(self)

    def __iter__(self) -> Iterator[Flow]:
        store = place.current_store()
        flows = (Flow(name, _store=store) for name in flow_names(store))
        return (flow for flow in flows if flow.is_in_namespace())

    def __getitem__(self, name: str) -> Flow:
        return Flow(name)

    def __repr__(self) -> str:
        return "Metaflow()"


class Flow(MetaflowObject):
    """A flow: `Flow("Train")`. Its runs come newest first."""

    _shape, _kind = "FlowName", "flow"

    @property
    def latest_run(self) -> Run | None:
        """The run that was started last, finished or not; None without any."""
        return next(iter(self), None)

    @property
    def latest_successful_run(self) -> Run | None:
        """The newest run that succeeded."""
        return next((run for run in self if run.successful), None)

    @property
    def created_at(self) -> datetime | None:
        """When the oldest run that is left was started."""
        return min((run.created_at for run in self if run.created_at), default=None)

    def runs(self, *tags: str) -> Iterator[Run]:
        """The runs that carry all these tags."""
        return (run for run in self if run.tags.issuperset(tags))

    def __iter__(self) -> Iterator[Run]:
        runs = (self._child(stored.run_id) for stored in runs_newest_first(self._store, self.id))
        return (run for run in runs if not self._namespace_check or run.is_in_namespace())

    def is_in_namespace(self) -> bool:
        """Whether any of its runs is."""
        return get_namespace() is None or any(run.is_in_namespace() for run in self)

    def _names(self) -> list[str]:
        return run_ids(self._store, self.id)

    def _child(self, name: str) -> Run:
        return Run(f"{self.id}/{name}", _store=self._store)

    def _require(self) -> None:
        known = flow_names(self._store)
        if self.id not in known:
            where = place.current_datastore()
            raise MetaflowNotFound(f"there is no flow `{self.id}` in {where}{did_you_mean(self.id, known)}")
        self._require_namespace()


class Run(MetaflowObject):
    """A run: `Run("Train/train-3f2a1c")`. Its steps come newest first."""

    _shape, _kind = "FlowName/RunID", "run"

    def __init__(self, pathspec: str, attempt: int | None = None, **known: Any) -> None:
        super().__init__(pathspec, attempt, **known)
        self._stored = StoredRun(self._store, *self._parts)

    @property
    def status(self) -> str:
        """`succeeded`, `failed`, or `unfinished`, where nothing says that it ended or must fail. flowc's own."""
        return self._stored.status()

    @property
    def successful(self) -> bool:
        """Whether its last step finished."""
        return self.status == SUCCEEDED

    @property
    def finished(self) -> bool:
        """Whether its last step has a result, be it from `@catch`. A run that failed has none, as in Metaflow."""
        end = self.end_task
        return end is not None and end.finished

    @property
    def finished_at(self) -> datetime | None:
        """When its last step ended; None before."""
        end = self.end_task
        return end.finished_at if end else None

    @property
    def end_task(self) -> Task | None:
        """The task of its last step, once that began; the last step's name is `end` until it finished."""
        last = self._stored.last_task() or self._stored.task("end", contract.ROOT)
        return Task(last.pathspec, _store=self._store, _stored=last) if last else None

    @property
    def data(self) -> TaskData | None:
        """The values that its last step left; None before it began."""
        end = self.end_task
        return end.data if end else None

    @property
    def code(self) -> None:
        """The code that ran: not kept with the run."""
        return

    @property
    def trigger(self) -> Trigger | None:
        """The events that started the run; None for one that a user or a schedule did."""
        told = self._stored.description.get("triggers")
        if not told:
            return None
        from flowc.runtime.api.triggers import Trigger

        return Trigger(told)

    @property
    def origin_run(self) -> Run | None:
        """The run that this one resumed; None for any other. flowc's own."""
        origin = self._stored.description.get("origin_run")
        return Run(f"{self._parts[0]}/{origin}", _store=self._store) if origin else None

    @property
    def origin_pathspec(self) -> str | None:
        """The path of the run that this one resumed."""
        origin = self.origin_run
        return origin.pathspec if origin else None

    @property
    def created_at(self) -> datetime | None:
        """When it was started."""
        return moment(self._stored.created)

    @property
    def user_tags(self) -> frozenset[str]:
        """The tags that the user gave it."""
        return frozenset(self._stored.tags)

    def add_tag(self, tag: str | Iterable[str]) -> None:
        """Add a tag. What is a system tag already is not added. Raises MetaflowTaggingError."""
        self.replace_tag([], tag)

    def add_tags(self, tags: Iterable[str]) -> None:
        """Add tags: see `add_tag`."""
        self.replace_tag([], tags)

    def remove_tag(self, tag: str | Iterable[str]) -> None:
        """Remove a tag, if it is there. Raises MetaflowTaggingError for a system tag."""
        self.replace_tag(tag, [])

    def remove_tags(self, tags: Iterable[str]) -> None:
        """Remove tags: see `remove_tag`."""
        self.replace_tags(tags, [])

    def replace_tag(self, tag_to_remove: str | Iterable[str], tag_to_add: str | Iterable[str]) -> None:
        """Remove a tag and add another one, at once. A list stands for all of its tags, as in Metaflow."""
        self.replace_tags(
            *([each] if isinstance(each, str) else each for each in (tag_to_remove, tag_to_add))
        )

    def replace_tags(self, tags_to_remove: Iterable[str], tags_to_add: Iterable[str]) -> None:
        """Remove tags, then add others, at once. Raises MetaflowTaggingError."""
        change_tags(self._stored, self.system_tags, tags_to_remove, tags_to_add)

    @property
    def system_tags(self) -> frozenset[str]:
        """`user:NAME` where known, and `runtime:NAME` of the engine."""
        user = self._stored.description.get("user")
        engine = engine_of(self.id)
        return frozenset(
            [f"runtime:{engine.runtime if engine else 'dev'}", *([f"user:{user}"] if user else [])]
        )

    @property
    def parent(self) -> Flow:
        """Its flow."""
        return Flow(self._parts[0], _store=self._store)

    def steps(self, *tags: str) -> Iterator[Step]:
        """The steps that have tasks, the one that began last first."""
        return iter(self) if self.tags.issuperset(tags) else iter(())

    def __iter__(self) -> Iterator[Step]:
        steps = [self._child(name) for name in self._names()]
        began = ((step._began, step.id, step) for step in steps if step.task)
        return (step for _, _, step in sorted(began, reverse=True))

    def _names(self) -> Iterable[str]:
        return self._stored.steps()

    def _child(self, name: str) -> Step:
        return Step(f"{self.pathspec}/{name}", _store=self._store)

    def _require(self) -> None:
        flow, run_id = self._parts
        try:
            Flow(flow, _namespace_check=False)[run_id]
        except NoChild as error:
            raise MetaflowNotFound(str(error)) from None
        self._stored = StoredRun(self._store, flow, run_id)
        self._require_namespace()
