"""A step's method, run in the task's child process, and what it leaves.

Order: the flow is loaded, inputs are found and bound, the method runs, artifacts are stored. The
record that names them is given to whoever commits the attempt.
"""

from __future__ import annotations

import time
from types import FunctionType, MethodType

from flowc import contract, dsl
from flowc.records import dataclass
from flowc.runtime.alone import call_alone
from flowc.runtime.artifacts import ArtifactWriter
from flowc.runtime.clock import own_code_begins, own_code_ends
from flowc.runtime.edges import find_inputs, next_visits
from flowc.runtime.load import FlowNotFound, load_flow
from flowc.runtime.records import FORMAT
from flowc.runtime.say import say, write
from flowc.runtime.store import StoreError
from flowc.runtime.task import BoundTask, FinalFault, Inputs, frame_of

_FUNCTIONS = (FunctionType, MethodType)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from flowc.runtime.caught import CaughtException
    from flowc.runtime.records import Record, Run
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: `retry_count` is the number of earlier ones."""

    settings: TaskSettings
    store: Store
    retry_count: int
    writer: ArtifactWriter

    @property
    def completes_only(self) -> bool:
        """Whether the user's attempts are used up: `@catch` completes the task without user code."""
        settings = self.settings
        return settings.catch is not None and (bool(settings.killed) or self.retry_count > settings.retries)


def execute(settings: TaskSettings, run: Run, retry_count: int) -> Record:
    """Run the step; the attempt's record.

    Raises what the step raises, FinalFault, ParameterFault, FlowNotFound, MissingInput, StoreError.
    """
    store = run.store
    writer = ArtifactWriter(store, contract.escape_name(settings.flow), settings.attempt_prefix)
    attempt = Attempt(settings, store, retry_count, writer)
    flow_class = load_flow(settings.entry, settings.flow, settings.root)
    if settings.inputs:
        description = run.describe()
    else:
        from flowc.runtime.begin import begin_run

        description = begin_run(settings, run, flow_class)
    if description is None:
        raise StoreError(f"the run has no {contract.RUN_OBJECT}: its first step did not start")
    records = find_inputs(run, settings.step, settings.path, settings.inputs)
    task = _bound(settings, store, flow_class, records, description)
    if description.get("origin_run"):
        # Parameters that the flow did not have when the origin ran.
        from flowc.runtime.parameters import resolve_parameters

        task.give(resolve_parameters(flow_class, {}, settings, description["parameters"]))
    task.static_next = settings.caught_next
    flow = task.bind()
    task.construct(flow)
    _set_current(attempt, run, task, description)
    started = time.time()
    caught = _call(attempt, flow, task, records)
    record = _record(attempt, flow, task)
    record.update(started=started, ended=time.time(), caught=caught)
    writer.close()
    return record


# --------------------------------------------------------------------------- before the method
def _bound(
    settings: TaskSettings, store: Store, flow_class: type, records: list[Record], description: Record
) -> BoundTask:
    is_join = _is_join(settings)
    return BoundTask(
        store=store,
        flow_class=flow_class,
        step=settings.step,
        entries={} if is_join or not records else dict(records[0]["artifacts"]),
        parameters=description["parameters"],
        stack=_stack(settings, records),
        is_join=is_join,
    )


def _stack(settings: TaskSettings, records: list[Record]) -> list[dict[str, Any]]:
    """The foreach frames around the task: one more below a split, one fewer at its join."""
    if not records:
        return []
    stack = list(records[0]["stack"])
    word = settings.inputs[0]
    if "@" in word:
        return stack[:-1]
    if word.startswith("../") and not _comes_from_inside(settings):
        stack.append(frame_of(records[0], _item_index(settings.path)))
    return stack


def _comes_from_inside(settings: TaskSettings) -> bool:
    """Whether this is a later visit of a loop's head, whose input is inside the loop."""
    _, level, visit = contract.last_level(settings.path)
    return "~" in settings.inputs[0] and level == "~" and visit > 0


def _item_index(path: str) -> int:
    outer, level, number = contract.last_level(path)
    return number if level == "." else contract.last_level(outer)[2]


def _is_join(settings: TaskSettings) -> bool:
    words = settings.inputs
    return len(words) > 1 or (len(words) == 1 and ("@" in words[0] or words[0].startswith("from:")))


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
    return inner.bind()


def _set_current(attempt: Attempt, run: Run, task: BoundTask, description: Record) -> None:
    settings = attempt.settings
    parallel = None
    if settings.gang and not attempt.completes_only:
        from flowc.runtime.gang import Gang

        parallel = Gang(settings, run, attempt.retry_count).meet(task.stack[-1]["count"])
    dsl.current._source = (_facts, settings, description, attempt.retry_count, parallel)


