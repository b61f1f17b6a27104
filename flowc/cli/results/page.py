"""What the page of a run shows: the numbers and texts for templates/report.html.

Of thousands of tasks it shows those that went wrong and those that took longest; the rest is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.cli.results.documents import COUNTS, size_of, step_document
from flowc.cli.results.grouping import by_step
from flowc.cli.results.preview import preview
from flowc.cli.results.timeline import timeline
from flowc.cli.results.views import transition
from flowc.cli.results.words import clock, duration, raised, size, span, type_name
from flowc.diagnostics.render.cells import plain
from flowc.runtime.client.facts import SUCCEEDED
from flowc.runtime.client.values import entries_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowc.cli.results.documents import Document
    from flowc.runtime.client.facts import Record, StoredAttempt, StoredTask
    from flowc.runtime.client.stored import StoredRun

_TASKS = 200  # of one step
_FAILURES = 50
_TRACEBACK = 20_000  # characters
_VALUE = 80


class Section(NamedTuple):
    """A step: its numbers, the tasks that are shown and how many are not, its artifacts."""

    step: str
    facts: Document
    time: str
    tasks: list[Document]
    left_out: int
    artifacts: list[Document]


def page_of(run: StoredRun) -> Mapping[str, object]:
    """The values that the template takes."""
    tasks = run.tasks()
    steps = by_step(tasks)
    bad = [
        task for task in tasks if any(attempt.status != SUCCEEDED for attempt in task.attempts) or task.fault
    ]
    bad.sort(key=lambda task: task.status == SUCCEEDED)  # those that never succeeded first
    status = run.status()
    sections = [_section(run, step, of_step) for step, of_step in steps]
    return {
        "run": plain(f"{run.flow}/{run.run_id}"),
        "status": status,
        "facts": [(name, text) for name, text in _facts(run, tasks) if text],
        "counts": [word for word in COUNTS if any(section.facts[word] for section in sections)],
        "parameters": [_artifact(run, name, entry) for name, entry in run.parameters.items()],
        "timeline": timeline(steps),
        "failures": [_failure(task) for task in bad[:_FAILURES]],
        "failures_left_out": max(len(bad) - _FAILURES, 0),
        "sections": sections,
    }


def _facts(run: StoredRun, tasks: Sequence[StoredTask]) -> Iterator[tuple[str, str]]:
    description = run.description
    adopted = sum(bool(task.adopted_from) for task in tasks)
    yield "started", clock(run.created)
    yield "took", span(run.created, run.ended)
    yield "by", plain(str(description.get("user") or ""))
    yield "tags", plain(", ".join(run.tags))
    yield "resumes", plain(str(description.get("origin_run") or ""))
    yield "tasks", f"{len(tasks):,}" + (f", {adopted:,} of them adopted" if adopted else "")
    yield "attempts", f"{sum(len(task.attempts) for task in tasks):,}"


# --------------------------------------------------------------------------- what went wrong
def _failure(task: StoredTask) -> Document:
    """A task with attempts that did not succeed, each with its reason."""
    return {
        "task": plain(f"{task.step}/{task.path}"),
        "status": task.status,
        "fault": plain(task.fault),
        "attempts": [
            _attempt(count, attempt)
            for count, attempt in enumerate(task.attempts, 1)
            if attempt.status != SUCCEEDED
        ],
    }


def _attempt(count: int, attempt: StoredAttempt) -> Document:
    failure = attempt.failure or {}
    return {
        "number": count,
        "status": attempt.status,
        "started": clock(attempt.started),
        "time": span(attempt.started, attempt.ended),
        "exit": "" if attempt.exit is None else f"exit code {attempt.exit}",
        "reason": raised(failure, 300),
        "traceback": "\n".join(map(plain, str(failure.get("traceback", ""))[-_TRACEBACK:].splitlines())),
    }


# --------------------------------------------------------------------------- steps
def _section(run: StoredRun, step: str, tasks: Sequence[StoredTask]) -> Section:
    facts = step_document(step, tasks)
    order = sorted(tasks, key=lambda task: (task.status == SUCCEEDED, -_seconds(task)))
    chosen = {id(task) for task in order[:_TASKS]}
    shown = [_task(run, task) for task in tasks if id(task) in chosen]
    time = span(facts["started"], facts["ended"])
    return Section(plain(step), facts, time, shown, len(tasks) - len(shown), _artifacts(run, tasks))


def _seconds(task: StoredTask) -> float:
    return (task.ended or 0.0) - (task.started or 0.0) if task.started and task.ended else 0.0


def _task(run: StoredRun, task: StoredTask) -> Document:
    began = ""
    if task.started is not None and run.created is not None and task.started >= run.created:
        began = f"+{duration(task.started - run.created)}"
    return {
        "path": task.path,
        "status": task.status,
        "caught": task.caught,
        "adopted_from": plain(task.adopted_from),
        "attempts": len(task.attempts),
        "began": began,
        "time": span(task.started, task.ended),
        "next": transition(task),
    }


def _artifacts(run: StoredRun, tasks: Sequence[StoredTask]) -> list[Document]:
    """The artifacts of a step by name: of one task with their values, of several with their ranges."""
    entries: dict[str, list[Record]] = {}
    for task in tasks:
        for name, entry in entries_of(task.record).items():
            entries.setdefault(name, []).append(entry)
    if len(tasks) == 1:
        return [_artifact(run, name, found[0]) for name, found in sorted(entries.items())]
    return [_range(name, found) for name, found in sorted(entries.items())]


def _artifact(run: StoredRun, name: str, entry: Record) -> Document:
    return {**_range(name, [entry]), "value": preview(run.store, entry, _VALUE)}


def _range(name: str, entries: Sequence[Record]) -> Document:
    sizes = sorted(map(size_of, entries))
    types = sorted({type_name(entry.get("type")) for entry in entries})
    text = size(sizes[0])
    if size(sizes[-1]) != text:
        text += f" – {size(sizes[-1])}"
    return {
        "name": plain(name),
        "types": ", ".join(types),
        "size": text,
        "tasks": f"{len(entries):,}",
        "value": "",
    }
