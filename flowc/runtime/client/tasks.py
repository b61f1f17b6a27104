"""Tasks, and what became of them.

A task's values are loaded when they are first asked for. Attempts are counted from 0, as in Metaflow;
without one, a task speaks of the attempt that won, else of the newest.
"""

from __future__ import annotations

from flowc import contract
from flowc.runtime.api.exceptions import MetaflowNotFound
from flowc.runtime.client.artifacts import DataArtifact, TaskArtifacts, TaskData
from flowc.runtime.client.errors import ArtifactUnreadable
from flowc.runtime.client.facts import RUNNING, StoredTask
from flowc.runtime.client.node import MetaflowObject, moment, require_child
from flowc.runtime.client.stored import StoredRun
from flowc.runtime.client.values import entries_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from flowc.runtime.caught import CaughtException
    from flowc.runtime.client.facts import Record, StoredAttempt
    from flowc.runtime.client.steps import Step


class Task(MetaflowObject):
    """A task: `Task("Train/train-3f2a1c/fit/r.3")`. Its artifacts are its children."""

    _shape, _kind = "FlowName/RunID/StepName/path", "task"

    def __init__(
        self, pathspec: str, attempt: int | None = None, _stored: StoredTask | None = None, **known: Any
    ) -> None:
        self._task = _stored
        self._entries: Mapping[str, Record] | None = None
        super().__init__(pathspec, attempt, **known)

    @property
    def data(self) -> TaskData:
        """Its values by name: `task.data.x`."""
        return TaskData(self)

    @property
    def artifacts(self) -> TaskArtifacts:
        """Its artifacts by name: `task.artifacts.x.data`."""
        return TaskArtifacts(self)

    @property
    def status(self) -> str:
        """`succeeded`, `failed`, `killed`, `running` or `broken`. flowc's own."""
        return self._stored.status if self._attempt is None else self._decisive.status

    @property
    def successful(self) -> bool:
        """Whether it finished by itself: what `@catch` completed did not, as in Metaflow."""
        return self.finished and not self._stored.caught

    @property
    def finished(self) -> bool:
        """Whether it has a result, be it from `@catch`."""
        return bool(self._stored.winner)

    @property
    def exception(self) -> CaughtException | None:
        """What `@catch` kept, or what its last attempt raised; None for neither."""
        from flowc.runtime.caught import CaughtException

        kept = self._artifacts() if self._stored.caught else {}
        for name, entry in kept.items():
            own = str(entry.get("object", "")).startswith(self._decisive.prefix)
            if own and str(entry.get("type", "")).startswith(CaughtException.__module__):
                return self[name].data  # type: ignore[no-any-return]  # its type, as recorded
        failure = self._decisive.failure
        if not failure:
            return None
        return CaughtException(*(str(failure.get(key, "")) for key in ("type", "message", "traceback")))

    @property
    def index(self) -> int | None:
        """Its index in the innermost foreach; None outside of one."""
        path = self.id
        while path:
            path, level, index = contract.last_level(path)
            if level == ".":
                return index
        return None

    @property
    def stdout(self) -> str:
        """All it printed, on both streams, in order; of a long output the beginning and the end."""
        return self._log().decode(errors="replace")

    @property
    def stderr(self) -> str:
        """Always empty: both streams are in `stdout`, in the order in which they were printed."""
        return ""

    @property
    def stdout_size(self) -> int:
        """The bytes of `stdout`."""
        return len(self._log())

    @property
    def stderr_size(self) -> int:
        """The bytes of `stderr`: 0."""
        return 0

    def loglines(self, stream: str, as_unicode: bool = True) -> Iterator[tuple[None, str | bytes]]:
        """(None, line) of each line of `stdout`; lines carry no time. `stderr` has none."""
        if stream not in ("stdout", "stderr"):
            raise MetaflowNotFound(f"there is no stream `{stream}`: a task has `stdout` and `stderr`")
        for line in self._log().splitlines() if stream == "stdout" else ():
            yield None, line.decode(errors="replace") if as_unicode else line

    @property
    def current_attempt(self) -> int:
        """The number of the attempt that it speaks of, from 0."""
        return self._stored.attempts.index(self._decisive)

    @property
    def attempt(self) -> int | None:
        """The attempt that was asked for."""
        return self._attempt

    @property
    def created_at(self) -> datetime | None:
        """When its first attempt began."""
        return moment(self._stored.started)

    @property
    def finished_at(self) -> datetime | None:
        """When the attempt that it speaks of ended, however it did; None before."""
        return moment(self._decisive.ended)

    @property
    def runtime_name(self) -> str | None:
        """Metaflow's word for the engine: `dev` for a local run, `argo-workflows`, `step-functions`."""
        return next((tag[8:] for tag in self.system_tags if tag.startswith("runtime:")), None)

    @property
    def origin_pathspec(self) -> str | None:
        """The task of another run whose result this one adopted; None for its own."""
        return self._stored.adopted_from or None

    @property
    def metadata_dict(self) -> dict[str, str]:
        """What the datastore says of it, as texts."""
        origin = self.origin_pathspec
        return {
            "attempt": str(self.current_attempt),
            "attempt_ok": str(self._decisive.status == "succeeded"),
            "status": self.status,
            **(
                {"origin-run-id": origin.split("/")[1], "origin-task-id": origin.split("/")[3]}
                if origin
                else {}
            ),
        }

    @property
    def code(self) -> None:
        """The code that ran: not kept with the task."""
        return

    @property
    def environment_info(self) -> dict[str, Any]:
        """The packages of its environment: not kept with the task."""
        return {}

    @property
    def parent(self) -> Step:
        """Its step."""
        from flowc.runtime.client.steps import Step

        return Step("/".join(self._parts[:3]), _store=self._store)

    @property
    def _stored(self) -> StoredTask:
        # One that may still run is asked for anew.
        if self._task is None or self._task.status == RUNNING:
            run = StoredRun(self._store, *self._parts[:2])
            self._task = run.task(*self._parts[2:])
            if self._task is None:
                raise MetaflowNotFound(f"{self!r} has not begun")
        return self._task

    @property
    def _decisive(self) -> StoredAttempt:
        attempts = self._stored.attempts
        if self._attempt is not None:
            if not 0 <= self._attempt < len(attempts):
                raise MetaflowNotFound(
                    f"{self.pathspec} has {len(attempts)} attempts, counted from 0, and no {self._attempt}"
                )
            return attempts[self._attempt]
        chosen = self._stored.decisive
        if chosen is None:
            raise MetaflowNotFound(f"{self!r} has no attempt")
        return chosen

    def _log(self) -> bytes:
        return self._store.get(f"{self._decisive.prefix}/{contract.LOG_OBJECT}") or b""

    def _artifacts(self) -> Mapping[str, Record]:
        """The entries of the run's parameters and of what the attempt left."""
        if self._stored.fault:
            raise ArtifactUnreadable(f"the result of {self.pathspec} cannot be read: {self._stored.fault}")
        if self._entries is not None:
            return self._entries
        run = StoredRun(self._store, *self._parts[:2])
        won = self._decisive.prefix == self._stored.winner
        left = self._stored.record if won else self._decisive.failure or {}
        entries = {**run.parameters, **entries_of(left)}
        if won:
            self._entries = entries
        return entries

    def _names(self) -> list[str]:
        return list(self._artifacts())

    def _child(self, name: str) -> DataArtifact:
        return DataArtifact(f"{self.pathspec}/{name}", self._attempt, _store=self._store, _task=self)

    def _require(self) -> None:
        require_child(self.parent, self)
        self._decisive  # noqa: B018 - raises for an attempt that is not there
