"""What is known of runs and tasks as JSON, the same for every command (schemas/show.schema.json and others).

Times are seconds since 1970, sizes bytes; what is not known is null.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from flowc.cli.output import write
from flowc.runtime.client.facts import whole
from flowc.runtime.client.values import entries_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from flowc.runtime.client.facts import Record, StoredAttempt, StoredTask
    from flowc.runtime.client.stored import StoredRun

    Document = dict[str, Any]

VERSION = 1
STATUSES = ("succeeded", "failed", "killed", "running", "broken")
COUNTS = (*STATUSES, "caught", "adopted")  # what of a step's tasks is counted


def print_document(document: Mapping[str, object]) -> None:
    """Write a document to standard output."""
    versioned = {"version": VERSION, **document}
    write(sys.stdout, json.dumps(versioned, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def run_document(run: StoredRun) -> Document:
    """A run by what describes it, without its tasks."""
    description = run.description
    return {
        "flow": run.flow,
        "run": run.run_id,
        "status": run.status(),
        "created": run.created,
        "ended": run.ended,
        "user": _text(description.get("user")),
        "tags": run.tags,
        "origin_run": _text(description.get("origin_run")),
        "from_step": _text(description.get("from_step")),
    }


def step_document(step: str, tasks: Sequence[StoredTask]) -> Document:
    """A step by how many of its tasks ended how; its times are of those that this run made."""
    own = [task for task in tasks if not task.adopted_from]
    counts = {status: sum(task.status == status for task in tasks) for status in STATUSES}
    return {
        "step": step,
        "tasks": len(tasks),
        **counts,
        "caught": sum(task.caught for task in tasks),
        "adopted": len(tasks) - len(own),
        "attempts": sum(len(task.attempts) for task in tasks),
        "started": min((t.started for t in own if t.started is not None), default=None),
        "ended": max((t.ended for t in own if t.ended is not None), default=None),
    }


def task_document(task: StoredTask) -> Document:
    """A task with its attempts and artifacts."""
    return {
        "pathspec": task.pathspec,
        "step": task.step,
        "path": task.path,
        "status": task.status,
        "caught": task.caught,
        "fault": task.fault or None,
        "started": task.started,
        "ended": task.ended,
        "next": _text(task.record.get("next")),
        "targets": task.targets,
        "splits": task.splits,
        "foreach": task.foreaches,
        "adopted_from": task.adopted_from or None,
        "attempts": [_attempt(count, attempt) for count, attempt in enumerate(task.attempts, 1)],
        "artifacts": [artifact_document(name, entry) for name, entry in entries_of(task.record).items()],
    }


def artifact_document(name: str, entry: Record) -> Document:
    """An artifact without its value."""
    return {
        "name": name,
        "type": str(entry.get("type", "")),
        "size": size_of(entry),
        "digest": str(entry.get("digest", "")),
    }


def size_of(entry: Record) -> int:
    """The bytes of an artifact as stored."""
    return max(whole(entry.get("size")) or 0, 0)


def _attempt(count: int, attempt: StoredAttempt) -> Document:
    failure = attempt.failure
    keys = ("type", "message", "traceback")
    return {
        "number": count,
        "id": attempt.name,
        "status": attempt.status,
        "started": attempt.started,
        "ended": attempt.ended,
        "exit": attempt.exit,
        "failure": {key: str(failure.get(key, "")) for key in keys} if failure else None,
    }


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)
