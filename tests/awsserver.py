"""An AWS account on this machine: moto's server, taught what of CloudFormation flowc's templates need.

moto wants a RetryStrategy in every job definition, and knows a state machine's definition only where it
stands in the template; here it is read from S3, as AWS does it. Executions do not run: they are RUNNING
until they are stopped, and `history` gives one the events it would have.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-west-1"
QUEUE = f"arn:aws:batch:{REGION}:123456789012:job-queue/flows"
BUCKET = "data"
_LOCATION: Any = {"LocationConstraint": REGION}


@contextmanager
def aws(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account with a bucket and a job queue, to which the variables of `patch` lead boto3."""
    server = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    running = server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        for name, value in (
            ("AWS_ENDPOINT_URL", f"http://{host}:{port}"),
            ("AWS_ACCESS_KEY_ID", "tester"),
            ("AWS_SECRET_ACCESS_KEY", "tester-secret"),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ):
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=_LOCATION)
        _make_queue()
        _teach(patch)
        yield
    finally:
        running.stop()


def _make_queue() -> None:
    role = boto3.client("iam").create_role(RoleName="batch", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    batch = boto3.client("batch")
    made = batch.create_compute_environment(
        computeEnvironmentName="machines", type="UNMANAGED", state="ENABLED", serviceRole=role
    )
    order: Any = [{"order": 1, "computeEnvironment": made["computeEnvironmentArn"]}]
    batch.create_job_queue(jobQueueName="flows", state="ENABLED", priority=1, computeEnvironmentOrder=order)


def _teach(patch: pytest.MonkeyPatch) -> None:
    from moto.batch.models import JobDefinition
    from moto.stepfunctions.models import StateMachine

    kinds: tuple[Any, Any] = (JobDefinition, StateMachine)
    make_job, make_machine = (kind.create_from_cloudformation_json.__func__ for kind in kinds)

    def job(cls: type[Any], /, name: str, content: dict[str, Any], *rest: object, **others: object) -> object:
        content["Properties"].setdefault("RetryStrategy", {"Attempts": 1})
        return make_job(cls, name, content, *rest, **others)

    def machine(
        cls: type[Any], /, name: str, content: dict[str, Any], *rest: object, **others: object
    ) -> object:
        place = content["Properties"]["DefinitionS3Location"]
        stored = boto3.client("s3").get_object(Bucket=place["Bucket"], Key=place["Key"])
        content["Properties"]["DefinitionString"] = stored["Body"].read().decode()
        return make_machine(cls, name, content, *rest, **others)

    patch.setattr(JobDefinition, "create_from_cloudformation_json", classmethod(job))
    patch.setattr(StateMachine, "create_from_cloudformation_json", classmethod(machine))
