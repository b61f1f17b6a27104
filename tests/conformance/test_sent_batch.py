"""Tasks that a run on this machine sends to the Batch engine: the same results as here, and every end by its name.

Skipped where no engine is given (see `stepfunctions`).
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance import argo, observed, stepfunctions
from tests.conformance.between import EXPIRED, between
from tests.conformance.cases import EXAMPLES
from tests.conformance.observed import assert_same, flow_name
from tests.conformance.sent import (
    BIG_SUM,
    FIRST,
    NUMPY_IMAGE,
    PLACE,
    RETRIED,
    SLEEPS,
    big_sum,
    pods_of,
    printed,
    resumed,
    started,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not stepfunctions.ADDRESS, reason="FLOWC_TEST_STEPFUNCTIONS names no engine"),
]
containers_only = pytest.mark.skipif(stepfunctions.JOBS != "docker", reason="jobs are no containers")

ROLE = "arn:aws:iam::123456789012:role/flows"
SETTINGS = (
    *PLACE,
    *("--job-queue", stepfunctions.QUEUE, "--set", f"stepfunctions.job_role={ROLE}"),
    *("--set", f"argo.namespace={argo.NAMESPACE}"),
)
FAR = "@batch(memory=300)"


@pytest.fixture(autouse=True)
def _to_the_queue(sending: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - for what it does
    monkeypatch.setenv("AWS_ENDPOINT_URL", stepfunctions.ADDRESS)
    stepfunctions.queue()


def statuses(run_id: str) -> dict[str, str]:
    """How each job of a run is, by its id."""
    batch = stepfunctions.service("batch")
    found: dict[str, str] = {}
    for status in ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"):
        listed = batch.list_jobs(jobQueue=stepfunctions.QUEUE, jobStatus=status)["jobSummaryList"]
        found |= {job["jobId"]: job["status"] for job in listed if job["jobName"].startswith(run_id)}
    return found


def job_of(line: str, folder: Path) -> str:
    """The id of the job that printed a line."""
    found = re.search(rf"\(job (\S+)\)\] {line}", printed(folder))
    assert found, printed(folder)
    return found[1]


def assert_ended(run_id: str) -> None:
    """No job of a run is left to run."""
    assert set(statuses(run_id).values()) <= {"SUCCEEDED", "FAILED"}


@pytest.mark.parametrize("name", ["branch_in_foreach.py", "loop.py", "catch_failure.py"])
def test_the_same_tasks_as_here(tmp_path: Path, name: str) -> None:
    file = EXAMPLES / name
    run_id, code = observed.flowc(tmp_path, "run", str(file), *SETTINGS, "--with", "batch:memory=300")
    assert code == 0, printed(tmp_path)
    sent = observed.finished_tasks(observed.store_of(observed.DATASTORE), flow_name(file), run_id)
    here, _ = observed.run_locally(file, tmp_path, {})
    local = observed.finished_tasks(observed.store_of(f"file://{tmp_path}/store"), flow_name(file), here)
    assert_same(sent, local)
    assert len(statuses(run_id)) >= len(sent)
    assert_ended(run_id)


@containers_only
@pytest.mark.parametrize("name", BIG_SUM)
def test_the_page_s_program(tmp_path: Path, name: str) -> None:
    flow = big_sum(tmp_path, name)
    _, code = observed.flowc(
        tmp_path, "run", str(flow), *SETTINGS, "--image", NUMPY_IMAGE, "--with", "batch", "--size", "1000"
    )
    assert code == 0, printed(tmp_path)
    assert re.search(r"\(job \S+\)\] The sum is (49|50)\d{4}\.\d{6}\.\n", printed(tmp_path))


@pytest.mark.skipif(not argo.KUBECONFIG, reason="FLOWC_TEST_KUBECONFIG names no cluster")
def test_steps_on_batch_on_kubernetes_and_here_in_one_run_that_resumes(tmp_path: Path) -> None:
    body = 'print("far")\n        import os\n        if self.input == 3 and {}: raise ValueError("not yet")'
    join = "@kubernetes(memory=300, cpu=0.05)"
    flow = written(tmp_path, decorators=FAR, body=body.format(True), join=join)
    run_id, code = observed.flowc(tmp_path, "run", str(flow), *SETTINGS, "--max-workers", "1")
    assert code == 1, printed(tmp_path)
    assert len(re.findall(r"/far/r\.\d \(job \S+\)\] far", printed(tmp_path))) == 3
    assert "3 of 6 tasks are kept" in printed(tmp_path)
    flow = written(tmp_path, decorators=FAR, body=body.format(False), join=join)
    assert resumed(tmp_path, flow, *SETTINGS) == 0, printed(tmp_path)
    assert len(re.findall(r"/far/r\.2 \(job \S+\)\] far", printed(tmp_path))) == 1
    assert re.search(r"/end/r \(pid \d+\)\] total 60", printed(tmp_path))
    again = (tmp_path / "run-id").read_text()
    assert (len(statuses(run_id)), len(statuses(again))) == (3, 1)
    assert pods_of(again) == []


# --------------------------------------------------------------------------- what goes wrong
EATS = "held = bytearray(900_000_000); held[::4096] = b'1' * len(held[::4096])"
FAULTS = [
    (EATS, (), "was killed for its memory: OutOfMemoryError: Container killed due to memory usage"),
    ("pass", ("--image", "flowc.local/nosuch:1"), "Task failed to start: CannotPullContainerError"),
]


@containers_only
@pytest.mark.parametrize(("body", "options", "message"), FAULTS, ids=["memory", "image"])
def test_what_goes_wrong_is_said(tmp_path: Path, body: str, options: tuple[str, ...], message: str) -> None:
    flow = written(tmp_path, decorators=FAR, body=body)
    run_id, code = observed.flowc(tmp_path, "run", str(flow), *SETTINGS, *options)
    assert code == 1
    assert message in printed(tmp_path)
    assert_ended(run_id)


def test_a_job_that_somebody_terminates_is_an_attempt_that_failed(tmp_path: Path) -> None:
    # That a line arrives while the job sleeps is that its log is followed.
    flow = written(tmp_path, decorators=f"{RETRIED}\n    {FAR}", body=FIRST + SLEEPS)
    running = started(tmp_path, flow, "sleeping", *SETTINGS)
    job = job_of("sleeping", tmp_path)
    stepfunctions.service("batch").terminate_job(jobId=job, reason="tidied up by ops")
    assert running.wait(240) == 0, printed(tmp_path)
    assert "was terminated: tidied up by ops" in printed(tmp_path)
    assert "total 60" in printed(tmp_path)


def test_ctrl_c_terminates_the_jobs(tmp_path: Path) -> None:
    running = started(tmp_path, written(tmp_path, decorators=FAR, body=SLEEPS), "sleeping", *SETTINGS)
    running.send_signal(signal.SIGINT)
    assert running.wait(120) == 130, printed(tmp_path)
    run_id = (tmp_path / "run-id").read_text()
    assert_ended(run_id)
    if stepfunctions.JOBS == "docker":
        words = ["docker", "ps", "--quiet", "--filter", f"name={run_id}"]
        assert subprocess.run(words, check=True, capture_output=True).stdout == b""


def test_credentials_that_expire_end_the_run_and_what_is_done_is_kept(tmp_path: Path) -> None:
    body = 'import time; print("sleeping", flush=True); time.sleep(10)'
    flow = written(tmp_path, decorators=FAR, body=body)
    with between(stepfunctions.ADDRESS) as proxy:
        variables = {"AWS_ENDPOINT_URL": proxy.address}
        running = started(tmp_path, flow, "sleeping", *SETTINGS, "--max-workers", "1", **variables)
        proxy.refusal = EXPIRED
        proxy.cut()
        assert running.wait(120) == 2, printed(tmp_path)
        assert "the AWS credentials have expired" in printed(tmp_path)
        assert "its job may still run" in printed(tmp_path)
        begun = started(tmp_path, flow, "expired", *SETTINGS, **variables)
        assert begun.wait(120) == 2, printed(tmp_path)
        assert "resume with" not in printed(tmp_path)


# --------------------------------------------------------------------------- what no machine can run
def environment(name: str, **machines: Any) -> None:  # noqa: ANN401 - as boto3 takes them
    """A queue with one compute environment of AWS's own machines, both of this name."""
    ec2, batch = stepfunctions.service("ec2"), stepfunctions.service("batch")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    role = f"{name}-role"
    iam = stepfunctions.service("iam")
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.create_instance_profile(InstanceProfileName=role)
    profile = iam.get_instance_profile(InstanceProfileName=role)["InstanceProfile"]["Arn"]
    own = {"type": "EC2", "minvCpus": 0, "maxvCpus": 64, "subnets": [subnet], "securityGroupIds": [group]}
    batch.create_compute_environment(
        computeEnvironmentName=name,
        type="MANAGED",
        state="ENABLED",
        serviceRole=arn,
        computeResources={**own, "instanceRole": profile, **machines},
    )
    order = [{"order": 1, "computeEnvironment": name}]
    batch.create_job_queue(jobQueueName=name, state="ENABLED", priority=1, computeEnvironmentOrder=order)


