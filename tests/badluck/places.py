"""A folder with a flow, in which `flowc` is run as a user would, and what its runs leave there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc import contract
from flowc.runtime.records import Run
from flowc.runtime.store.files import FileStore
from tests.commands import heed_signals

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
SECONDS = 90  # a command that takes longer hangs

Results = dict[str, dict[str, Any]]


class Ended(NamedTuple):
    """How a command ended; a negative code is the signal that killed it."""

    code: int
    out: str
    err: str


class Place:
    """One project's folder."""

    def __init__(self, folder: Path, source: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "flowc.toml").touch()
        (folder / "flow.py").write_text(source)
        self.flow = source.partition("(FlowSpec)")[0].rpartition("class ")[2]

    @property
    def store(self) -> FileStore:
        """The datastore of its runs."""
        return FileStore(str(self.folder / ".flowc" / "store"))

    def flowc(self, *words: str, limits: str = "", before: str = "", **variables: str) -> Ended:
        """Run a command to its end, and that of all its processes that hold its output."""
        process = self.start(*words, limits=limits, before=before, **variables)
        out, err = process.communicate(timeout=SECONDS)
        return Ended(process.returncode, out, err)

    def start(
        self, *words: str, limits: str = "", before: str = "", **variables: str
    ) -> subprocess.Popen[str]:
        """Start a command in a session of its own, by a shell that does what `before` says first (`umask 077;`).

        `$$` in a variable is the process's own number.
        """
        settings = [before, f"ulimit {limits} &&" if limits else ""]
        settings += [f'{name}="{value}"' for name, value in variables.items()]
        return subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                " ".join([*settings, 'exec "$@"']),
                "sh",
                sys.executable,
                "-m",
                "flowc",
                *words,
            ],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=heed_signals,  # noqa: PLW1509 - it takes no lock
        )

    # ------------------------------------------------------------------ what is left
    def runs(self) -> list[str]:
        """The ids of its runs that have begun, oldest first."""
        ids = [name for name in self.store.names(contract.escape_name(self.flow)) if name != "data"]
        described = {name: Run(self.store, self.flow, name).describe() for name in ids}
        begun = {name: found for name, found in described.items() if found is not None}
        return sorted(begun, key=lambda name: float(begun[name]["created"]))

    def results(self, run_id: str) -> Results:
        """What each finished task of a run left that does not tell one run from another, by `step/path`."""
        run = Run(self.store, self.flow, run_id)
        tasks = (
            (step, path)
            for step in self.store.names(run.prefix)
            for path in self.store.names(f"{run.prefix}/{step}")
            if not step.endswith(".json")
        )
        records = {f"{step}/{path}": run.winner(step, path) for step, path in tasks}
        return {task: result_of(record) for task, record in records.items() if record is not None}

    def take_ran(self) -> list[str]:
        """The tasks that ran since this was last asked, as often as they did."""
        file = self.folder / "ran"
        lines = file.read_text().split() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def clear(self) -> None:
        """Forget all runs."""
        shutil.rmtree(self.folder / ".flowc", ignore_errors=True)
        self.take_ran()

    def read(self, *parts: str) -> Any:  # noqa: ANN401 - JSON
        """A JSON object of the datastore."""
        return json.loads(self.store.get("/".join((self.flow, *parts))) or b"null")


def result_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says that does not tell one run from another."""
    kept = {name: record.get(name) for name in ("stack", "targets", "next", "splits", "caught")}
    # What `start` loads of a parameter, and what an exception's traceback says, are values like others.
    return {**kept, "artifacts": {name: e["digest"] for name, e in record["artifacts"].items()}}


def fault(role: str, what: str, when: str, number: int, counter: Path) -> dict[str, str]:
    """The variable that makes the `number`-th operation of all processes of a role fail."""
    counter.unlink(missing_ok=True)
    return {contract.ENV_FAULT: f"{role}:{what}:{when}:{number}:{counter}"}


# --------------------------------------------------------------------------- processes
def alive(mark: object) -> list[int]:
    """The processes, but for zombies, that were started with MARK in their environment, or by such."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _has_mark(name, f"MARK={mark}")]


def _has_mark(pid: str, mark: str) -> bool:
    try:
        return mark.encode() in Path("/proc", pid, "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def gone(mark: object, seconds: float = 10) -> bool:
    """Whether all processes with this mark end within that time."""
    deadline = time.monotonic() + seconds
    while alive(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
