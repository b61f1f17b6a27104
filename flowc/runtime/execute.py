"""A step's method, run in the task's child process, and what it leaves.

Order: inputs are found, the flow is loaded and bound, the method runs, artifacts are stored, then
the record is written under the attempt's prefix. The parent makes the attempt the winner.
"""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING

from flowc import contract, dsl
from flowc.runtime.artifacts import ArtifactWriter
from flowc.runtime.load import load_flow
from flowc.runtime.parameters import passed_values, resolve_parameters
from flowc.runtime.records import Run, find_inputs, read_json, to_json
from flowc.runtime.say import say
from flowc.runtime.store import StoreError
from flowc.runtime.task import BoundTask, FinalFault, Inputs, frame_of

if TYPE_CHECKING:
    from typing import Any

    from flowc.runtime.records import Record
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store

FAILURE_OBJECT = "failure.json"


def execute(settings: TaskSettings, store: Store, retry_count: int) -> None:
    """Run the step and write the attempt's record. Raises what the step raises, FinalFault, StoreError."""
    run = Run(store, settings.flow, settings.run_id)
    flow_class = load_flow(settings.entry, settings.flow)
    writer = ArtifactWriter(store, contract.escape_name(settings.flow), settings.attempt_prefix)
    description = _begin_run(settings, run, flow_class) if not settings.inputs else run.describe()
    if description is None:
        raise StoreError(f"the run has no {contract.RUN_OBJECT}: its first step did not start")
    records = find_inputs(run, settings.step, settings.path, settings.inputs)
    task = _bound(settings, store, flow_class, records, description)
    flow = task.attach(task.bind())
    _set_current(settings, retry_count, description)
    started = time.time()
    caught = _call(settings, flow, task, records, flow_class, retry_count)
    record = _record(settings, writer, flow, task)
    record.update(started=started, ended=time.time(), caught=caught)
    writer.close()
    store.put(f"{settings.attempt_prefix}/{contract.RECORD_OBJECT}", [to_json(record)])


def _begin_run(settings: TaskSettings, run: Run, flow_class: type) -> Record:
    known = run.describe()
    if known is None:
        passed = _passed(settings, run.store)
        values = resolve_parameters(flow_class, passed, settings)
        run_writer = ArtifactWriter(
            run.store, contract.escape_name(settings.flow), f"{run.prefix}/run-{settings.attempt}"
        )
        entries = {name: run_writer.save(name, value) for name, value in values.items()}
        run_writer.close()
        known = {"uid": settings.run_uid, "parameters": entries, "created": time.time()}
        if not run.create(known):
            known = run.describe() or known
    if known["uid"] != settings.run_uid:
        raise FinalFault(f"run id {settings.run_id} is already used by another run")
    return known


def _passed(settings: TaskSettings, store: Store) -> dict[str, Any]:
    passed = passed_values(settings.parameters)
    if settings.parameters is None:
        prefix = contract.run_prefix(settings.flow, settings.run_id)
        given = read_json(store, f"{prefix}/{contract.INPUT_OBJECT}")
        passed = {name: value for name, value in (given or {}).items() if not name.startswith("_flowc")}
    return passed


def _bound(
    settings: TaskSettings, store: Store, flow_class: type, records: list[Record], description: Record
) -> BoundTask:
    is_join = _is_join(settings)
    stack = list(records[0]["stack"]) if records else []
    if is_join and "@" in settings.inputs[0]:
        stack = stack[:-1]
    elif records and settings.inputs[0].partition("~")[0].startswith("../"):
        stack.append(frame_of(records[0], _item_index(settings.path)))
    return BoundTask(
        store=store,
        flow_class=flow_class,
        step=settings.step,
        entries={} if is_join or not records else dict(records[0]["artifacts"]),
        parameters=description["parameters"],
        stack=stack if not records or not _repeats(settings) else list(records[0]["stack"]),
        is_join=is_join,
    )


def _repeats(settings: TaskSettings) -> bool:
    """Whether this is a later visit of a loop's head, whose input is inside the loop."""
    _, level, visit = contract.last_level(settings.path)
    return "~" in settings.inputs[0] and level == "~" and visit > 0


