"""Datastores written by hand: a run in a few lines of text, as any engine would have left it.

    Train/one            created=100 tags=["nightly"]
    Train/one/start/r    ok 101-102 x=1 -> work
    Train/one/work/r.0   failed 103-104 ValueError: bad | ok 105-106 y=2 -> end
    Train/one/work/r.1   killed 103
    Train/one/ended      status="failed" ended=107

A run has its run.json's fields, a task its attempts, oldest first: `ok`, `caught`, `failed` with what was
raised, or `killed`. `ok` and `caught` win; `late` finishes after another one has won; `in RUN` instead of
attempts adopts the result of another run's task. Values are Python literals without blanks.
"""

from __future__ import annotations

import ast
import json
import os
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from flowc import contract
from flowc.runtime.artifacts import ArtifactWriter
from flowc.runtime.store.files import FileStore

if TYPE_CHECKING:
    from pathlib import Path

Record = dict[str, Any]


def write_store(folder: Path, text: str) -> FileStore:
    """The datastore that the text describes, in `folder`/.flowc/store."""
    store = FileStore(str(folder / ".flowc" / "store"))
    os.makedirs(store.root, exist_ok=True)
    for line in dedent(text).strip().splitlines():
        place, _, rest = line.strip().partition(" ")
        parts = place.split("/")
        if len(parts) == 4:
            _write_task(store, parts, rest.strip())
        else:
            name = contract.ENDED_OBJECT if parts[-1] == "ended" else contract.RUN_OBJECT
            _write_run(store, parts, name, _values(rest.split()))
    return store


def put_json(store: FileStore, key: str, value: object) -> None:
    """A JSON object at a key."""
    store.put(key, [json.dumps(value).encode()])


def put_value(store: FileStore, task: str, name: str, value: object) -> None:
    """One artifact more in the record of a task's first attempt."""
    flow, run, step, path = task.split("/")
    prefix = f"{contract.task_prefix(flow, run, step, path)}/{contract.ATTEMPTS_PREFIX}/a0"
    record = json.loads(store.get(f"{prefix}/{contract.RECORD_OBJECT}") or b"")
    record["artifacts"].update(_saved(store, flow, f"{prefix}-{name}", {name: value}))
    put_json(store, f"{prefix}/{contract.RECORD_OBJECT}", record)


def _write_run(store: FileStore, parts: list[str], name: str, fields: Record) -> None:
    prefix = contract.run_prefix(parts[0], parts[1])
    parameters = fields.pop("parameters", {})
    if name == contract.RUN_OBJECT:
        fields.setdefault("uid", "u")
        fields["parameters"] = _saved(store, parts[0], f"{prefix}/run-a0", parameters)
    put_json(store, f"{prefix}/{name}", fields)


def _write_task(store: FileStore, parts: list[str], text: str) -> None:
    flow, _, step, path = parts
    prefix = contract.task_prefix(*parts)
    if text.startswith("in "):
        source = contract.task_prefix(flow, text[3:].strip(), step, path)
        store.put(
            f"{prefix}/{contract.MARKER_OBJECT}", [store.get(f"{source}/{contract.MARKER_OBJECT}") or b""]
        )
        return
    for count, attempt in enumerate(text.split("|")):
        _write_attempt(store, parts, f"{prefix}/{contract.ATTEMPTS_PREFIX}/a{count}", attempt.strip())


def _write_attempt(store: FileStore, parts: list[str], prefix: str, text: str) -> None:
    how, times, *rest = text.split()
    started, _, ended = times.partition("-")
    put_json(store, f"{prefix}/{contract.BEGIN_OBJECT}", {"started": float(started)})
    store.put(f"{prefix}/{contract.LOG_OBJECT}", [f"{parts[2]} {parts[3]} {how}\n".encode()])
    if how == "failed":
        kind, _, message = " ".join(rest).partition(": ")
        trace = f'Traceback (most recent call last):\n  File "flow.py", line 7, in {parts[2]}\n{kind}: {message}\n'
        failure = {
            "type": kind,
            "message": message,
            "traceback": trace,
            "artifacts": {},
            "time": float(ended),
        }
        put_json(store, f"{prefix}/{contract.FAILURE_OBJECT}", failure)
        put_json(store, f"{prefix}/{contract.END_OBJECT}", {"ended": float(ended), "exit": 1})
    elif how != "killed":
        record = _record(store, parts, prefix, rest)
        record.update(started=float(started), ended=float(ended), caught=how == "caught")
        put_json(store, f"{prefix}/{contract.RECORD_OBJECT}", record)
        if how != "late":
            put_json(store, f"{contract.task_prefix(*parts)}/{contract.MARKER_OBJECT}", {"attempt": prefix})


def _record(store: FileStore, parts: list[str], prefix: str, words: list[str]) -> Record:
    targets = words[words.index("->") + 1 :] if "->" in words else []
    values = _values(words[: words.index("->")] if "->" in words else words)
    return {
        "format": 1,
        "step": parts[2],
        "path": parts[3],
        "attempt": prefix.rpartition("/")[2],
        "stack": [],
        "artifacts": _saved(store, parts[0], prefix, values),
        "targets": targets,
        "next": "+".join(targets) or None,
    }


def _saved(store: FileStore, flow: str, prefix: str, values: Record) -> Record:
    writer = ArtifactWriter(store, contract.escape_name(flow), prefix)
    entries = {name: writer.save(name, value) for name, value in values.items()}
    writer.close()
    return entries


def _values(words: list[str]) -> Record:
    return {name: ast.literal_eval(text) for name, _, text in (word.partition("=") for word in words)}
