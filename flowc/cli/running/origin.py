"""Which run `flowc resume` resumes, and whether there is anything to resume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowc import contract
from flowc.diagnostics.suggest import nearest
from flowc.records import replace
from flowc.runtime.client.facts import SUCCEEDED
from flowc.runtime.client.stored import StoredRun, run_ids, runs_newest_first
from flowc.runtime.client.values import load_value
from flowc.runtime.records import Run
from flowc.runtime.store import open_store

if TYPE_CHECKING:
    from flowc.cli.configuration.load import Configuration
    from flowc.ir.program import Program

_LISTED = 3  # runs that a message names


def find_origin(datastore: str, program: Program, asked: str | None, from_step: str | None) -> StoredRun:
    """The run meant: the one asked for, else the flow's newest; a usage error where it cannot be resumed.

    Raises StoreError.
    """
    flow = program.graph.name
    _check_step(program, from_step)
    origin = _newest(datastore, flow) if asked is None else _named(datastore, flow, asked)
    if Run(origin.store, flow, origin.run_id).describe() is None:
        finished = any(task.winner for task in origin.tasks())
        why = f"its {contract.RUN_OBJECT} is missing" if finished else "its first step never began"
        raise click.UsageError(f"the run {origin.run_id} cannot be resumed: {why}; start a new run")
    if from_step is None and origin.status() == SUCCEEDED:
        raise click.UsageError(
            f"the run {origin.run_id} succeeded, so that nothing is left to resume; `flowc resume FILE STEP` runs "
            "STEP and all that follows it again, and keeps what comes before"
        )
    return origin


def with_configs_of(origin: StoredRun, program: Program, configuration: Configuration) -> Configuration:
    """The configuration under which the flow is read anew: every `Config` has the value it had in `origin`.

    One that the flow did not have then keeps what it has now. Raises MetaflowException for a value that
    cannot be read.
    """
    entries = origin.description.get("parameters") or {}
    known = {attribute: config for attribute, config in program.graph.configs.items() if attribute in entries}
    values = {
        config.name: load_value(origin.store, entries[attribute], config.name)
        for attribute, config in known.items()
    }
    return configuration._replace(settings=replace(configuration.settings, loaded_configs=values))


def _check_step(program: Program, step: str | None) -> None:
    if step is None or step in program.graph.steps:
        return
    near = nearest(step, program.graph.steps)
    hint = f"did you mean `{near}`?" if near else f"it has {', '.join(f'`{s}`' for s in program.graph.steps)}"
    raise click.UsageError(f"the flow {program.graph.name} has no step `{step}`; {hint}")


def _newest(datastore: str, flow: str) -> StoredRun:
    runs = runs_newest_first(open_store(datastore, "scheduler"), flow)
    if not runs:
        raise click.UsageError(
            f"no run of {flow} is in {datastore}: give `--datastore` if it was made elsewhere"
        )
    return runs[0]


def _named(datastore: str, flow: str, asked: str) -> StoredRun:
    """The run of an id, which may be written FLOW/RUN too."""
    store = open_store(datastore, "scheduler")
    run_id = asked.removeprefix(f"{flow}/")
    known = run_ids(store, flow)
    if run_id in known:
        return StoredRun(store, flow, run_id)
    near = nearest(run_id, known)
    newest = [run.run_id for run in runs_newest_first(store, flow)[:_LISTED]]
    hint = f"; did you mean `{near}`?" if near else f"; the newest are {', '.join(newest)}" if newest else ""
    raise click.UsageError(f"{datastore} has no run `{run_id}` of {flow}{hint}")
