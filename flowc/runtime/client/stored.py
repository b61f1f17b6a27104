"""What a datastore says of flows, runs, tasks and attempts, from its listings and records alone.

Nothing here writes, loads a value or knows the flow's file: a run made on any engine reads the same.

Invariant: whatever is missing or broken in a run becomes a status with its reason. Only a datastore
that cannot be reached raises (StoreError).
"""

from __future__ import annotations

import json
import re

from flowc import contract
from flowc.runtime.client.facts import (
    BROKEN,
    FAILED,
    KILLED,
    RUNNING,
    SUCCEEDED,
    SUPERSEDED,
    UNFINISHED,
    StoredAttempt,
    StoredTask,
    number,
    whole,
)
from flowc.runtime.client.tags import changed_tags
from flowc.runtime.client.values import entries_of
from flowc.runtime.records import fault_of_record
from flowc.runtime.store import UnreadableObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Callable, TypeVar

    from flowc.runtime.client.facts import Record
    from flowc.runtime.store import Store

    T = TypeVar("T")
    U = TypeVar("U")

_PATH = re.compile(r"r(?:[.~][0-9]+)*")
_LEVEL = re.compile(r"([.~])([0-9]+)")


class StoredRun:
    """One run in a datastore. What describes it is read once it is there."""

    def __init__(self, store: Store, flow: str, run_id: str) -> None:
        self.store = store
        self.flow = flow
        self.run_id = run_id
        self.prefix = contract.run_prefix(flow, run_id)
        self._known: dict[str, Record] = {}

    @property
    def description(self) -> Record:
        """`run.json`; empty before the first task, and where it is broken."""
        return self._read(contract.RUN_OBJECT)

    @property
    def ending(self) -> Record:
        """`ended.json`, which a local run leaves; empty without it."""
        return self._read(contract.ENDED_OBJECT)

    @property
    def failure(self) -> Record:
        """`failed.json`, where the task that it names is still one that failed for good; else empty."""
        said = self._read(contract.FAILED_OBJECT)
        task = self.task(str(said["step"]), str(said["path"])) if {"step", "path"} <= said.keys() else None
        newest = task.decisive if task else None
        return said if newest and newest.status == FAILED and newest.prefix == said.get("attempt") else {}

    @property
    def created(self) -> float | None:
        """When its first task began."""
        return number(self.description.get("created"))

    @property
    def ended(self) -> float | None:
        """When it ended, as the scheduler, its last task or the one that failed says; None while none does."""
        said = number(self.ending.get("ended"))
        if said is not None:
            return said
        last = self.last_task()
        return last.ended if last else number(self.failure.get("ended"))

    @property
    def tags(self) -> list[str]:
        """The tags that users gave it."""
        changed = changed_tags(self)
        if changed is not None:
            return changed
        tags = self.description.get("tags")
        return [str(tag) for tag in tags] if isinstance(tags, list) else []

    @property
    def parameters(self) -> Mapping[str, Record]:
        """The entries of its parameters' values, by name."""
        return entries_of({"artifacts": self.description.get("parameters")})

    def exists(self) -> bool:
        """Whether something says that this is a run."""
        signs = (contract.RUN_OBJECT, contract.INPUT_OBJECT)
        try:
            return self.created is not None or not set(signs).isdisjoint(self.store.names(self.prefix))
        except UnreadableObject:
            return True

    def steps(self) -> list[str]:
        """The steps that have tasks, by name."""
        return [step for name in self.store.names(self.prefix) if (step := _identifier(name))]

    def paths(self, step: str) -> list[str]:
        """The paths of a step's tasks in natural order: `r.2` before `r.10`."""
        found = self.store.names(f"{self.prefix}/{contract.escape_name(step)}")
        return sorted(filter(_PATH.fullmatch, found), key=path_order)

    def tasks(self, step: str | None = None) -> list[StoredTask]:
        """Every task that began, of one step or of all."""
        places = [(name, path) for name in ([step] if step else self.steps()) for path in self.paths(name)]
        found = side_by_side(self.store, lambda place: self.task(*place), places)
        return [task for task in found if task is not None]

    def task(self, step: str, path: str) -> StoredTask | None:
        """One task; None where none of its attempts began."""
        prefix = contract.task_prefix(self.flow, self.run_id, step, path)
        try:
            return self._task(prefix, step, path)
        except UnreadableObject as error:
            return StoredTask(prefix, step, path, BROKEN, {}, (), "", f"{prefix} cannot be read: {error}")

    def _task(self, prefix: str, step: str, path: str) -> StoredTask | None:
        present = self.store.names(prefix)
        if contract.MARKER_OBJECT not in present and contract.ATTEMPTS_PREFIX not in present:
            return None
        winner, record, fault = self._result(prefix) if contract.MARKER_OBJECT in present else ("", {}, "")
        over = bool(winner or fault or self.ending)
        attempts = _attempts(self.store, prefix, winner, record, over=over)
        status = BROKEN if fault else SUCCEEDED if winner else attempts[-1].status if attempts else KILLED
        return StoredTask(prefix, step, path, status, record, attempts, winner, fault)

    def last_task(self) -> StoredTask | None:
        """The finished task that has nothing after it; None while there is none that can be read."""
        try:
            return self._last_task(self.steps())
        except UnreadableObject:
            return None

    def _last_task(self, names: list[str]) -> StoredTask | None:
        # The last step is nearly always called `end`.
        for step in sorted(names, key=lambda name: name != "end"):
            if step != "end" and not self.store.names(f"{self.prefix}/{contract.escape_name(step)}/r"):
                continue
            task = self.task(step, contract.ROOT)
            if task is not None and task.winner and task.record.get("targets") == []:
                return task
        return None

    def status(self) -> str:
        """SUCCEEDED, FAILED or UNFINISHED."""
        said = self.ending.get("status")
        if said in (SUCCEEDED, FAILED):
            return str(said)
        return SUCCEEDED if self.last_task() else FAILED if self.failure else UNFINISHED

    def _result(self, prefix: str) -> tuple[str, Record, str]:
        """(the winning attempt's prefix, its record, ""), or what is wrong with them last."""
        key = f"{prefix}/{contract.MARKER_OBJECT}"
        marker, fault = read_object(self.store, key)
        winner = marker.get("attempt")
        if fault or not isinstance(winner, str) or winner.count("/") < 5:
            return "", {}, fault or f"{key} names no attempt"
        key = f"{winner}/{contract.RECORD_OBJECT}"
        record, fault = read_object(self.store, key)
        if not fault and (lack := fault_of_record(record)):
            record, fault = {}, f"{key} {lack}"
        return "" if fault else winner, record, fault

    def _read(self, name: str) -> Record:
        if not self._known.get(name):  # what is not there yet may come
            self._known[name] = read_object(self.store, f"{self.prefix}/{name}")[0]
        return self._known[name]


