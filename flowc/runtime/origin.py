"""Taking over what an earlier run finished: the same on every engine and on one machine.

A run may name an origin, the run it resumes. A finished task of the origin is adopted when all its
inputs were adopted and it is not the step to begin from: the task's marker is made the origin's,
which names the same record and so the same blobs. What runs anew makes everything after it new.
"""

from __future__ import annotations

from flowc import contract
from flowc.runtime.edges import input_places
from flowc.runtime.records import MissingInput, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowc.runtime.records import Record
    from flowc.runtime.settings import TaskSettings


class OriginFault(Exception):
    """The run to resume is not there, or never began."""


def describe_origin(run: Run, origin_run: str) -> Record:
    """`run.json` of the run to resume. Raises OriginFault."""
    description = Run(run.store, run.flow, origin_run).describe()
    if description is None:
        raise OriginFault(
            f"the run {origin_run} cannot be resumed: the datastore has no such run of {run.flow}, "
            "or its first step never started"
        )
    return description


def adopt(settings: TaskSettings, run: Run) -> Record | None:
    """Take the task over from the run's origin; its record, or None where it must run. Raises OriginFault."""
    description = _description(settings, run)
    if description is None or not description.get("origin_run"):
        return None
    origin = Run(run.store, run.flow, description["origin_run"])
    if settings.step == description.get("from_step") or not _inputs_adopted(settings, run):
        return None
    if settings.gang and not gang_finished(origin, settings.step, settings.path):
        return None
    if not run.take_over(origin, settings.step, settings.path):
        return None
    return run.finished(settings.step, settings.path)


def _description(settings: TaskSettings, run: Run) -> Record | None:
    """The run's description, which its first step makes before it can be taken over itself."""
    if settings.inputs:
        return run.describe()
    from flowc.runtime.begin import begin_resumed

    return begin_resumed(settings, run)


def gang_finished(origin: Run, step: str, path: str) -> bool:
    """Whether every rank of a task's gang finished: one that is missing makes all of them meet again."""
    outer, _, rank = contract.last_level(path)
    record = origin.winner(step, path)
    if record is None or not record["stack"]:
        return False
    count = record["stack"][-1]["count"]
    others = (contract.item_path(outer, index) for index in range(count) if index != rank)
    return all(origin.is_finished(step, other) for other in others)


def _inputs_adopted(settings: TaskSettings, run: Run) -> bool:
    try:
        places = input_places(run, settings.step, settings.path, settings.inputs)
    except MissingInput:
        return False
    return all(run.is_adopted(step, path) for step, path in places)
