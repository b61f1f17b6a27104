"""A run of a flow whose foreach is done and whose join is not, written as its tasks would have written it.

Running ten thousand tasks takes a minute; here one item is run, and its record committed for all of them.
"""

from __future__ import annotations

import os

from flowc import contract
from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.local.run import LocalRun, begin, step_environments
from flowc.records import replace
from flowc.runtime.attempt import run_attempt
from flowc.runtime.commit import commit
from flowc.runtime.records import Run
from flowc.runtime.settings import TaskSettings, read_settings
from flowc.runtime.store import open_store
from flowc.source import Sources
from flowc.target.settings import Settings


def finish_items(folder: str, entry: str, width: int) -> None:
    """A run named `origin` of the flow (`start`, `each`, `join`, `end`), in the folder's own datastore."""
    settings = Settings(max_num_splits=width)
    program = analyze(entry, Sources(folder), settings, Sink())
    if program is None:
        raise RuntimeError(f"{entry} does not compile")
    run = LocalRun(
        program=program,
        settings=settings,
        datastore=f"file://{folder}/.flowc/store",
        run_id="origin",
        root=folder,
        parameters={"width": width},
    )
    store = open_store(run.datastore)
    begin(run, store)
    told = step_environments(run)
    for step, path in (("start", contract.ROOT), ("each", contract.item_path(contract.ROOT, 0))):
        _in_child(_settings(told[step], folder, path), run.datastore)
    records = Run(store, program.graph.name, run.run_id)
    first = records.finished("each", contract.item_path(contract.ROOT, 0))
    each = _settings(told["each"], folder, contract.ROOT)
    for index in range(1, width):
        path = contract.item_path(contract.ROOT, index)
        stack = [{**first["stack"][0], "index": index}]
        commit(replace(each, path=path), records, {**first, "path": path, "stack": stack})


def _settings(told: dict[str, str], folder: str, path: str) -> TaskSettings:
    own = {contract.ENV_PATH: path, contract.ENV_ATTEMPT_ID: "first"}
    return read_settings({**told, **own}, folder)


def _in_child(settings: TaskSettings, datastore: str) -> None:
    child = os.fork()
    if child == 0:
        os._exit(run_attempt(settings, Run(open_store(datastore), settings.flow, settings.run_id)))
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise RuntimeError(f"{settings.task} failed")
