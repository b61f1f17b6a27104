"""What a local run is made from, and what it leaves beside its tasks.

Its first task finds here what was passed, as on Step Functions; whoever reads runs later finds how it
ended.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.task_settings import flow_environment, task_environment
from flowc.ir.described import described
from flowc.launch.base import LaunchFault
from flowc.records import dataclass, field
from flowc.runtime.origin import describe_origin
from flowc.runtime.records import Run, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.program import Program
    from flowc.local.events import Task
    from flowc.manifest.bundle import Code
    from flowc.runtime.store import Store
    from flowc.target.settings import Settings

# What a secret given by name alone is: a pod mounts it, a job fetches it.
_PLAIN_SECRETS = {"kubernetes": None, "batch": "aws-secrets-manager"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRun:
    """What a local run is made from.

    `root` is the project's folder; `parameters` are the values passed, by parameter name, as an
    engine passes them. `origin` is the run to resume, `from_step` the step from which on nothing
    of it is taken over. `code` are the digests of the flow's own files by their path, `preload` the
    modules to import before tasks are forked. `remote` are the steps whose tasks are sent away, and
    where: `kubernetes` or `batch`; `archive` is the code that goes with them. `triggers` are the events
    that the run is to think it was started by.
    """

    program: Program
    settings: Settings
    datastore: str
    run_id: str
    root: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    origin: str | None = None
    from_step: str | None = None
    tags: tuple[str, ...] = ()
    user: str = ""
    triggers: tuple[Mapping[str, object], ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)
    isolate: str = "fork"  # or spawn
    preload: tuple[str, ...] = ()
    remote: Mapping[str, str] = field(default_factory=dict)
    archive: Code | None = None

    @property
    def is_local(self) -> bool:
        """Whether the datastore is a folder: waiting for it is not worth a thread."""
        return self.datastore.startswith("file://")


class TaskFailed(Exception):  # noqa: N818 - what happened, not a fault of ours
    """A task failed for good."""

    def __init__(self, task: Task, attempts: int, of: int, code: int) -> None:
        super().__init__(f"task {task} failed (attempt {attempts} of {of}, exit code {code})")
        self.task = task
        self.attempts = attempts
        self.code = code


def common_environment(run: LocalRun) -> dict[str, str]:
    """What every task of the run is told."""
    return dict(flow_environment(run.program, run.settings)) | {
        contract.ENV_DATASTORE: run.datastore,
        contract.ENV_RUN_ID: run.run_id,
        contract.ENV_RUN_UID: run.run_id,
        contract.ENV_CONTROL_FOLDER: "",
    }


def step_environments(run: LocalRun) -> dict[str, dict[str, str]]:
    """What the tasks of each step are told, whichever attempt it is."""
    common = common_environment(run)
    return {step: {**common, **_told(run, step)} for step in run.program.graph.steps}


def _told(run: LocalRun, step: str) -> dict[str, str]:
    place = run.remote.get(step)
    plain = _PLAIN_SECRETS[place] if place else "env"
    return dict(task_environment(run.program, run.settings, step, plain_secrets=plain))


def begin(run: LocalRun, store: Store) -> None:
    """Leave what is passed to the run where its first task looks for it, which may have been taken over.

    It is also what makes the run's id its own. Raises StoreError, OriginFault, and LaunchFault for an id
    that is used.
    """
    records = Run(store, run.program.graph.name, run.run_id)
    wishes = {
        "origin_run": run.origin,
        "from_step": run.from_step,
        "tags": list(run.tags),
        "user": run.user,
        "code": dict(run.code),
        "triggers": list(run.triggers),
        "graph": described(run.program),
    }
    known: dict[str, object] = {key: value for key, value in wishes.items() if value}
    known["created"] = time.time()
    key = f"{records.prefix}/{contract.INPUT_OBJECT}"
    content = to_json({**run.parameters, contract.INPUT_SETTINGS: known})
    # A write whose answer was lost, and that was repeated, finds itself.
    if not store.create(key, content) and store.get(key) != content:
        raise LaunchFault(f"its id is already used by another run of {records.flow}")
    if run.origin is not None:
        parameters = describe_origin(records, run.origin)["parameters"]
        records.create({"uid": run.run_id, "parameters": parameters, **known})


def end(run: LocalRun, store: Store, failed: TaskFailed | None) -> None:
    """Note how the run ended. Raises StoreError."""
    status = contract.RUN_SUCCEEDED if failed is None else contract.RUN_FAILED
    content = {"status": status, "ended": time.time(), "failed": [] if failed is None else [_note(failed)]}
    prefix = contract.run_prefix(run.program.graph.name, run.run_id)
    store.put(f"{prefix}/{contract.ENDED_OBJECT}", [to_json(content)])


def _note(failed: TaskFailed) -> dict[str, object]:
    task = failed.task
    return {"step": task.step, "path": task.path, "attempts": failed.attempts, "code": failed.code}
