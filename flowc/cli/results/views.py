"""Runs, steps and tasks for people: one screen each, no text of theirs obeyed by the terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from flowc.cli.output import say, write
from flowc.cli.results.documents import COUNTS, size_of, step_document
from flowc.cli.results.grouping import by_step
from flowc.cli.results.preview import preview
from flowc.cli.results.words import clock, coloured_status, duration, raised, size, span, table, type_name
from flowc.diagnostics.render.cells import plain
from flowc.diagnostics.render.style import wants_colour
from flowc.runtime.client.facts import FAILED, RUNNING, UNFINISHED, engine_of
from flowc.runtime.client.values import entries_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.cli.results.where import Meant
    from flowc.runtime.client.facts import Record, StoredAttempt, StoredTask
    from flowc.runtime.client.stored import StoredRun

_FAILURES = 5  # how many a run's page names
_VALUE = 60  # characters of a value


def show_status(meant: Meant) -> None:
    """One word for each of what is meant: the run's, the task's, or of each task of a step."""
    run = meant.run
    if meant.step is None:
        _print([run.status()])
    else:
        tasks = run.tasks(meant.step) if meant.path is None else [_begun(run, meant.step, meant.path)]
        _print([f"{task.path} {task.status}" for task in tasks] if meant.path is None else [tasks[0].status])


def show_run(run: StoredRun) -> None:
    """A run: its steps in the order in which they began, and what went wrong."""
    tasks = run.tasks()
    status = run.status()
    facts = [clock(run.created), span(run.created, run.ended)]
    _print([_title(f"{run.flow}/{run.run_id}", status, *facts), *_origin(run), *_parameters(run)])
    rows = [_step_row(run, step, of_step) for step, of_step in by_step(tasks)]
    header = ("step", "tasks", *COUNTS, "attempts", "began", "time")
    if rows:
        _print(["", *table(header, rows, right=" ".join(header[1:]))])
    _print(list(_failures(run, tasks)))
    engine = engine_of(run.run_id)
    if status == UNFINISHED:
        reason = (
            f"whether it goes on or was killed, {engine.name} knows"
            if engine
            else "it still runs, or was killed"
        )
        say(f"Nothing says that the run ended: {reason}.")
    elif status == FAILED and engine and any(task.status == RUNNING for task in tasks):
        say(f"The run fails by the task above; whether others still run, {engine.name} knows.")


def show_step(run: StoredRun, step: str) -> None:
    """A step: a line for each of its tasks."""
    tasks = run.tasks(step)
    _print([_title(f"{run.flow}/{run.run_id}/{step}", f"{len(tasks):,} task{'s' * (len(tasks) != 1)}")])
    rows = [
        [
            task.path,
            _status(task.status),
            "caught" if task.caught else "",
            str(len(task.attempts)),
            clock(task.started),
            span(task.started, task.ended),
            transition(task),
            _why(task),
        ]
        for task in tasks
    ]
    header = ("path", "status", "", "attempts", "started", "time", "next", "failure")
    _print(["", *table(header, rows, right="attempts time")] if rows else [])


def show_task(run: StoredRun, step: str, path: str) -> None:
    """A task: where it stands, its attempts, what it left."""
    task = _begun(run, step, path)
    status = task.status + (" (caught)" if task.caught else "")
    _print([_title(f"{run.flow}/{run.run_id}/{step}/{path}", status, span(task.started, task.ended))])
    _print(list(_task_facts(task)))
    _print(["", *table(("attempt", "status", "started", "time", "exit", "failure"),
                       [_attempt_row(n, a) for n, a in enumerate(task.attempts, 1)], right="attempt time exit")])  # fmt: skip
    decisive = task.decisive
    if decisive and decisive.failure and decisive.failure.get("traceback"):
        _print(["", *(plain(line) for line in str(decisive.failure["traceback"]).splitlines())])
    entries = entries_of(task.record)
    if entries:
        rows = [_artifact_row(run, name, entry) for name, entry in entries.items()]
        _print(["", *table(("artifact", "type", "size", "value"), rows, right="size")])


def _print(lines: Sequence[str]) -> None:
    if lines:
        write(sys.stdout, "\n".join(lines) + "\n")


def _status(status: str) -> str:
    return coloured_status(status, colour=wants_colour(sys.stdout, os.environ))


def _title(name: str, status: str, *facts: str) -> str:
    return "  ".join([plain(name), _status(status), *(fact for fact in facts if fact)])


def _begun(run: StoredRun, step: str, path: str) -> StoredTask:
    task = run.task(step, path)
    if task is None:
        raise click.UsageError(f"the task {run.flow}/{run.run_id}/{step}/{path} has not begun")
    return task


# --------------------------------------------------------------------------- a run
def _origin(run: StoredRun) -> Iterator[str]:
    origin, step = run.description.get("origin_run"), run.description.get("from_step")
    if origin:
        yield plain(f"resumes {run.flow}/{origin}" + (f" from {step}" if step else ""))


def _parameters(run: StoredRun) -> Iterator[str]:
    known = run.parameters
    if known:
        yield "parameters: " + ", ".join(
            f"{plain(name)} = {preview(run.store, entry, _VALUE) or type_name(entry.get('type'))}"
            for name, entry in known.items()
        )


def _step_row(run: StoredRun, step: str, tasks: Sequence[StoredTask]) -> list[str]:
    facts = step_document(step, tasks)
    counts = [facts[name] for name in COUNTS]
    began = facts["started"]
    after = "" if began is None or run.created is None else f"+{duration(max(began - run.created, 0.0))}"
    attempts = facts["attempts"]
    return [
        plain(step),
        f"{len(tasks):,}",
        *(f"{count:,}" if count else "" for count in counts),
        f"{attempts:,}" if attempts != len(tasks) else "",
        after,
        span(began, facts["ended"]),
    ]


def _failures(run: StoredRun, tasks: Sequence[StoredTask]) -> Iterator[str]:
    bad = [task for task in tasks if task.status in ("failed", "killed", "broken")]
    for count, task in enumerate(bad[:_FAILURES]):
        if not count:
            yield ""
        tries = f" after {len(task.attempts)} attempts" if len(task.attempts) > 1 else ""
        yield f"{_status(task.status)}{tries}: {plain(task.step)}/{task.path}  {_why(task)}".rstrip()
        yield f"  flowc logs {plain(run.run_id)}/{plain(task.step)}/{task.path}"
    if len(bad) > _FAILURES:
        yield f"… and {len(bad) - _FAILURES:,} more: flowc show {plain(run.run_id)}/STEP lists the tasks of a step"


# --------------------------------------------------------------------------- a task
def _task_facts(task: StoredTask) -> Iterator[str]:
    if task.adopted_from:
        yield plain(f"adopted from {task.adopted_from}")
    for frame in task.foreaches:
        yield plain("item {index} of {count} of the foreach of {step}".format(**frame))
    if task.fault:
        yield plain(f"its result cannot be read: {task.fault}")
    if task.winner:
        yield f"next: {transition(task) or 'nothing, it is the last'}"


def transition(task: StoredTask) -> str:
    """Where a task went: `fit × 12`, `left, right`; empty for the last one."""
    names = plain(", ".join(task.targets))
    return names if task.splits is None else f"{names} × {task.splits:,}"


def _why(task: StoredTask) -> str:
    if task.fault:
        return plain(task.fault)
    decisive = task.decisive
    return _reason(decisive) if decisive and not task.winner else ""


def _reason(attempt: StoredAttempt) -> str:
    """What an attempt raised, on one line."""
    failure = attempt.failure
    if not failure:
        return f"exit code {attempt.exit}" if attempt.exit else ""
    return raised(failure, 2 * _VALUE)


def _attempt_row(count: int, attempt: StoredAttempt) -> list[str]:
    code = "" if attempt.exit is None else str(attempt.exit)
    times = [clock(attempt.started), span(attempt.started, attempt.ended)]
    return [str(count), _status(attempt.status), *times, code, _reason(attempt)]


def _artifact_row(run: StoredRun, name: str, entry: Record) -> list[str]:
    return [
        plain(name),
        type_name(entry.get("type")),
        size(size_of(entry)),
        preview(run.store, entry, _VALUE),
    ]