def flow_names(store: Store) -> list[str]:
    """The flows that have runs, by name."""
    return [flow for name in store.names("") if (flow := _identifier(name))]


def run_ids(store: Store, flow: str) -> list[str]:
    """The runs of a flow, by id."""
    found = store.names(contract.escape_name(flow))
    return [name for name in found if name != contract.BLOBS_FOLDER and not name.startswith(".")]


def runs_newest_first(store: Store, flow: str) -> list[StoredRun]:
    """The runs of a flow; one that has not begun comes last. Other folders, of a shared bucket, are no runs."""
    runs = [StoredRun(store, flow, run_id) for run_id in run_ids(store, flow)]
    found = side_by_side(store, lambda run: (run.created or 0.0, run.exists()), runs)
    known = [(created, run.run_id, run) for (created, exists), run in zip(found, runs) if exists]
    return [run for _, _, run in sorted(known, reverse=True)]


def path_order(path: str) -> list[tuple[str, int]]:
    """What sorts paths as people count."""
    return [(level, int(digits)) for level, digits in _LEVEL.findall(path)]


def read_object(store: Store, key: str) -> tuple[Record, str]:
    """(the JSON object at `key`, ""), or ({}, why there is none)."""
    try:
        content = store.get(key)
    except UnreadableObject as error:
        return {}, f"{key} cannot be read: {error}"
    if content is None:
        return {}, f"{key} is missing"
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}, f"{key} is not JSON"
    return (value, "") if isinstance(value, dict) else ({}, f"{key} is not an object")


def side_by_side(store: Store, work: Callable[[T], U], items: Iterable[T]) -> Iterable[U]:
    """`work` of each item in order. A store across a network is asked several things at once."""
    from flowc.runtime.store.files import FileStore

    if isinstance(store, FileStore):
        return map(work, items)
    return _threaded(work, items)


def _threaded(work: Callable[[T], U], items: Iterable[T]) -> Iterator[U]:
    from concurrent.futures import ThreadPoolExecutor

    # As many as the client of S3 keeps connections.
    with ThreadPoolExecutor(10) as pool:
        yield from pool.map(work, items)


def _identifier(name: str) -> str:
    """The Python name that `name` spells in the datastore; "" for whatever else lies there."""
    try:
        meant = contract.unescape_name(name)
    except (ValueError, OverflowError):
        return ""
    return meant if meant.isidentifier() and contract.escape_name(meant) == name else ""


# --------------------------------------------------------------------------- attempts
def _attempts(
    store: Store, prefix: str, winner: str, record: Record, *, over: bool
) -> tuple[StoredAttempt, ...]:
    """A task's attempts, oldest first. Before `over`, one without an end may still run."""
    folder = f"{prefix}/{contract.ATTEMPTS_PREFIX}"
    found = [_attempt(store, key) for name in store.names(folder) if (key := f"{folder}/{name}") != winner]
    found.sort(key=lambda a: (a.started is None, a.started or 0.0, a.prefix))
    if found and found[-1].status == KILLED and not over:
        found[-1] = found[-1]._replace(status=RUNNING)
    if winner:
        started, ended = number(record.get("started")), number(record.get("ended"))
        found.append(StoredAttempt(winner, SUCCEEDED, started, ended, contract.EXIT_OK, None))
    return tuple(found)


def _attempt(store: Store, prefix: str) -> StoredAttempt:
    """An attempt that did not win."""
    begin, _ = read_object(store, f"{prefix}/{contract.BEGIN_OBJECT}")
    end, _ = read_object(store, f"{prefix}/{contract.END_OBJECT}")
    failure, _ = read_object(store, f"{prefix}/{contract.FAILURE_OBJECT}")
    ended = number(end.get("ended")) or number(failure.get("time"))
    code = whole(end.get("exit"))
    status = FAILED if failure or code else KILLED
    if status == KILLED and (end or store.get(f"{prefix}/{contract.RECORD_OBJECT}") is not None):
        status = SUPERSEDED
    return StoredAttempt(prefix, status, number(begin.get("started")), ended, code, failure or None)
