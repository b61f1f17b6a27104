"""A run's first act: `run.json`, which says whose run it is, its parameters, and which run it resumes.

It is written by the first attempt of the first step, and is the same for every later one. A task that
meets the description of another run writes nothing.
"""

from __future__ import annotations

import time

from flowc import contract
from flowc.runtime.artifacts import ArtifactWriter
from flowc.runtime.origin import describe_origin
from flowc.runtime.parameters import (
    ParameterFault,
    passed_events,
    passed_tags,
    passed_values,
    resolve_parameters,
)
from flowc.runtime.records import read_json
from flowc.runtime.store import StoreError
from flowc.runtime.task import ForeignRun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowc.runtime.records import Record, Run
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store


def begin_run(settings: TaskSettings, run: Run, flow_class: type) -> Record:
    """The run's description, made of what was passed to it unless there is one. Raises ForeignRun, ParameterFault."""
    known = run.describe()
    if known is None:
        passed, wishes = _asked(settings, run.store)
        known = _create(settings, run, wishes, _entries(settings, run, flow_class, passed))
    return _own(settings, known)


def begin_resumed(settings: TaskSettings, run: Run) -> Record | None:
    """The description of a run that resumes another one, whose parameters it has; None for any other run.

    Raises ForeignRun, OriginFault.
    """
    known = run.describe()
    if known is None:
        _, wishes = _asked(settings, run.store)
        if "origin_run" not in wishes:
            return None
        parameters = describe_origin(run, wishes["origin_run"])["parameters"]
        known = _create(settings, run, wishes, parameters)
    return _own(settings, known)


def _create(settings: TaskSettings, run: Run, wishes: dict[str, Any], parameters: dict[str, Any]) -> Record:
    made = {"uid": settings.run_uid, "created": time.time(), **wishes, "parameters": parameters}
    if contract.DOCUMENT_GRAPH in settings.document:
        made["graph"] = settings.document[contract.DOCUMENT_GRAPH]
    if run.create(made):
        return made
    known = run.describe()
    if known is None:
        raise StoreError(f"{contract.RUN_OBJECT} of {run.run_id} was there, and is gone")
    return known


def _own(settings: TaskSettings, known: Record) -> Record:
    if known["uid"] != settings.run_uid:
        raise ForeignRun(f"run id {settings.run_id} is already used by another run")
    return known


def _asked(settings: TaskSettings, store: Store) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was passed to the run: parameters by name, and what is said of the run itself."""
    if settings.parameters is not None:
        wishes: dict[str, Any] = {"origin_run": settings.origin_run, "from_step": settings.from_step}
        wishes["triggers"] = passed_events(settings.parameters)
        wishes["tags"] = passed_tags(settings.parameters)
        return passed_values(settings.parameters), {key: value for key, value in wishes.items() if value}
    prefix = contract.run_prefix(settings.flow, settings.run_id)
    given = read_json(store, f"{prefix}/{contract.INPUT_OBJECT}") or {}
    wishes = given.pop(contract.INPUT_SETTINGS, None) or {}
    if not isinstance(wishes, dict):
        raise ParameterFault(
            f"`{contract.INPUT_SETTINGS}` in the run's input must be an object, not {wishes!r}"
        )
    return given, {key: value for key, value in wishes.items() if value}


def _entries(
    settings: TaskSettings, run: Run, flow_class: type, passed: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """The entries of the parameters' values, which are stored now."""
    values = resolve_parameters(flow_class, passed, settings)
    prefix = f"{run.prefix}/run-{settings.attempt}"
    writer = ArtifactWriter(run.store, contract.escape_name(settings.flow), prefix)
    entries = {name: writer.save(name, value) for name, value in values.items()}
    writer.close()
    return entries
