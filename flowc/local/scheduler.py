"""Tasks of a local run as processes: at most `max_workers` at once, their output prefixed.

Each task is started as a container is: by the shim, from the same settings that a manifest holds.
A failing task ends its siblings; what finished is kept in the datastore.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.task_settings import flow_environment, task_environment
from flowc.local.interpret import Interpreter
from flowc.local.places import Places
from flowc.runtime.records import Run
from flowc.runtime.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowc.ir.program import Program
    from flowc.local.interpret import Record
    from flowc.target.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRun:
    """What a local run is made from. `root` is the project's folder, `parameters` the base64 of an object."""

    program: Program
    settings: Settings
    datastore: str
    run_id: str
    root: str
    parameters: str
    say: Callable[[str], None] = field(default=print)


class TaskFailed(Exception):  # noqa: N818 - what happened, not a fault of ours
    """A task failed for good: the step, the path, and how many attempts it had."""

    def __init__(self, step: str, path: str, attempts: int, code: int) -> None:
        super().__init__(f"task {step}/{path} failed (attempt {attempts} of {attempts}, exit code {code})")
        self.step = step
        self.path = path


def run_locally(run: LocalRun) -> None:
    """Run the whole flow. Raises TaskFailed for the first task that fails for good."""
    asyncio.run(_run(run))


async def _run(run: LocalRun) -> None:
    scheduler = _Scheduler(run)
    await Interpreter(run.program, scheduler.run_task, scheduler.places.take).run()


class _Scheduler:
    """Starts tasks and reads their records."""

    def __init__(self, run: LocalRun) -> None:
        self._run = run
        self._records = Run(open_store(run.datastore), run.program.graph.name, run.run_id)
        self.places = Places(run.settings.max_workers)
        self._environments: dict[str, Mapping[str, str]] = {}

    async def run_task(self, step: str, path: str, placed: bool) -> Record:
        """Run one task with its attempts; its record. Raises TaskFailed."""
        spec = self._run.program.graph.steps[step].spec
        retry = spec.retry
        # A task with `@catch` that was killed is completed by one attempt more, without user code.
        attempts = 1 + (retry.times if retry else 0) + (spec.catch is not None)
        for attempt in range(attempts):
            async with self.places.take(0 if placed else 1):
                code = await self._attempt(step, path, attempt)
            if code == contract.EXIT_OK:
                return self._records.finished(step, path)
            if code == contract.EXIT_FINAL or attempt + 1 == attempts:
                raise TaskFailed(step, path, attempt + 1, code)
            self._say(f"{step}/{path}", f"attempt {attempt + 1} of {attempts} failed; trying again")
            await asyncio.sleep(retry.delay_seconds if retry else 0)
        raise AssertionError(step)

    async def _attempt(self, step: str, path: str, attempt: int) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "flowc.runtime.main",
            "step",
            step,
            cwd=self._run.root,
            env=self._environment(step, path, attempt),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=1 << 20,
        )
        try:
            await self._pass_on(process, f"{self._run.run_id}/{step}/{path} (pid {process.pid})")
            return await process.wait()
        except asyncio.CancelledError:
            _terminate(process)
            await process.wait()
            raise

    async def _pass_on(self, process: asyncio.subprocess.Process, task: str) -> None:
        stream = process.stdout
        if stream is None:
            return
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # a line longer than the limit: its pieces are lines of their own
                line = await stream.read(1 << 20)
            if not line:
                return
            self._say(task, line.decode(errors="replace").rstrip("\n"))

    def _say(self, task: str, text: str) -> None:
        now = time.time()
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        self._run.say(f"{stamp}.{int(now * 1000) % 1000:03d} [{task}] {text}")

    def _environment(self, step: str, path: str, attempt: int) -> Mapping[str, str]:
        if step not in self._environments:
            made = dict(task_environment(self._run.program, self._run.settings, step, plain_secrets="env"))
            made.update(flow_environment(self._run.program))
            self._environments[step] = made
        own = {
            contract.ENV_DATASTORE: self._run.datastore,
            contract.ENV_RUN_ID: self._run.run_id,
            contract.ENV_RUN_UID: self._run.run_id,
            contract.ENV_PATH: path,
            contract.ENV_ATTEMPT_ID: f"local-{os.getpid()}-{attempt}",
            contract.ENV_PARAMETERS: self._run.parameters,
            contract.ENV_CONTROL_FOLDER: "",
        }
        return {**os.environ, **self._environments[step], **own, **_module_path()}


def _module_path() -> Mapping[str, str]:
    """PYTHONPATH in absolute words: tasks run in the project's folder, not in the caller's."""
    entries = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, entries.split(os.pathsep)))} if entries else {}


def _terminate(process: asyncio.subprocess.Process) -> None:
    try:
        process.send_signal(signal.SIGTERM)
    except ProcessLookupError:
        return