def _facts(
    settings: TaskSettings, description: Record, retry_count: int, parallel: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    from flowc.runtime.current_facts import later_facts, task_facts

    facts = task_facts(settings, description, retry_count)
    if parallel is not None:
        facts["parallel"] = parallel
    return facts, later_facts(settings, description)


# --------------------------------------------------------------------------- the method
def _call(attempt: Attempt, flow: Any, task: BoundTask, records: list[Record]) -> bool:
    """Call the method; whether `@catch` completed the task instead."""
    settings = attempt.settings
    arguments = [Inputs([_clone(task, record) for record in records])] if task.is_join else []
    if attempt.completes_only:
        from flowc.runtime.caught import last_failure

        caught, artifacts = last_failure(settings, task.store)
        task.entries.update(artifacts)
        _complete(settings, flow, task, caught)
        return True
    method = getattr(task.flow_class, settings.step, None)
    if method is None:
        raise FlowNotFound(
            f"{settings.entry} has no step `{settings.step}`: it is not the code that the manifest was made from"
        )
    try:
        own_code_begins()
        try:
            call_alone(method, flow, *arguments)
        finally:
            own_code_ends()
    except Exception as error:
        if settings.catch is None:
            raise
        from flowc.runtime.caught import describe, store_failure

        caught = describe(error)
        if attempt.retry_count < settings.retries:
            store_failure(settings, task.store, caught, _save_artifacts(attempt, flow))
            attempt.writer.close()
            raise
        write(caught.stacktrace)
        _complete(settings, flow, task, caught)
        return True
    if settings.catch:
        flow.__dict__[settings.catch] = None
    return False


def _complete(settings: TaskSettings, flow: Any, task: BoundTask, caught: CaughtException) -> None:
    say("@catch keeps the exception and completes the task")
    task.transition = {"targets": list(settings.caught_next), "next": None}
    task.items = None
    if settings.catch:
        flow.__dict__[settings.catch] = caught


# --------------------------------------------------------------------------- after the method
def _record(attempt: Attempt, flow: Any, task: BoundTask) -> Record:
    settings = attempt.settings
    transition = task.transition or {"targets": [], "next": None}
    splits = transition.get("splits")
    if splits is not None:
        _check_splits(settings, splits, transition["next"])
    if settings.tells:
        _check_visits(settings, transition["targets"], transition["next"])
    record: dict[str, Any] = {
        "format": FORMAT,
        "step": settings.step,
        "path": settings.path,
        "attempt": settings.attempt,
        "stack": task.stack,
        "artifacts": {**task.entries, **_save_artifacts(attempt, flow)},
        "targets": transition["targets"],
        "next": transition["next"],
    }
    if splits is not None:
        record["splits"] = splits
        record["items"] = None if task.items is None else attempt.writer.save_items(task.items)
    return record


def _save_artifacts(attempt: Attempt, flow: Any) -> dict[str, Any]:
    """Store what the method assigned or loaded (and may have changed); the record's entries."""
    lines, entries = flow._flowc_lines, flow._flowc_task.entries
    saved = {}
    for name, value in vars(flow).copy().items():  # what is pickled may add to it
        # As in Metaflow, a function that a step hangs on `self` is for that step alone.
        if name not in dsl.INSTANCE_NAMES and type(value) not in _FUNCTIONS:
            if not isinstance(name, str):
                _refuse_name(attempt.settings.step, name)
            saved[name] = attempt.writer.save(name, value, entries.get(name), lines.get(name))
    return saved


def _refuse_name(step: str, key: Any) -> NoReturn:
    from flowc.runtime.artifacts.unpicklable import NamelessArtifact

    raise NamelessArtifact(step, key)


def _check_visits(settings: TaskSettings, targets: list[str], key: str | None) -> None:
    """Refuse to go back to a loop's head that has been visited as often as it may be."""
    for target, visit in next_visits(settings.path, settings.tells, targets):
        if visit >= settings.max_visits:
            raise FinalFault(
                f"`{settings.step}` goes back to `{target}`, which was visited {visit:,} times; "
                f"the limit is {settings.max_visits:,} (max-visits).\n"
                "       Raise it in [tool.flowc] or by --max-visits if the loop is meant to go on.",
                key=key,
            )


def _check_splits(settings: TaskSettings, count: int, key: str) -> None:
    if count < 1:
        raise FinalFault(
            f"foreach in `{settings.step}` has no items; a foreach needs at least one", count, key
        )
    if count <= settings.max_num_splits:
        return
    limit = f"{settings.max_num_splits:,}"
    if key.startswith(contract.gang_key("")):
        raise FinalFault(
            f"gang in `{settings.step}` has {count:,} tasks, which all run at once; "
            f"the limit is {limit} (max-workers and max-num-splits).\n"
            "       Nothing was started. Raise them in the flow, in [tool.flowc], or on submit; "
            "or ask for a smaller gang.",
            count,
            key,
        )
    raise FinalFault(
        f"foreach in `{settings.step}` has {count:,} items; the limit is {limit} (max-num-splits).\n"
        "       Nothing was started. Raise it in the flow, in [tool.flowc], or on submit; "
        "or split less.",
        count,
        key,
    )
