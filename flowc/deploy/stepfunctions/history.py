"""An execution's history as tasks: how many of each step are where, and which failed why.

Every event names the one before it, so that each event of a task leads back to the state that was
entered. A task is one entering of a state that submits a job, however many attempts the job took; one
that failed and was caught is counted by the state that goes on for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc import contract
from flowc.deploy.status import StepCount, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Event = Mapping[str, Any]

_JOBS = (":batch:submitJob", ":eks:runJob")
_FAILURES = {
    "TaskFailed": "taskFailedEventDetails",
    "TaskTimedOut": "taskTimedOutEventDetails",
    "TaskStartFailed": "taskStartFailedEventDetails",
    "TaskSubmitFailed": "taskSubmitFailedEventDetails",
}
WAITING, RUNNING, SUCCEEDED, FAILED, CAUGHT = range(5)


class Task:
    """One entering of a state that submits a job."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.path = ""
        self.state = WAITING
        self.message = ""


class Seen(NamedTuple):
    """What a history tells: the tasks in the order in which they began, and the Map Runs by their Map's name."""

    tasks: list[Task]
    map_runs: dict[str, str]


def steps_of(definition: str) -> dict[str, str]:
    """The step of each state of a machine that submits a job."""
    try:
        pending = [json.loads(definition)]
    except ValueError:
        return {}
    found: dict[str, str] = {}
    while pending:
        for name, state in (pending.pop().get("States") or {}).items():
            if any(job in str(state.get("Resource")) for job in _JOBS):
                found[name] = _variables(state.get("Arguments")).get(contract.ENV_STEP, name)
            pending += [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches") or []
    return found


def read_history(events: Iterable[Event], steps: Mapping[str, str]) -> Seen:
    """Follow a history's events, oldest first."""
    seen = Seen([], {})
    entered: dict[int, Task | str] = {}  # by each event of a state: its task, or its name where it has none
    for event in events:
        kind = str(event.get("type"))
        details = event.get("stateEnteredEventDetails")
        if details:
            name = str(details.get("name"))
            owner: Task | str = Task(contract.shown_name(steps[name])) if name in steps else name
            if isinstance(owner, Task):
                seen.tasks.append(owner)
        else:
            owner = entered.get(int(event.get("previousEventId") or 0), "")
        entered[int(event["id"])] = owner
        if isinstance(owner, Task):
            _advance(owner, kind, event)
        elif kind == "MapRunStarted":
            seen.map_runs[event["mapRunStartedEventDetails"]["mapRunArn"]] = owner
    return seen


def _advance(task: Task, kind: str, event: Event) -> None:
    if kind == "TaskScheduled":
        task.state = WAITING
        task.path = _path(event) or task.path
    elif kind == "TaskSubmitted":
        task.state = RUNNING
    elif kind in _FAILURES:
        task.state = FAILED
        details = event.get(_FAILURES[kind]) or {}
        task.message = brief(details.get("error"), details.get("cause"))
    elif kind == "TaskStateExited":
        task.state = CAUGHT if task.state == FAILED else SUCCEEDED


def counts(tasks: Iterable[Task], *, ended: bool) -> list[StepCount]:
    """The tasks by step. While the execution goes on, a failed one waits for its next attempt."""
    found: dict[str, list[int]] = {}
    for task in tasks:
        row = found.setdefault(task.step, [0, 0, 0, 0])
        if task.state == CAUGHT:
            continue
        row[task.state if ended or task.state != FAILED else WAITING] += 1
    return [StepCount(step, *row) for step, row in found.items()]


def troubles(tasks: Iterable[Task], *, ended: bool) -> list[Trouble]:
    """The tasks whose last attempt failed."""
    return [Trouble(t.step, t.path, t.message, failed=ended) for t in tasks if t.state == FAILED]


def brief(error: object, cause: object) -> str:
    """An error and its cause in a line: of a job that ended, what Batch says of it instead of all it knows."""
    text = str(cause or "")
    try:
        job = json.loads(text)
    except ValueError:
        job = None
    if isinstance(job, dict):
        text = "; ".join(_of_job(job)) or text
    name = str(error or "")
    return " ".join(f"{name}: {text}".split()) if name and text else name or " ".join(text.split())


def _of_job(job: Mapping[str, Any]) -> Iterator[str]:
    container = job.get("Container") if isinstance(job.get("Container"), dict) else {}
    for part in (job.get("StatusReason"), (container or {}).get("Reason")):
        if part:
            yield str(part)
    code = (container or {}).get("ExitCode")
    if code is not None:
        yield f"exit code {code}"


def _path(event: Event) -> str:
    """The task's path, as the job was given it."""
    details = event.get("taskScheduledEventDetails") or {}
    try:
        return _variables(json.loads(details.get("parameters") or "{}")).get(contract.ENV_PATH, "")
    except ValueError:
        return ""


def _variables(arguments: object) -> dict[str, str]:
    """The variables anywhere in the arguments of a job: Batch spells their keys large, Kubernetes small."""
    found: dict[str, str] = {}
    pending = [arguments]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending += item
        elif isinstance(item, dict):
            name, value = item.get("Name", item.get("name")), item.get("Value", item.get("value"))
            if isinstance(name, str) and isinstance(value, str):
                found[name] = value
            pending += item.values()
    return found
