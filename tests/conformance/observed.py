"""What a run left in the datastore, whichever world ran it, and how two runs compare.

    FLOWC_TEST_DATASTORE     s3://bucket/prefix, reached from tasks and from here [s3://flows-test/runs]
    FLOWC_TEST_S3_ENDPOINT   its address, if it is not AWS

Credentials are boto3's own (AWS_ACCESS_KEY_ID …).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from flowc import contract
from flowc.runtime.store import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.runtime.store import Store

DATASTORE = os.environ.get("FLOWC_TEST_DATASTORE", "s3://flows-test/runs")
ENDPOINT = os.environ.get("FLOWC_TEST_S3_ENDPOINT", "")
STEADY = Path(__file__).parent / "flows" / "steady.py"
ONCE = {"end/r": 1, "join/r": 1, "start/r": 1} | {f"each/r.{n}": 1 for n in range(3)}
# Each engine has its own words for these; a traceback holds the files' places.
OWN_WORDS = {"killed_why", "failure"}


class Task(NamedTuple):
    """A finished task: what of it must be the same in every world."""

    targets: tuple[str, ...]
    next: str | None
    splits: int | None
    attempts: int
    artifacts: dict[str, str]


class Ran(Protocol):
    """A run that has ended on an engine."""

    @property
    def run_id(self) -> str:
        """What it is called in the datastore."""


class Bench:
    """One test's folder: what runs left in the engines' datastore, and runs of this machine beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = store_of(DATASTORE)

    def tasks(self, flow: str, ended: Ran) -> dict[str, Task]:
        """The tasks that a run on the engine finished."""
        return finished_tasks(self.store, flow, ended.run_id)

    def log(self, flow: str, ended: Ran, step: str) -> str:
        """What the attempts of a step printed."""
        return logs(self.store, flow, ended.run_id, step)

    def local_tasks(
        self, file: Path, flow: str, parameters: Mapping[str, str] | None = None, *options: str
    ) -> dict[str, Task]:
        """The tasks that a run on this machine finished."""
        run_id, _ = run_locally(file, self.folder, parameters or {}, *options)
        return finished_tasks(store_of(f"file://{self.folder}/store"), flow, run_id)

    def wait_for_attempt(self, flow: str, run_id: str, step: str, path: str, seconds: float = 600) -> None:
        """Wait until a task's first attempt has begun."""
        attempts = f"{contract.run_prefix(flow, run_id)}/{step}/{path}/{contract.ATTEMPTS_PREFIX}"
        deadline = time.monotonic() + seconds
        while not self.store.names(attempts):
            assert time.monotonic() < deadline, f"{step}/{path} of {run_id} did not begin within {seconds} s"
            time.sleep(0.5)

    def assert_steady(self, ended: Ran, tried: dict[str, int]) -> None:
        """A run of `flows/steady.py` left what one leaves to which nothing happened, after so many attempts."""
        there, calm = self.tasks("Steady", ended), self.local_tasks(STEADY, "Steady", {"seconds": "0"})
        assert attempts(there) == tried
        for tasks in (there, calm):
            for name, task in tasks.items():
                kept = {
                    n: digest
                    for n, digest in task.artifacts.items()
                    if n not in {"seconds", "outage", "hangs"}
                }
                tasks[name] = task._replace(attempts=0, artifacts=kept)
        assert_same(there, calm)


def attempts(tasks: Mapping[str, Task]) -> dict[str, int]:
    """How often each task was tried."""
    return {name: task.attempts for name, task in tasks.items()}


def run_locally(flow: Path, folder: Path, parameters: Mapping[str, str], *options: str) -> tuple[str, int]:
    """Run the flow on this machine into `folder`; the run id, and the exit code of `flowc run`."""
    given = [word for name, value in parameters.items() for word in (f"--{name}", value)]
    return flowc(folder, "run", str(flow), "--datastore", f"file://{folder}/store", *options, *given)


def flowc(folder: Path, command: str, *words: str) -> tuple[str, int]:
    """`flowc run` or `flowc resume`; the run id, and the exit code. What it printed is in `run.log`."""
    given = [sys.executable, "-m", "flowc", command, *words, "--run-id-file", str(folder / "run-id")]
    done = subprocess.run(given, check=False, capture_output=True)
    (folder / "run.log").write_bytes(done.stdout + done.stderr)
    return (folder / "run-id").read_text(), done.returncode


