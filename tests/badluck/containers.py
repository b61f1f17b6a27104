"""Tasks as an engine starts them: one command of the shim each, told all by its environment.

What manifests say of each step is taken from the compiler, as a local run takes it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc import contract
from flowc.backends.task_settings import flow_environment, task_environment
from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.runtime.records import Run
from flowc.runtime.store.files import FileStore
from flowc.source import Sources
from flowc.target.settings import Settings
from tests.badluck.places import ROOT, SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

RUN_ID = "argo-1"
_SHIM = (sys.executable, "-m", "flowc.runtime.main", "step")


class Ended(NamedTuple):
    """How a container ended, and what it printed."""

    code: int
    out: str


class Cluster:
    """A flow whose tasks are started one by one."""

    def __init__(self, folder: Path, source: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "flow.py").write_text(source)
        sink = Sink()
        program = analyze("flow.py", Sources(None, {"flow.py": source}), Settings(), sink)
        assert program is not None, list(sink)
        self.folder = folder
        self.flow = flow = program.graph.name
        common = dict(flow_environment(program, Settings()))
        self.steps: Mapping[str, Mapping[str, str]] = {
            step: {**common, **dict(task_environment(program, Settings(), step))}
            for step in program.graph.steps
        }
        self.store = FileStore(str(folder / "store"))
        self.run = Run(self.store, flow, RUN_ID)

    def start(
        self, step: str, path: str, attempt: str, *, before: str = "", **more: str
    ) -> subprocess.Popen[str]:
        """Start an attempt of a task; what it writes for the engine goes to a folder of its own.

        A shell does what `before` says first.
        """
        own = {
            contract.ENV_DATASTORE: f"file://{self.store.root}",
            contract.ENV_RUN_ID: RUN_ID,
            contract.ENV_RUN_UID: "uid",
            contract.ENV_PATH: path,
            contract.ENV_ATTEMPT_ID: attempt,
            contract.ENV_CONTROL_FOLDER: str(self.folder / "control" / attempt),
        }
        return subprocess.Popen(
            ["/bin/sh", "-c", f'{before} exec "$@"', "sh", *_SHIM, step],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **self.steps[step], **own, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def task(self, step: str, path: str, attempt: str = "a", *, before: str = "", **more: str) -> Ended:
        """An attempt of a task from its begin to its end."""
        process = self.start(step, path, attempt, before=before, **more)
        out, _ = process.communicate(timeout=SECONDS)
        return Ended(process.returncode, out)

    def left(self, step: str, path: str, attempt: str) -> dict[str, Any]:
        """What the task and one of its attempts left: for engines, for successors, for readers."""
        record = self.run.finished(step, path)
        control = self.folder / "control" / attempt
        return {
            "files": {file.name: file.read_text() for file in control.glob("*")},
            "objects": {
                name: self.store.get(f"{self.run.task_prefix(step, path)}/{name}")
                for name in (contract.CONTROL_OBJECT, contract.ITEMS_OBJECT)
            },
            "told": self._told(),
            "artifacts": {name: entry["digest"] for name, entry in record["artifacts"].items()},
            "record": {name: record.get(name) for name in ("targets", "next", "splits", "stack")},
        }

    def _told(self) -> dict[str, str]:
        return {
            str(file.relative_to(self.store.root)): file.read_text()
            for file in Path(self.store.root, self.run.prefix).rglob("from*.json")
        }

    def forget(self, step: str, path: str) -> None:
        """Make the task one that never began; of the first one the whole run."""
        shutil.rmtree(self.folder / "control", ignore_errors=True)
        folder = Path(self.store.root, self.run.prefix)
        if step == "start":
            shutil.rmtree(folder, ignore_errors=True)
        for file in Path(self.store.root, self.run.task_prefix(step, path)).rglob("*"):
            if file.is_file() and not file.name.startswith("from"):  # who told it is not forgotten
                file.unlink()
        for file in folder.rglob("from*.json"):
            if json.loads(file.read_bytes()) == {"step": step, "path": path}:
                file.unlink()
        shutil.rmtree(Path(self.store.root, self.run.task_prefix(step, path), "attempts"), ignore_errors=True)