def _item_index(path: str) -> int:
    outer, level, number = contract.last_level(path)
    return number if level == "." else contract.last_level(outer)[2]


def _is_join(settings: TaskSettings) -> bool:
    return len(settings.inputs) > 1 or any(
        "@" in word or word.startswith("from:") for word in settings.inputs
    )


def _clone(task: BoundTask, record: Record) -> Any:
    inner = BoundTask(
        store=task.store,
        flow_class=task.flow_class,
        step=record["step"],
        entries=dict(record["artifacts"]),
        parameters=task.parameters,
        stack=record["stack"],
        is_join=False,
    )
    return inner.attach(inner.bind())


def _set_current(settings: TaskSettings, retry_count: int, description: Record) -> None:
    dsl.current._facts = {
        "flow_name": settings.flow,
        "run_id": settings.run_id,
        "step_name": settings.step,
        "task_id": settings.path,
        "retry_count": retry_count,
        "pathspec": settings.task,
        "origin_run_id": description.get("origin_run"),
        "namespace": "",
        "username": description.get("user", ""),
        "tags": tuple(description.get("tags", ())),
        "parameter_names": sorted(description["parameters"]),
        "tempdir": None,
    }


def _call(
    settings: TaskSettings,
    flow: Any,
    task: BoundTask,
    records: list[Record],
    flow_class: type,
    retry_count: int,
) -> bool:
    """Call the method; whether it raised and `@catch` completed it."""
    method = getattr(flow_class, settings.step)
    arguments = [Inputs([_clone(task, record) for record in records])] if task.is_join else []
    try:
        method(flow, *arguments)
    except Exception as error:
        if settings.catch is None or retry_count < settings.retries:
            raise
        traceback.print_exc()
        say("@catch keeps the exception and completes the task")
        task.transition = {"targets": list(settings.caught_next), "next": None}
        task.items = None
        if settings.catch:
            flow.__dict__[settings.catch] = _portable(error)
        return True
    if settings.catch:
        flow.__dict__[settings.catch] = None
    return False


class CaughtException(Exception):
    """What `@catch` stores: the exception's type, text and traceback, whatever could be pickled."""

    def __init__(self, kind: str, message: str, stack: str) -> None:
        super().__init__(message)
        self.type = kind
        self.exception = message
        self.stacktrace = stack

    def __reduce__(self) -> Any:
        return (CaughtException, (self.type, self.exception, self.stacktrace))

    def __str__(self) -> str:
        return self.stacktrace


def _portable(error: BaseException) -> CaughtException:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return CaughtException(kind, str(error), traceback.format_exc())


def _record(settings: TaskSettings, writer: ArtifactWriter, flow: Any, task: BoundTask) -> Record:
    transition = task.transition or {"targets": [], "next": None}
    splits = transition.get("splits")
    if splits is not None:
        _check_splits(settings, splits)
    entries = dict(task.entries)
    for name, value in vars(flow).items():
        if not name.startswith(("_flowc_", "_current_step")):
            entries[name] = writer.save(name, value)
    record: dict[str, Any] = {
        "format": 1,
        "step": settings.step,
        "path": settings.path,
        "attempt": settings.attempt,
        "stack": task.stack,
        "artifacts": entries,
        "targets": transition["targets"],
        "next": transition["next"],
    }
    if splits is not None:
        record["splits"] = splits
        record["items"] = None if task.items is None else writer.save_items(task.items)
    return record


def _check_splits(settings: TaskSettings, count: int) -> None:
    if count < 1:
        raise FinalFault(f"foreach in `{settings.step}` has no items; a foreach needs at least one")
    if count > settings.max_num_splits:
        raise FinalFault(
            f"foreach in `{settings.step}` has {count:,} items; the limit is {settings.max_num_splits:,} (max-num-splits).\n"
            "       Nothing was started. Raise it in the flow, in [tool.flowc], or on submit; "
            "or split less."
        )