def store_of(url: str) -> Store:
    """A datastore as this side reaches it."""
    if ENDPOINT:
        os.environ["AWS_ENDPOINT_URL_S3"] = ENDPOINT
    return open_store(url)


def finished_tasks(store: Store, flow: str, run_id: str) -> dict[str, Task]:
    """The tasks of a run that have a marker, by `step/path`."""
    found: dict[str, Task] = {}
    prefix = contract.run_prefix(flow, run_id)
    for step in store.names(prefix):
        for path in store.names(f"{prefix}/{step}"):
            folder = f"{prefix}/{step}/{path}"
            marker = store.get(f"{folder}/{contract.MARKER_OBJECT}")
            if marker is not None:
                attempts = len(store.names(f"{folder}/{contract.ATTEMPTS_PREFIX}"))
                found[f"{contract.unescape_name(step)}/{path}"] = _task(store, json.loads(marker), attempts)
    return found


def attempt_times(store: Store, flow: str, run_id: str) -> list[tuple[float, float]]:
    """When each attempt of each task began and ended, also of those that failed."""
    found = []
    prefix = contract.run_prefix(flow, run_id)
    for step in store.names(prefix):
        for path in store.names(f"{prefix}/{step}"):
            attempts = f"{prefix}/{step}/{path}/{contract.ATTEMPTS_PREFIX}"
            for attempt in store.names(attempts):
                begun = _json(store, f"{attempts}/{attempt}/begin.json")
                found.append((begun["started"], _ended(store, f"{attempts}/{attempt}")))
    return found


def _ended(store: Store, attempt: str) -> float:
    """When an attempt ended: one that failed notes it, one that did not has a record."""
    failed = store.get(f"{attempt}/{contract.END_OBJECT}")
    told = json.loads(failed) if failed is not None else _json(store, f"{attempt}/{contract.RECORD_OBJECT}")
    ended: float = told["ended"]
    return ended


def logs(store: Store, flow: str, run_id: str, step: str) -> str:
    """What all attempts of a step's tasks printed."""
    found = []
    prefix = f"{contract.run_prefix(flow, run_id)}/{contract.escape_name(step)}"
    for path in store.names(prefix):
        attempts = f"{prefix}/{path}/{contract.ATTEMPTS_PREFIX}"
        found += [store.get(f"{attempts}/{name}/{contract.LOG_OBJECT}") for name in store.names(attempts)]
    return b"".join(log or b"" for log in found).decode()


def assert_same(there: dict[str, Task], here: dict[str, Task]) -> None:
    """Tasks one by one, so that a difference is readable."""
    assert sorted(there) == sorted(here)
    for task, found in there.items():
        expected = here[task]
        differing = {n for n, d in found.artifacts.items() if expected.artifacts.get(n) != d}
        differing |= expected.artifacts.keys() - found.artifacts.keys()
        assert differing <= OWN_WORDS, task
        assert found._replace(artifacts={}) == expected._replace(artifacts={}), task


def flow_name(file: Path) -> str:
    """The one flow of a file."""
    (line,) = [line for line in file.read_text().splitlines() if "(FlowSpec):" in line]
    return line.split()[1].partition("(")[0]


def most_at_once(times: Sequence[tuple[float, float]]) -> int:
    """The most intervals that hold one moment; 0 of none."""
    return max((sum(start <= moment < end for start, end in times) for moment, _ in times), default=0)


def _task(store: Store, marker: dict[str, str], attempts: int) -> Task:
    record = _json(store, f"{marker['attempt']}/{contract.RECORD_OBJECT}")
    return Task(
        targets=tuple(record["targets"]),
        next=record["next"],
        splits=record.get("splits"),
        attempts=attempts,
        artifacts={name: entry["digest"] for name, entry in record["artifacts"].items()},
    )


def _json(store: Store, key: str) -> dict[str, Any]:
    content = store.get(key)
    assert content is not None, f"{key} is missing"
    found: dict[str, Any] = json.loads(content)
    return found