TOO_LARGE = [
    (["m5.large", "c5.xlarge"], "memory=60000", "have at most 8,192 MiB, and the step asks for 60,000"),
    (["c5"], "memory=600000", "have at most 196,608 MiB, and the step asks for 600,000"),
    (["m5", "r5.large"], "gpu=1", "have no GPU, and the step asks for 1"),
    (["optimal"], "gpu=1", "have no GPU, and the step asks for 1"),
    (["g4dn.xlarge"], "gpu=4", "have at most 1 GPU, and the step asks for 4"),
    (["c5.large"], "cpu=16", "have at most 2 vCPUs, and the step asks for 16"),
    (["m5"], "cpu=80", "has at most 64 vCPUs, and the step asks for 80"),
]


@pytest.mark.parametrize(("types", "asked", "message"), TOO_LARGE)
def test_what_no_machine_of_the_queue_can_run_is_said_before(
    tmp_path: Path, types: list[str], asked: str, message: str
) -> None:
    name = f"small-{time.time_ns()}"
    environment(name, instanceTypes=types)
    flow = written(tmp_path, decorators=f"@batch({asked})")
    run_id, code = observed.flowc(tmp_path, "run", str(flow), *SETTINGS, "--job-queue", name)
    assert code == 2, printed(tmp_path)
    assert f"no compute environment of the job queue `{name}` can run the step `far`" in printed(tmp_path)
    assert message in printed(tmp_path)
    assert statuses(run_id) == {}
