"""Step Functions and Batch on this machine (`engines/stepfunctions`), named by environment variables.

    FLOWC_TEST_STEPFUNCTIONS    the engine's address; without it the tests are skipped
    FLOWC_TEST_IMAGE            an image with Python and boto3, where jobs are containers [flowc.local/task:2]
    FLOWC_TEST_JOBS             docker or process: what a job is [docker]
    FLOWC_TEST_JOB_LOG          the file in which the engine tells of each attempt of a job

and the datastore of `observed`.

Invariant: the engine gets nothing but the compiled bundle, by `flowc deploy`, and an execution's input.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import uuid
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc.manifest.digest import sha256_hex
from tests.conformance import observed
from tests.conformance.observed import DATASTORE, ENDPOINT, most_at_once

if TYPE_CHECKING:
    from collections.abc import Mapping

ADDRESS = os.environ.get("FLOWC_TEST_STEPFUNCTIONS", "")
IMAGE = os.environ.get("FLOWC_TEST_IMAGE", "flowc.local/task:2")
JOBS = os.environ.get("FLOWC_TEST_JOBS", "docker")
JOB_LOG = os.environ.get("FLOWC_TEST_JOB_LOG", "")
ACCOUNT = "123456789012"
QUEUE = f"flowc-test-{os.getpid()}"  # tests that run side by side have their own


class Ended(NamedTuple):
    """An execution that has ended: its run id in the datastore, and the error's name and cause, if it failed."""

    run_id: str
    status: str
    error: str
    cause: str

    def jobs(self) -> list[dict[str, Any]]:
        """The attempts of its jobs: FLOWC_STEP, FLOWC_PATH, begun, ended, exit, reason, printed."""
        lines = map(json.loads, Path(JOB_LOG).read_text().splitlines())
        return [line for line in lines if line["FLOWC_RUN_ID"] == self.run_id]

    def failures(self) -> str:
        """What went wrong, in the engine's words and its jobs'."""
        bad = [f"{job['FLOWC_STEP']} {job['exit']} {job['printed']}" for job in self.jobs() if job["exit"]]
        return "\n".join([f"{self.status} {self.error}: {self.cause}", *bad])

    def most_containers(self) -> int:
        """The most containers of the run at one moment."""
        return most_at_once([(job["begun"], job["ended"]) for job in self.jobs()])


def service(name: str) -> Any:  # noqa: ANN401 - boto3 makes its clients when it runs
    """A client of the engine, or of the S3 server."""
    boto3: Any = import_module("boto3")
    address = ENDPOINT or None if name == "s3" else ADDRESS
    return boto3.client(name, endpoint_url=address, region_name="us-east-1")


def compile_flow(flow: Path, output: Path, *options: str) -> None:
    """Compile a flow for the engine into a bundle."""
    given = []
    settings = ("--image", IMAGE), ("--datastore", DATASTORE), ("--set", f"stepfunctions.job_queue={QUEUE}")
    for option, value in settings:
        given += [] if f"no{option}" in options else [option, value]
    rest = [option for option in options if not option.startswith("no--")]
    # Each deployment has a name of its own, so that tests can run side by side.
    given += (
        []
        if "--name" in options
        else ["--name", f"{flow.stem[:20]}-{uuid.uuid4().hex[:8]}".replace("_", "-")]
    )
    words = ["compile", str(flow), "--target", "stepfunctions", "-q", "-o", str(output), *given, *rest]
    subprocess.run([sys.executable, "-m", "flowc", *words], check=True)


