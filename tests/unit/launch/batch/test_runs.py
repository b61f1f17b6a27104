"""Whole runs against AWS Batch: what its users see of jobs, and what becomes of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from flowc.launch.batch import logs, watch
from flowc.target.settings import Settings, StepFunctionsSettings
from tests.jobqueue import serve
from tests.sending import send

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """\
from flowc import FlowSpec, batch, retry, step


class F(FlowSpec):
    @step
    def start(self):
        print("here")
        self.next(self.far)

    {decorators}
    @batch(memory=500, cpu={cpu})
    @step
    def far(self):
        print("one"); print("é")
        self.next(self.end)

    @step
    def end(self):
        pass
"""
HERE = "[f-1/start/r (pid)] here"
ROLE = "arn:aws:iam::123456789012:role/flows"
ASKS = "(it asked for VCPU 1, MEMORY 500)"

# What goes wrong, what is printed after `here`, how it ends.
RUNS: list[tuple[dict[str, list[str]], list[str] | None, str]] = [
    ({}, ["one", "é"], "done"),
    ({"describejobs": ["busy"], "submitjob": ["busy", "busy"]}, ["one", "é"], "done"),
    (
        {"far": ["lost"]},
        ["flowc: step `far` was lost: Host EC2 (instance i-1) terminated.", "Task failed (exit code 143: ended from outside)."],
        "task far/r failed (attempt 1 of 1, exit code 143)",
    ),
    (
        {"far": ["ended"]},
        ["flowc: step `far` was terminated: tidied up", "Task failed (exit code 143: ended from outside)."],
        "task far/r failed (attempt 1 of 1, exit code 143)",
    ),
    (
        {"far": ["image"]},
        [
            "flowc: step `far` was lost: Task failed to start: CannotPullContainerError: not found",
            "Task failed (exit code 70: the image, the datastore, the code or an input is missing).",
        ],
        "task far/r failed (attempt 1 of 1, exit code 70)",
    ),
    (
        {"far": ["oom"]},
        [
            f"flowc: step `far` was killed for its memory: OutOfMemoryError: Container killed due to memory usage {ASKS}",
            "Task failed (exit code 1).",
        ],
        "task far/r failed (attempt 1 of 1, exit code 1)",
    ),
    (
        {"getlogevents": ["denied"]},
        [
            "flowc: its output is shown at its end: these AWS credentials may not do logs:GetLogEvents in us-east-1: User ann is not authorized; ask whoever manages the account for that permission",
            "one",
            "é",
        ],
        "done",
    ),
    (
        {"submitjob": ["denied"]},
        [],
        "these AWS credentials may not do batch:SubmitJob in us-east-1: User ann is not authorized; ask whoever manages the account for that permission",
    ),
    (
        {"describejobqueues": ["expired"]},
        None,
        "the AWS credentials have expired (batch:DescribeJobQueues: The security token included in the request is expired); log in again (`aws sso login`, or new keys), and look at `aws sts get-caller-identity`",
    ),
]  # fmt: skip


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_SECONDS", 0.05)
    monkeypatch.setattr(logs, "_SECONDS", 0.05)
    monkeypatch.setattr(logs, "_LATE_SECONDS", 0.05)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


def settings(queue: str = "team") -> Settings:
    return Settings(stepfunctions=StepFunctionsSettings(job_queue=queue, job_role=ROLE))


@pytest.mark.parametrize(("moves", "wanted", "ended"), RUNS, ids=lambda value: str(value)[:40])
def test_runs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moves: dict[str, list[str]],
    wanted: list[str] | None,
    ended: str,
) -> None:
    with serve(tmp_path, **moves) as (queue, variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        sent = send(tmp_path, FLOW.format(decorators="", cpu=1), settings())
        expected = [] if wanted is None else [HERE, *(f"[f-1/far/r (job job-0)] {line}" for line in wanted)]
        if "submitjob" in moves and not wanted:
            expected = [HERE]
        assert [re.sub(r"pid \d+", "pid", line) for line in sent.lines] == expected
        assert sent.ended == ended
        assert all(job["status"] in ("SUCCEEDED", "FAILED") for job in queue.jobs.values())


# The queue, the cores that the step asks for, and why no job is submitted.
REFUSED = [
    ("other", 1, "there is no job queue `other` in us-east-1; `aws batch describe-job-queues` lists them"),
    (
        "team",
        32,
        "no compute environment of the job queue `team` can run the step `far`: `small` has at most 8 vCPUs, and the step asks for 32",
    ),
]


@pytest.mark.parametrize(("name", "cpu", "message"), REFUSED)
def test_what_a_queue_cannot_run_is_said_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, cpu: int, message: str
) -> None:
    with serve(tmp_path) as (queue, variables):
        for variable, value in variables.items():
            monkeypatch.setenv(variable, value)
        assert send(tmp_path, FLOW.format(decorators="", cpu=cpu), settings(name)) == ([], message)
        assert "submitjob" not in queue.calls


def test_a_definition_is_registered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    retried = FLOW.format(decorators="@retry(times=1, minutes_between_retries=0)", cpu=1)
    with serve(tmp_path, far=["lost"]) as (queue, variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert send(tmp_path, retried, settings()).ended == "done"
        assert send(tmp_path, retried, settings(), "f-2").ended == "done"
        assert queue.calls.count("registerjobdefinition") == 1
        assert queue.calls.count("submitjob") == 3