def queue() -> str:
    """The ARN of the job queue, which the first call makes."""
    batch = service("batch")
    known = batch.describe_job_queues(jobQueues=[QUEUE])["jobQueues"]
    if known:
        return str(known[0]["jobQueueArn"])
    role = service("iam").create_role(RoleName=QUEUE, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    batch.create_compute_environment(
        computeEnvironmentName=QUEUE, type="UNMANAGED", state="ENABLED", serviceRole=role
    )
    order = [{"order": 1, "computeEnvironment": QUEUE}]
    made = batch.create_job_queue(
        jobQueueName=QUEUE, state="ENABLED", priority=1, computeEnvironmentOrder=order
    )
    return str(made["jobQueueArn"])


def deploy(bundle: Path, image: str = IMAGE) -> str:
    """Deploy a bundle by `flowc deploy`; the state machine's ARN. What it said is in `deployed.log` beside it."""
    queue()
    place = ("--image", image, "--datastore", DATASTORE, "--job-queue", QUEUE)
    done = flowc("deploy", str(bundle), *place)
    (bundle.parent / "deployed.log").write_text(done.stdout + done.stderr)
    assert done.returncode == 0, done.stderr
    template = json.loads((bundle / "template.json").read_text())
    name = template["Resources"]["StateMachine"]["Properties"]["StateMachineName"]
    return f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{name}"


def flowc(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command of flowc's against the engine, with other variables than the owner's where they are given."""
    surroundings = {**os.environ, "AWS_ENDPOINT_URL": ADDRESS, "AWS_ENDPOINT_URL_S3": ENDPOINT, **variables}
    given = [sys.executable, "-m", "flowc", *words]
    return subprocess.run(given, check=False, capture_output=True, text=True, env=surroundings)


def rewrite(bundle: Path, before: str, after: str) -> None:
    """Change a text of a bundle's state machine, and the digest by which the template knows it."""
    (definition,) = bundle.glob("*.asl.json")
    text = definition.read_text()
    assert before in text
    changed = text.replace(before, after)
    definition.write_text(changed)
    template = bundle / "template.json"
    was, now = (sha256_hex(content.encode()) for content in (text, changed))
    template.write_text(template.read_text().replace(was, now))


def start(machine: str, given: Mapping[str, Any] | None = None) -> str:
    """Start an execution; its ARN."""
    made = service("stepfunctions").start_execution(
        stateMachineArn=machine, name=uuid.uuid4().hex, input=json.dumps(given or {})
    )
    return str(made["executionArn"])


def run_id(execution: str) -> str:
    """What the run of an execution is called in the datastore."""
    return "sfn-" + execution.rpartition(":")[2]


def wait(execution: str, seconds: float = 600) -> Ended:
    """Wait for an execution's end."""
    client = service("stepfunctions")
    deadline = time.monotonic() + seconds
    while True:
        found = client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            words = found.get("error", ""), found.get("cause", "")
            return Ended(run_id(execution), found["status"], *words)
        assert time.monotonic() < deadline, f"{execution} still runs after {seconds} s"
        time.sleep(0.5)


def running_job(execution: str, step: str, path: str = "r", seconds: float = 120) -> str:
    """The id of a task's job, once its container runs."""
    deadline = time.monotonic() + seconds
    wanted = {"FLOWC_RUN_ID": run_id(execution), "FLOWC_STEP": step, "FLOWC_PATH": path}
    batch = service("batch")
    while time.monotonic() < deadline:
        listed = batch.list_jobs(jobQueue=QUEUE, jobStatus="RUNNING")["jobSummaryList"]
        for job in batch.describe_jobs(jobs=[job["jobId"] for job in listed])["jobs"] if listed else ():
            variables = {entry["name"]: entry["value"] for entry in job["container"]["environment"]}
            if wanted.items() <= variables.items():
                return str(job["jobId"])
        time.sleep(0.5)
    raise AssertionError(f"no job of {step}/{path} ran within {seconds} s")


def terminate(job: str) -> None:
    """End a job as somebody with the rights would."""
    service("batch").terminate_job(jobId=job, reason="somebody ended it")


def kill_container(job: str, seconds: float = 120) -> None:
    """Kill the container of a job from outside, once there is one."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        names = _docker("ps", "--filter", f"name={job}", "--format", "{{.Names}}").split()
        if names:
            _docker("kill", *names)
            return
        time.sleep(0.5)
    raise AssertionError(f"the job {job} has no container after {seconds} s")


def _docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=False, capture_output=True, text=True).stdout


class Bench(observed.Bench):
    """One test's folder: compiles, runs on the engine, runs here."""

    def start(self, flow: Path, given: Mapping[str, Any] | None = None, *options: str) -> str:
        """Compile, deploy and start; the execution's ARN."""
        compile_flow(flow, self.folder / "bundle", *options)
        return start(deploy(self.folder / "bundle"), given)

    def run(
        self, flow: Path, given: Mapping[str, Any] | None = None, *options: str, seconds: float = 600
    ) -> Ended:
        """Run a flow on the engine to its end."""
        return wait(self.start(flow, given, *options), seconds)

    def certified_peak(self) -> int:
        """The most tasks at once that the compiler says the run can have."""
        (definition,) = (self.folder / "bundle").glob("*.asl.json")
        said = re.search(r"peak ([\d,]+) tasks", json.loads(definition.read_text())["Comment"])
        assert said is not None
        return int(said[1].replace(",", ""))
